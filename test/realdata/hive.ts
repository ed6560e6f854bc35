/**
 * The JavaScript that Apache's compiler made of TCLIService.thrift, as the package hive-driver ships it, over the npm
 * `thrift` that it brings: values in and out as scrimp spells them.
 */

import { createRequire } from "node:module";
import { resolveType, type ResolvedType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";

export const HIVE_IDL = "node_modules/hive-driver/thrift/TCLIService.thrift";
const GENERATED = "hive-driver/thrift/gen-nodejs/TCLIService_types.js";

interface Int64 {
  readonly buffer: Buffer;
  readonly offset: number;
}

interface Transport {
  flush: () => void;
}

type Protocol = object;

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

const require = createRequire(import.meta.url);
const generated = require(GENERATED) as Record<string, new () => GeneratedStruct>;
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
