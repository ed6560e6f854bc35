/**
 * The JavaScript that Apache's compiler made of TCLIService.thrift, as the package hive-driver ships it, over the npm
 * `thrift` that it brings: values in and out as scrimp spells them.
 */

import { createRequire } from "node:module";
import {
  resolveType,
  type MethodDescriptor,
  type ResolvedType,
  type StructDescriptor,
  type Type,
} from "../../src/schema/descriptor.js";

export const HIVE_IDL = "node_modules/hive-driver/thrift/TCLIService.thrift";
const GENERATED = "hive-driver/thrift/gen-nodejs/TCLIService_types.js";
const GENERATED_SERVICE = "hive-driver/thrift/gen-nodejs/TCLIService.js";

interface Int64 {
  readonly buffer: Buffer;
  readonly offset: number;
}

interface Transport {
  flush: () => void;
}

interface Protocol {
  readMessageBegin: () => { fname: string; mtype: number; rseqid: number };
}

/** What is used of npm `thrift`. */
interface Thrift {
  Int64: new (bytes: Buffer) => Int64;
  TBufferedTransport: new (input: undefined, onFlush: (bytes: Buffer) => void) => Transport;
  TFramedTransport: new (input: Buffer) => Transport;
  TBinaryProtocol: new (transport: Transport) => Protocol;
  TCompactProtocol: new (transport: Transport) => Protocol;
}

interface GeneratedStruct {
  read: (input: Protocol) => void;
  write: (output: Protocol) => void;
}

type Callback = (error: unknown, success?: unknown) => void;

/** The generated client: a method for each of the service, and `recv_` methods that take replies. */
type Client = Record<string, (request: unknown, callback: Callback) => void> &
  Record<`recv_${string}`, (input: Protocol, type: number, seqid: number) => void>;

const require = createRequire(import.meta.url);
const generated = require(GENERATED) as Record<string, new () => GeneratedStruct>;
const { Client } = require(GENERATED_SERVICE) as {
  Client: new (output: Transport, protocol: new (transport: Transport) => Protocol) => Client;
};
// The copy that the generated code itself requires: its version is hive-driver's choice.
const thrift = createRequire(require.resolve(GENERATED))("thrift") as Thrift;

const PROTOCOLS = { binary: thrift.TBinaryProtocol, compact: thrift.TCompactProtocol };

export type PeerProtocol = keyof typeof PROTOCOLS;

/** The bytes that the generated code writes. */
export function encodeByPeer(type: StructDescriptor, value: unknown, protocol: PeerProtocol): Uint8Array {
  let written!: Buffer;
  const transport = new thrift.TBufferedTransport(undefined, (bytes) => (written = bytes));
  (toPeer(type, value) as GeneratedStruct).write(new PROTOCOLS[protocol](transport));
  transport.flush();
  return written;
}

/** What the generated code reads, spelled as scrimp would. */
export function decodeByPeer(type: StructDescriptor, bytes: Uint8Array, protocol: PeerProtocol): unknown {
  const read = new generated[type.name]();
  read.read(new PROTOCOLS[protocol](new thrift.TFramedTransport(Buffer.from(bytes))));
  return fromPeer(type, read);
}

/** Calls through the generated client: the message that it sends, and what a reply to it gives. */
export class PeerCall {
  /** The call as the client writes it. */
  readonly bytes: Uint8Array;
  readonly #client: Client;
  readonly #method: MethodDescriptor;
  readonly #protocol: PeerProtocol;
  #reply: { error: unknown; success: unknown } | undefined;

  constructor(method: MethodDescriptor, request: unknown, protocol: PeerProtocol) {
    let sent!: Buffer;
    const transport = new thrift.TBufferedTransport(undefined, (bytes) => (sent = bytes));
    this.#client = new Client(transport, PROTOCOLS[protocol]);
    this.#method = method;
    this.#protocol = protocol;
    this.#client[method.name](toPeer(method.args.fields[0].type, request), (error, success) => {
      this.#reply = { error, success };
    });
    this.bytes = sent;
  }

  /** Hands a reply to the client. @returns the error, or the result spelled as scrimp would. */
  receive(bytes: Uint8Array): { error: unknown; success: unknown } {
    const input = new PROTOCOLS[this.#protocol](new thrift.TFramedTransport(Buffer.from(bytes)));
    const { fname, mtype, rseqid } = input.readMessageBegin();
    this.#client[`recv_${fname}`](input, mtype, rseqid);
    const { error, success } = this.#reply!;
    return { error, success: success === undefined ? undefined : fromPeer(this.#method.returnType!, success) };
  }
}

/** Properties are assigned, for the generated constructors copy containers and take structs apart. */
function toPeer(declared: Type, value: unknown): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "i64": {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(value as bigint);
      return new thrift.Int64(bytes);
    }
    case "binary":
      return Buffer.from(value as Uint8Array);
    case "list":
      return (value as unknown[]).map((element) => toPeer(type.element, element));
    case "map":
      return Object.fromEntries(
        Array.from(value as Map<string, unknown>, ([key, item]) => [key, toPeer(type.value, item)]),
      );
    case "struct":
      return Object.assign(new generated[type.name](), peerFields(type, value as Record<string, unknown>));
    default:
      return refuseUnused(type, value);
  }
}

function peerFields(type: StructDescriptor, value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    type.fields.map((field) => {
      const item = value[field.name];
      return [field.name, item === undefined ? null : toPeer(field.type, item)];
    }),
  );
}

function fromPeer(declared: Type, value: unknown): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "i64": {
      const { buffer, offset } = value as Int64;
      return buffer.readBigInt64BE(offset);
    }
    case "binary":
      return Uint8Array.from(value as Buffer);
    case "list":
      return (value as unknown[]).map((element) => fromPeer(type.element, element));
    case "map":
      return new Map(Object.entries(value as object).map(([key, item]) => [key, fromPeer(type.value, item)]));
    case "struct":
      return Object.fromEntries(
        type.fields.map((field) => {
          const item = (value as Record<string, unknown>)[field.name];
          return [field.name, item === null ? undefined : fromPeer(field.type, item)];
        }),
      );
    default:
      return refuseUnused(type, value);
  }
}

/** Scalars are the same on both sides; the IDL has no sets. */
function refuseUnused(type: ResolvedType, value: unknown): unknown {
  if (type.kind === "set" || type.kind === "uuid") throw new TypeError(`TCLIService.thrift has no ${type.kind}`);
  return value;
}
