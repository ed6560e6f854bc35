/** What the cross test asks of a peer, whatever language it is written in. */

import type { StructDescriptor } from "../../../src/schema/descriptor.js";
import { PROTOCOLS as ALL_PROTOCOLS, type ProtocolName } from "../../../src/protocol/protocols.js";
import { parseSchema } from "../../../src/schema/parse.js";
import type { Schema } from "../../../src/schema/schema.js";

export const PROTOCOLS = Object.keys(ALL_PROTOCOLS) as ProtocolName[];

/** An IDL file that both sides work from. */
export interface SharedSchema {
  /** The file's name without extension, which is the name of what is generated from it. */
  name: string;
  idl: string;
  schema: Schema;
}

/** One message for the peer to read and to write again. */
export interface Question {
  from: SharedSchema;
  type: StructDescriptor;
  /** The protocol as this peer calls it: one of its dialects. */
  dialect: string;
  bytes: Uint8Array;
}

/** What the peer made of it: the value that it read, in the form that scrimp decodes to, and the bytes that it wrote. */
export type Answer = { value: unknown; bytes: Uint8Array } | { error: string };

export type PeerName = "python" | "npm";

export interface Peer {
  readonly name: PeerName;
  /** The ways in which the peer implements each protocol. */
  readonly dialects: Readonly<Record<string, readonly string[]>>;
  /** Generates code for a schema. */
  add(shared: SharedSchema): void;
  /** One answer for each question, in order. */
  ask(questions: readonly Question[]): Promise<Answer[]>;
  close(): Promise<void>;
}

export function shareSchema(name: string, idl: string): SharedSchema {
  return { name, idl, schema: parseSchema({ [`${name}.thrift`]: idl }) };
}
