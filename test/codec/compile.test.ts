import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { canGenerate } from "../../src/codec/source/unit.js";
import {
  ApplicationError,
  DecodeError,
  EncodeError,
  IdlError,
  SchemaError,
  ThriftError,
  ThriftException,
} from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex, toHex } from "../support/hex.js";

const schema = parseSchema({
  "a.thrift":
    "struct S { 1: i32 x } exception E { 1: string message } struct Holder { 1: S s 2: E e } union U { 1: i32 a }",
});
const S = schema.struct("S");

describe("the choice of a back end", () => {
  it("is source where code may be generated, else closure", () => {
    expect(compile(S).backend).toBe(canGenerate ? "source" : "closure");
  });

  it("can be forced", () => {
    expect(compile(S, { backend: "closure" }).backend).toBe("closure");
    if (canGenerate) expect(compile(S, { backend: "source" }).backend).toBe("source");
    else expect(() => compile(S, { backend: "source" })).toThrow(RangeError);
  });

  it("is closure, and source a RangeError, under --disallow-code-generation-from-strings", () => {
    const script = `
      import { compile } from "./src/codec/codec.js";
      import { parseSchema } from "./src/schema/parse.js";
      const S = parseSchema({ "a.thrift": "struct S { 1: i32 x }" }).struct("S");
      const codec = compile(S);
      let forced = "none";
      try { compile(S, { backend: "source" }); } catch (error) { forced = error.name; }
      process.stdout.write(JSON.stringify([codec.backend, forced, codec.decode(codec.encode({ x: 5 }))]));`;
    const file = new URL(`../../compile-test-${String(process.pid)}.mts`, import.meta.url);
    writeFileSync(file, script);
    try {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ["--disallow-code-generation-from-strings", "--import", "tsx", fileURLToPath(file)],
        {
          cwd: fileURLToPath(new URL("../..", import.meta.url)),
          encoding: "utf8",
        },
      );
      expect([stdout, stderr]).toEqual([JSON.stringify(["closure", "RangeError", { x: 5 }]), ""]);
    } finally {
      rmSync(file);
    }
  });
});

describe("options that do not exist", () => {
  const wrong: object[] = [
    { int64: "bigInt" },
    { int64: 64 },
    { maps: "Map" },
    { sets: true },
    { enums: "string" },
    { binary: "buffer" },
    { utf8: "loose" },
    { trailingBytes: true },
    { protocol: "thrift" },
    { protocol: "toString" },
    { limits: "none" },
    { limits: { maxBytes: 1 } },
    { int46: "bigint" },
    { constructor: 1 },
    { backend: "native" },
  ];
  it.each(wrong)("%o is a RangeError", (options) => {
    expect(() => compile(S, options as CodecOptions)).toThrow(RangeError);
  });

  it("undefined is the default", () => {
    const options = { int64: undefined, limits: undefined, backend: undefined } as unknown as CodecOptions;
    expect(compile(S, options).decode(hex`08 0001 00000005 00`)).toEqual({ x: 5 });
  });
});

