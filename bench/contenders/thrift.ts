/** npm `thrift` with the code that the `thrift` compiler makes for it. */

import { execFileSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import thrift, { type Int64, type TBinaryProtocol } from "thrift";

import { cacheFolder } from "../harness/cache.js";
import { hasStructKeys, read, spell } from "../workload/shape.js";
import { type Family, idlOf } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";

const require = createRequire(import.meta.url);

const COMPILER = "thrift";

/** Code of Debian's compiler needs `es6`: without it, it uses `thrift.Q`, which 0.24 has not. */
const LANGUAGE = "js:node,es6";

const compiler = compilerVersion();

export const contender: Contender = {
  title: "thrift",
  note:
    `i64 as Int64, made outside the timing; npm thrift with --gen ${LANGUAGE} ` +
    (compiler ? `by compiler ${compiler}` : "made earlier by compiler 0.17.0 (none on PATH)"),
  prepare(workload) {
    if (hasStructKeys(workload.shape)) return { absent: "its maps are objects: struct keys become '[object Object]'" };
    const types = generatedTypes(workload.family);
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
        message.write(new thrift.TBinaryProtocol(transport));
        transport.flush();
        return bytes;
      },
      decode: (bytes) => {
        const message = new Message();
        message.read(new thrift.TBinaryProtocol(new thrift.TFramedTransport(bytes)));
        return message;
      },
      readBack: (shape, decoded) => read(shape, decoded, { i64: readInt64 }),
    });
  },
};

interface GeneratedStruct {
  read(input: TBinaryProtocol): void;
  write(output: TBinaryProtocol): void;
}

type GeneratedTypes = Record<string, new (fields?: object) => GeneratedStruct>;

/** Made afresh where there is a compiler; what is committed under `generated/` was made with the same command. */
function generatedTypes(family: Family): GeneratedTypes {
  if (!compiler) return require(`../generated/apache/${family}_types.cjs`) as GeneratedTypes;
  const folder = cacheFolder(`thrift-${process.pid}`);
  execFileSync(COMPILER, ["--gen", LANGUAGE, "-out", folder, fileURLToPath(idlOf(family, "thrift"))], {
    stdio: "ignore",
  });
  renameSync(`${folder}${family}_types.js`, `${folder}${family}_types.cjs`);
  const types = require(`${folder}${family}_types.cjs`) as GeneratedTypes;
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
