/** Ways from bytes to bytes: scrimp's transcoders, and through objects. */

import type * as Scrimp from "../../src/index.js";
import { thriftContender } from "../contenders/thrift.js";
import { workloads } from "../workload/workload.js";
import type { TranscodeMessage } from "./messages.js";

export interface Way {
  readonly label: string;
  readonly run: (bytes: Buffer) => unknown;
  readonly input: Buffer;
}

export const OPERATIONS = ["to-json", "from-json", "to-compact", "validate", "get"] as const;

export type Operation = (typeof OPERATIONS)[number];

const BACKENDS = ["native", "source", "interpreter"] as const;
/** Those of them that find values each in its own way. */
const FINDERS = ["native", "interpreter"] as const;

/** All ways that can run; the first through objects is the one that ratios refer to. */
export async function waysOf(scrimp: typeof Scrimp, message: TranscodeMessage, operation: Operation): Promise<Way[]> {
  const type = scrimp.parseSchema({ "m.thrift": message.idl }, { entry: "m.thrift" }).struct(message.struct);
  const binary = scrimp.compile(type);
  const json = scrimp.compile(type, { protocol: "json" });
  const input = Buffer.from(binary.encode(message.value));
  const text = Buffer.from(json.encode(message.value));
  const target = Buffer.alloc(4 * (input.length + text.length));
  const transcoders = (options: Scrimp.TranscoderOptions, from: Buffer): Way[] =>
    BACKENDS.flatMap((backend): Way[] => {
      const transcoder = attempt(() => scrimp.transcoder(type, { ...options, backend }));
      if (!transcoder) return [];
      const convert: Way = { label: backend, run: (bytes) => transcoder.convert(bytes), input: from };
      if (backend !== "native") return [convert];
      // Without the new memory that each output takes.
      return [convert, { ...convert, label: "native, into", run: (bytes) => transcoder.convertInto(bytes, target) }];
    });
  switch (operation) {
    case "to-json": {
      const plain = scrimp.compile(type, { int64: "string", maps: "object", sets: "array" });
      const stringify = (bytes: Buffer): Buffer => Buffer.from(JSON.stringify(toPlain(plain.decode(bytes))));
      return [
        ...transcoders({ from: "binary", to: "json" }, input),
        { label: "decode + JSON.stringify + Buffer.from", run: stringify, input },
        { label: "decode + encode as JSON", run: (bytes) => json.encode(binary.decode(bytes)), input },
        ...(await npmThrift(message, input)),
      ];
    }
    case "from-json": {
      const parse = (bytes: Buffer): Uint8Array => binary.encode(withBytes(JSON.parse(bytes.toString())));
      return [
        ...transcoders({ from: "json", to: "binary" }, text),
        { label: "JSON.parse + encode", run: parse, input: text },
        { label: "decode JSON + encode", run: (bytes) => binary.encode(json.decode(bytes)), input: text },
      ];
    }
    case "to-compact": {
      const compact = scrimp.compile(type, { protocol: "compact" });
      return [
        ...transcoders({ from: "binary", to: "compact" }, input),
        { label: "decode + encode", run: (bytes) => compact.encode(binary.decode(bytes)), input },
        { label: "decode + encodeInto", run: (bytes) => compact.encodeInto(binary.decode(bytes), target), input },
      ];
    }
    case "validate":
      return [
        ...BACKENDS.flatMap((backend): Way[] => {
          const raw = attempt(() => scrimp.rawCodec(type, { backend }));
          return raw ? [{ label: backend, run: (bytes) => raw.validate(bytes), input }] : [];
        }),
        { label: "decode", run: (bytes) => binary.decode(bytes), input },
      ];
    case "get":
      return [
        ...FINDERS.flatMap((backend): Way[] => {
          const path = attempt(() => scrimp.rawCodec(type, { backend }).at(message.path));
          return path ? [{ label: `${backend}, ${message.path}`, run: (bytes) => path.get(bytes), input }] : [];
        }),
        { label: "decode", run: (bytes) => binary.decode(bytes), input },
      ];
  }
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What JSON.stringify takes: no Maps, no bytes. */
function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
  if (Array.isArray(value)) return value.map(toPlain);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [String(key), toPlain(item)]));
}

/** The other way round, as far as encoders need it: base64 to bytes. */
function withBytes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withBytes);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name.startsWith("Binary") ? Buffer.from(item as string, "base64") : withBytes(item),
    ]),
  );
}

/** npm `thrift`, whose objects JSON.stringify takes as they are: i64 and binary in forms of their own. */
async function npmThrift({ name }: TranscodeMessage, input: Buffer): Promise<Way[]> {
  const workload = workloads.find((candidate) => candidate.name === name);
  const participation = workload && (await thriftContender("binary").prepare(workload));
  if (!participation || "absent" in participation) return [];
  const { decode } = participation;
  return [{ label: "npm thrift + JSON.stringify", run: (bytes) => Buffer.from(JSON.stringify(decode(bytes))), input }];
}