forEachBackend((backend) => {
  describe("a codec", () => {
    it("is made of a struct, a union, or the class of an exception", () => {
      const E = schema.exception("E");
      const codec = compile<any>(E, { backend });
      expect(codec.descriptor).toBe(E.descriptor);
      const error = codec.decode(codec.encode(new E({ message: "no" })));
      expect(error).toBeInstanceOf(E);
      expect(error.message).toBe("no");
      expect(compile(schema.struct("E"), { backend }).decode(hex`00`)).toBeInstanceOf(E);
    });

    it("tells its back end and its type", () => {
      const codec = compile(S, { backend });
      expect([codec.backend, codec.descriptor]).toEqual([backend, S]);
    });

    it("warms up, and is the same codec then", () => {
      const codec = compile(S, { backend });
      expect(codec.warm()).toBe(codec);
      expect(codec.warm()).toBe(codec);
      expect(toHex(codec.encode({ x: 1 }))).toBe("0800010000000100");
      expect(codec.decode(hex`08 0001 00000001 00`)).toEqual({ x: 1 });
    });

    it("works cold in every order of first uses", () => {
      const uses: ((codec: ReturnType<typeof compile<any>>) => unknown)[] = [
        (codec) => codec.encode({ x: 1 }),
        (codec) => codec.decode(hex`08 0001 00000001 00`),
        (codec) => codec.encodedSize({ x: 1 }),
        (codec) => codec.encodeInto({ x: 1 }, new Uint8Array(8)),
        (codec) => expect(() => codec.encode({ x: "1" })).toThrow(EncodeError),
        (codec) => expect(() => codec.decode(hex``)).toThrow(DecodeError),
      ];
      for (const first of uses) {
        const codec = compile<any>(S, { backend });
        first(codec);
        for (const use of uses) use(codec);
      }
    });

    it("is independent of others of the same type and other options", () => {
      const idl = parseSchema({ "a.thrift": "struct L { 1: i64 id }" }).struct("L");
      const codecs = (["bigint", "number", "string"] as const).map((int64) => compile<any>(idl, { backend, int64 }));
      const wire = hex`0a 0001 0000000000000007 00`;
      expect(codecs.map((codec) => codec.decode(wire).id)).toEqual([7n, 7, "7"]);
      expect(codecs.map((codec) => toHex(codec.encode({ id: 7 })))).toEqual(Array(3).fill(toHex(wire)));
    });

    it("does not need this: methods can be passed around as calls of the codec", () => {
      const codec = compile<any>(S, { backend });
      expect([{ x: 1 }, { x: 2 }].map((value) => codec.encode(value)).map((bytes) => codec.decode(bytes))).toEqual([
        { x: 1 },
        { x: 2 },
      ]);
    });

    it("keeps a value and a failure apart when called thousands of times", () => {
      const codec = compile<any>(schema.struct("Holder"), { backend });
      for (let i = 0; i < 20_000; i++) {
        if (i % 5 === 0) expect(() => codec.encode({ s: { x: 1.5 } })).toThrow(EncodeError);
        else if (codec.decode(codec.encode({ s: { x: i } })).s.x !== i) throw new Error(`wrong at ${String(i)}`);
      }
    });
  });
});

describe("errors", () => {
  it("have the names, codes and places that programs test", () => {
    const encode = new EncodeError("ERR_THRIFT_WRONG_TYPE", "S.x", "expected i32, found string");
    const decode = new DecodeError(
      "ERR_THRIFT_TRUNCATED",
      { path: "S.x", offset: 3 },
      "expected i32, found the end of the input",
    );
    expect([encode.name, encode.code, encode.path, encode.message]).toEqual([
      "EncodeError",
      "ERR_THRIFT_WRONG_TYPE",
      "S.x",
      "cannot encode S.x: expected i32, found string",
    ]);
    expect([decode.name, decode.code, decode.path, decode.offset, decode.message]).toEqual([
      "DecodeError",
      "ERR_THRIFT_TRUNCATED",
      "S.x",
      3,
      "cannot decode S.x: expected i32, found the end of the input (byte 3)",
    ]);
  });

  it("are instances across two copies of the package, each of its own class only", async () => {
    const copy = new URL(`./errors-copy-${String(process.pid)}.ts`, import.meta.url);
    writeFileSync(copy, readFileSync(new URL("../../src/errors.ts", import.meta.url)));
    try {
      const other = (await import(/* @vite-ignore */ copy.href)) as typeof import("../../src/errors.js");
      expect(other.EncodeError).not.toBe(EncodeError);
      const theirs = new other.EncodeError("ERR_THRIFT_WRONG_TYPE", "S", "m");
      expect(theirs instanceof EncodeError).toBe(true);
      expect(theirs instanceof ThriftError).toBe(true);
      for (const wrong of [DecodeError, ApplicationError, IdlError, SchemaError, ThriftException])
        expect(theirs instanceof wrong).toBe(false);
      expect(new EncodeError("ERR_THRIFT_WRONG_TYPE", "S", "m") instanceof other.EncodeError).toBe(true);
      expect(new other.ThriftException() instanceof ThriftException).toBe(true);
    } finally {
      rmSync(copy);
    }
  });

  it("declared classes tell each other apart by prototype, although they share a brand with their base", () => {
    const [One, Two] = ["One", "Two"].map((name) =>
      parseSchema({ "a.thrift": `exception ${name} { 1: i32 x }` }).exception(name),
    );
    const error = new One({ x: 1 });
    expect([
      error instanceof One,
      error instanceof Two,
      error instanceof ThriftException,
      error instanceof EncodeError,
    ]).toEqual([true, false, true, false]);
    for (const value of [null, undefined, 5, "x", {}, new Error("e"), Object.create(null)])
      expect(value instanceof ThriftError).toBe(false);
  });
});
