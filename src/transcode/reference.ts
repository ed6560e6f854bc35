/**
 * What a conversion stands for, done in two steps: decoding and encoding. It is the judge of every back end: of what one
 * refuses it says why, so that messages are written once and every way through scrimp fails alike. And it takes the rare
 * input that cannot be done in one step: a field that comes twice, of which the output could not hold the first.
 */

import { compile, type Codec } from "../codec/codec.js";
import type { StructDescriptor } from "../schema/descriptor.js";
import { decoderOptions, encoderOptions, type TranscoderOptions } from "./options.js";

export class Reference {
  readonly #decoder: Codec;
  readonly #encoder: Codec;

  constructor(descriptor: StructDescriptor, options: TranscoderOptions) {
    this.#decoder = compile(descriptor, { ...decoderOptions(options), backend: "closure" });
    this.#encoder = compile(descriptor, { ...encoderOptions(options), backend: "closure" });
  }

  /** @throws DecodeError or EncodeError. */
  convert(bytes: Uint8Array): Uint8Array {
    return this.#encoder.encode(this.#decoder.decode(bytes));
  }
}
