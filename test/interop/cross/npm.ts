/** The npm package `thrift` as a peer, in this process. Its maps are objects, its sets arrays, its i64 objects of bytes. */

import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { resolveType, type StructDescriptor, type Type } from "../../../src/schema/descriptor.js";
import { exceptionClass } from "../../../src/schema/exception.js";
import { codeFolder, generateCode } from "../../support/thrift-code.js";
import type { Answer, Peer, Question } from "./peer.js";

const require = createRequire(import.meta.url);

/** What is used of the package, which has no types of its own. */
const thrift = require("thrift") as {
  TFramedTransport: new (bytes: Buffer) => Transport;
  TBufferedTransport: new (unused: undefined, written: (bytes: Buffer) => void) => Transport;
  TBinaryProtocol: new (transport: Transport) => Protocol;
  TCompactProtocol: new (transport: Transport) => Protocol;
  TJSONProtocol: new (transport: Transport) => Protocol;
};

interface Transport {
  flush(): void;
  /** Where it stands in the bytes given to the constructor of the framed one, and where they end. */
  borrow(): { readIndex: number; writeIndex: number };
}

interface Protocol {
  readMessageBegin(): unknown;
  readMessageEnd(): void;
  writeMessageBegin(name: string, type: number, sequenceId: number): void;
  writeMessageEnd(): void;
}

interface GeneratedStruct {
  read(input: Protocol): void;
  write(output: Protocol): void;
}

type Generated = Record<string, new () => GeneratedStruct>;

export function npmPeer(): Peer {
  const folder = codeFolder("npm");
  const generated = new Map<string, Generated>();

  const answer = ({ from, type, dialect, bytes }: Question): Answer => {
    try {
      const value = new (generated.get(from.name)![type.name])();
      dialects[dialect as keyof typeof dialects].read(Buffer.from(bytes), value);
      return { value: readBack(type, value), bytes: dialects[dialect as keyof typeof dialects].write(value) };
    } catch (error) {
      return { error: String(error) };
    }
  };

  return {
    name: "npm",
    dialects: { binary: ["binary"], compact: ["compact"], tjson: ["tjson"] },

    add({ name, idl }) {
      generateCode("npm", folder, name, idl);
      generated.set(name, require(join(folder, `${name}_types.js`)) as Generated);
    },

    ask: (questions) => Promise.resolve(questions.map(answer)),

    close() {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

interface Dialect {
  read(bytes: Buffer, into: GeneratedStruct): void;
  write(value: GeneratedStruct): Uint8Array;
}

function plainDialect(PlainProtocol: new (transport: Transport) => Protocol): Dialect {
  return {
    read(bytes, into) {
      const transport = new thrift.TFramedTransport(bytes);
      into.read(new PlainProtocol(transport));
      const { readIndex, writeIndex } = transport.borrow();
      if (readIndex !== writeIndex) throw new Error("bytes are left");
    },
    write: (value) => written((transport) => value.write(new PlainProtocol(transport))),
  };
}

/** The reader of JSON takes whole messages only. */
const MESSAGE_HEAD = '[1,"m",1,0,';

const dialects = {
  binary: plainDialect(thrift.TBinaryProtocol),
  compact: plainDialect(thrift.TCompactProtocol),
  tjson: {
    read(bytes, into) {
      const whole = Buffer.concat([Buffer.from(MESSAGE_HEAD), bytes, Buffer.from("]")]);
      const protocol = new thrift.TJSONProtocol(new thrift.TFramedTransport(whole));
      protocol.readMessageBegin();
      into.read(protocol);
      protocol.readMessageEnd();
    },
    write: (value) => {
      const whole = written((transport) => {
        const protocol = new thrift.TJSONProtocol(transport);
        protocol.writeMessageBegin("m", 1, 0);
        value.write(protocol);
        protocol.writeMessageEnd();
      });
      return whole.subarray(MESSAGE_HEAD.length, -1);
    },
  },
} satisfies Record<string, Dialect>;

function written(write: (transport: Transport) => void): Buffer {
  let bytes!: Buffer;
  const transport = new thrift.TBufferedTransport(undefined, (given) => (bytes = given));
  write(transport);
  transport.flush();
  return bytes;
}

/** A value of generated code in the form that scrimp decodes to. */
function readBack(declared: Type, value: any): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "i64":
      return (value.buffer as Buffer).readBigInt64BE(value.offset as number);
    case "binary":
      // The default of the IDL is text in generated code, which is written as Latin-1.
      return Uint8Array.from(typeof value === "string" ? Buffer.from(value, "latin1") : (value as Buffer));
    case "list":
      return (value as unknown[]).map((item) => readBack(type.element, item));
    case "set":
      return new Set((value as unknown[]).map((item) => readBack(type.element, item)));
    case "map":
      return new Map(
        Object.entries(value as object).map(([key, item]) => [readKey(type.key, key), readBack(type.value, item)]),
      );
    case "struct":
      return readStruct(type, value as Record<string, unknown>);
    default:
      return value;
  }
}

function readStruct(type: StructDescriptor, value: Record<string, unknown>): unknown {
  const fields = Object.fromEntries(
    type.fields.map(({ name, type: fieldType }) => [
      name,
      value[name] === null ? undefined : readBack(fieldType, value[name]),
    ]),
  );
  return type.variant === "exception" ? Object.assign(new (exceptionClass(type))(), fields) : fields;
}

/** The name of a property, which is all that is left of a key. */
function readKey(declared: Type, key: string): unknown {
  const { kind } = resolveType(declared);
  switch (kind) {
    case "string":
      return key;
    case "bool":
      return key === "true";
    case "i8":
    case "i16":
    case "i32":
    case "enum":
    case "double":
      return Number(key);
    default:
      throw new Error(`a key of type ${kind} cannot be told from its name`);
  }
}
