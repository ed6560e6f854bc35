/** The arguments or the result of a method: a struct that stands in messages. */

import type { MessageHeader } from "../../protocol/protocol.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import type { StructDescriptor } from "../../schema/descriptor.js";
import { contradiction, type MessageBackend } from "../backend.js";
import { closureMessageBackend } from "../closure/message.js";
import type { ResolvedOptions } from "../options.js";
import { planStruct, type Plan } from "../plan.js";
import { isMute } from "../source/backend.js";
import { sourceMessageBackend } from "../source/message.js";

/** What all messages of a service share. */
export interface MessageSetup {
  readonly protocol: ProtocolName;
  readonly backend: "source" | "closure";
  /** What stands in front of the names of methods in calls. */
  readonly callPrefix: string;
  readonly options: ResolvedOptions;
}

/** Encodes and decodes one struct with its header. Compiled when first used. */
export class BodyCodec {
  readonly #descriptor: StructDescriptor;
  readonly #setup: MessageSetup;
  #plan: Plan | undefined;
  #closure: MessageBackend | undefined;
  #used: MessageBackend | undefined;

  /** @param path what errors call the struct, before the names of its fields. */
  constructor(descriptor: StructDescriptor, path: string, setup: MessageSetup) {
    this.#descriptor = { ...descriptor, name: path };
    this.#setup = setup;
  }

  /** @throws EncodeError */
  encode(value: unknown, header: MessageHeader): Uint8Array {
    const backend = (this.#used ??= this.#make());
    try {
      return backend.encode(value, header);
    } catch (error) {
      return this.#explain(error, (closure) => closure.encode(value, header)) as Uint8Array;
    }
  }

  /** @throws DecodeError */
  decode(bytes: Uint8Array, bodyOffset: number): unknown {
    checkOffset(bodyOffset);
    const backend = (this.#used ??= this.#make());
    try {
      return backend.decode(bytes, bodyOffset);
    } catch (error) {
      return this.#explain(error, (closure) => closure.decode(bytes, bodyOffset));
    }
  }

  warm(): void {
    (this.#used ??= this.#make()).warm();
  }

  #make(): MessageBackend {
    return this.#setup.backend === "closure"
      ? this.#explainer()
      : sourceMessageBackend(this.#planned(), this.#setup.protocol);
  }

  #planned(): Plan {
    return (this.#plan ??= planStruct(this.#descriptor, this.#setup.options));
  }

  #explainer(): MessageBackend {
    return (this.#closure ??= closureMessageBackend(this.#planned(), this.#setup.protocol));
  }

  /** As the codec of a struct does: the closure back end says what the source back end found wrong. */
  #explain(error: unknown, again: (closure: MessageBackend) => unknown): never {
    if (this.#setup.backend === "closure" || !isMute(error)) throw error;
    again(this.#explainer());
    throw contradiction(error);
  }
}

/** @throws RangeError on an offset that would lead out of the message, into other memory. */
export function checkOffset(offset: number): number {
  if (Number.isInteger(offset) && offset >= 0) return offset;
  throw new RangeError("bodyOffset must be an integer that is not negative");
}
