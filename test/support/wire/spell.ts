/** Messages in the bytes of each protocol under test. */

import type { StructDescriptor } from "../../../src/schema/descriptor.js";
import type { CodecProtocol } from "../../../src/codec/options.js";
import type { Random } from "../random-value.js";
import { BinarySpeller } from "./binary.js";
import { CompactSpeller } from "./compact.js";
import { JsonSpeller } from "./json.js";
import type { Struct } from "./node.js";
import type { Speller, Spelling } from "./speller.js";
import { TJsonSpeller } from "./tjson.js";

const SPELLERS: Readonly<
  Record<CodecProtocol, new (style: Random | undefined, descriptor: StructDescriptor) => Speller>
> = {
  binary: BinarySpeller,
  compact: CompactSpeller,
  tjson: TJsonSpeller,
  json: JsonSpeller,
};

/**
 * Writes a message of a struct. Without a style in the form that writers use; with one in any of those that mean the
 * same.
 */
export function spell(
  protocol: CodecProtocol,
  message: Struct,
  descriptor: StructDescriptor,
  style?: Random,
): Spelling {
  return new SPELLERS[protocol](style, descriptor).spell(message);
}
