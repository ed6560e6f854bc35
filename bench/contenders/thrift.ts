/** npm `thrift` with the code that the `thrift` compiler makes for it. */

import { execFileSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import thrift, { type Int64, type TBufferedTransport, type TFramedTransport } from "thrift";

import { cacheFolder } from "../harness/cache.js";
import { hasStructKeys, read, spell } from "../workload/shape.js";
import { type Family, idlOf } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";

const require = createRequire(import.meta.url);

const COMPILER = "thrift";

/** Code of Debian's compiler needs `es6`: without it, it uses `thrift.Q`, which 0.24 has not. */
const LANGUAGE = "js:node,es6";

const compiler = compilerVersion();

const NOTE =
  `i64 as Int64, made outside the timing; npm thrift with --gen ${LANGUAGE} ` +
  (compiler ? `by compiler ${compiler}` : "made earlier by compiler 0.17.0 (none on PATH)");

export type ThriftProtocol = keyof typeof dialects;

export function thriftContender(protocol: ThriftProtocol): Contender {
  const dialect = dialects[protocol];
  const { title, note } = dialect;
  return {
    title,
    note,
    prepare(workload) {
      if (hasStructKeys(workload.shape)) {
        return { absent: "its maps are objects: struct keys become '[object Object]'" };
      }
      const types = generatedTypes(workload.family);
      if (!types) return { absent: "its code for this IDL needs the thrift compiler on PATH" };
      const Message = types[workload.shape.name];
      return prepared<GeneratedStruct>(workload, {
        spelled: (shape, value) =>
          spell(shape, value, {
            i64: (number) => new thrift.Int64(toBuffer(number)),
            binary: (bytes) => Buffer.from(bytes),
            map: (entries) => Object.fromEntries(entries),
            struct: (fields, { name }) => new types[name](fields),
          }),
        encode: (message) => {
          let bytes!: Buffer;
          const transport = new thrift.TBufferedTransport(undefined, (written) => (bytes = written));
          dialect.write(message, transport);
          transport.flush();
          return bytes;
        },
        decode: (bytes) => {
          const message = new Message();
          dialect.read(message, new thrift.TFramedTransport(bytes));
          return message;
        },
        readBack: (shape, decoded) => read(shape, decoded, { i64: readInt64 }),
      });
    },
  };
}

interface Dialect {
  readonly title: string;
  readonly note: string;
  readonly write: (message: GeneratedStruct, transport: TBufferedTransport) => void;
  readonly read: (message: GeneratedStruct, transport: TFramedTransport) => void;
}

const dialects = {
  binary: plainDialect("thrift", thrift.TBinaryProtocol),
  compact: plainDialect("thrift compact", thrift.TCompactProtocol),
  tjson: {
    title: "thrift TJSON",
    note: `${NOTE}; in a message's envelope of 12 bytes, which its reader asks for`,
    write(message, transport) {
      const protocol = new thrift.TJSONProtocol(transport);
      protocol.writeMessageBegin("m", 1, 0);
      message.write(protocol);
      protocol.writeMessageEnd();
    },
    read(message, transport) {
      const protocol = new thrift.TJSONProtocol(transport);
      protocol.readMessageBegin();
      message.read(protocol);
    },
  },
} satisfies Record<string, Dialect>;

function plainDialect(title: string, PlainProtocol: typeof thrift.TBinaryProtocol): Dialect {
  return {
    title,
    note: NOTE,
    write: (message, transport) => message.write(new PlainProtocol(transport)),
    read: (message, transport) => message.read(new PlainProtocol(transport)),
  };
}

interface GeneratedStruct {
  read(input: object): void;
  write(output: object): void;
}

type GeneratedTypes = Record<string, new (fields?: object) => GeneratedStruct>;

/** Made afresh where there is a compiler; what is committed under `generated/` was made with the same command. */
function generatedTypes(family: Family): GeneratedTypes | undefined {
  const idl = fileURLToPath(idlOf(family, "thrift"));
  const file = `${basename(idl, ".thrift")}_types`;
  if (!compiler) {
    const kept = fileURLToPath(new URL(`../generated/apache/${file}.cjs`, import.meta.url));
    return existsSync(kept) ? (require(kept) as GeneratedTypes) : undefined;
  }
  const folder = cacheFolder(`thrift-${process.pid}`);
  execFileSync(COMPILER, ["--gen", LANGUAGE, "-out", folder, idl], { stdio: "ignore" });
  renameSync(`${folder}${file}.js`, `${folder}${file}.cjs`);
  const types = require(`${folder}${file}.cjs`) as GeneratedTypes;
  rmSync(folder, { recursive: true });
  return types;
}

function compilerVersion(): string | undefined {
  try {
    return /[\d.]+/.exec(execFileSync(COMPILER, ["--version"], { encoding: "utf8" }))?.[0];
  } catch {
    return undefined;
  }
}

function toBuffer(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** Map keys are text: the object they were set on has made them so. */
function readInt64(foreign: Int64 | string): bigint {
  return typeof foreign === "string" ? BigInt(foreign) : foreign.buffer.readBigInt64BE(foreign.offset);
}
