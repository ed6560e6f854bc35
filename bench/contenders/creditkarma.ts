/** Credit Karma's generated TypeScript, made and transpiled when the contender is prepared. */

import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  BinaryProtocol,
  BufferedTransport,
  CompactProtocol,
  Int64,
  type IStructCodec,
} from "@creditkarma/thrift-server-core";
import generator from "@creditkarma/thrift-typescript";
import typescript from "typescript";

import { cacheFolder } from "../harness/cache.js";
import { read, spell } from "../workload/shape.js";
import { type Family, readIdl, type Workload } from "../workload/workload.js";
import { type Contender, type Prepared, prepared } from "./contender.js";

const require = createRequire(import.meta.url);

const dialects = {
  binary: { title: "creditkarma", Protocol: BinaryProtocol },
  compact: { title: "creditkarma compact", Protocol: CompactProtocol },
};

export function creditkarmaContender(protocol: keyof typeof dialects): Contender {
  const { title, Protocol } = dialects[protocol];
  return { title, note: "i64 as Int64, made outside the timing", prepare: (workload) => prepare(workload, Protocol) };
}

function prepare(workload: Workload, Protocol: typeof BinaryProtocol | typeof CompactProtocol): Prepared {
  const codec = generatedCodecs(workload.family)[`${workload.shape.name}Codec`];
  return prepared<object>(workload, {
    spelled: (shape, value) =>
      spell(shape, value, {
        i64: (number) => Int64.fromDecimalString(String(number)),
        binary: (bytes) => Buffer.from(bytes),
      }),
    encode: (message) => {
      const transport = new BufferedTransport();
      codec.encode(message, new Protocol(transport));
      return transport.flush();
    },
    decode: (bytes) => codec.decode(new Protocol(BufferedTransport.receiver(bytes))),
    readBack: (shape, decoded) => read(shape, decoded, { i64: (number: Int64) => BigInt(number.toDecimalString()) }),
  });
}

function generatedCodecs(family: Family): Record<string, IStructCodec<object, object>> {
  // Its generator finds definitions in the root namespace only, and the service is of no use here.
  const idl = readIdl(family, "thrift")
    .replace(/^namespace.*$/m, "")
    .replace(/^service[^]*$/m, "");
  const source = `import * as thrift from "@creditkarma/thrift-server-core";\n${generator.make(idl, { target: "thrift-server" })}`;
  const { outputText } = typescript.transpileModule(source, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  const folder = cacheFolder(`creditkarma-${process.pid}`);
  writeFileSync(`${folder}${family}.cjs`, outputText);
  const codecs = require(`${folder}${family}.cjs`) as Record<string, IStructCodec<object, object>>;
  rmSync(folder, { recursive: true });
  return codecs;
}
