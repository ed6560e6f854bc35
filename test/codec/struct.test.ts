import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { ThriftError, ThriftException } from "../../src/errors.js";
import { parseSchema, type ParseSchemaOptions } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex, toHex } from "../support/hex.js";
import { difference, failureFrom, outcomeOf } from "../support/outcome.js";

/** One value of each wire type behind a field header of that type: what may follow an id that nobody knows. */
const OF_EVERY_TYPE: [string, number, Uint8Array][] = [
  ["bool", 2, hex`01`],
  ["i8", 3, hex`05`],
  ["double", 4, hex`3ff8000000000000`],
  ["i16", 6, hex`0102`],
  ["i32", 8, hex`01020304`],
  ["i64", 10, hex`0102030405060708`],
  ["string", 11, hex`00000003 616263`],
  ["struct", 12, hex`08 0001 00000001 0c 0002 0b 0001 00000001 61 00 00`],
  ["map", 13, hex`0b 0c 00000001 00000001 61 02 0001 01 00`],
  ["map of fixed sizes", 13, hex`08 0a 00000002 00000001 0000000000000002 00000003 0000000000000004`],
  ["empty map", 13, hex`00 00 00000000`],
  ["set", 14, hex`0b 00000002 00000000 00000001 62`],
  ["list of lists", 15, hex`0f 00000002 08 00000001 00000005 00 00000000`],
  ["list of structs", 15, hex`0c 00000003 00 00 02 0001 01 00`],
  ["uuid", 16, hex`00112233445566778899aabbccddeeff`],
];

const codeOf = (type: number): string => type.toString(16).padStart(2, "0");

forEachBackend((backend) => {
  const compiled = (
    idl: string,
    name = "S",
    options: CodecOptions & ParseSchemaOptions = {},
  ): ReturnType<typeof compile<any>> => {
    const { keepNegativeIds = false, ...codecOptions } = options;
    return compile<any>(parseSchema({ "a.thrift": idl }, { keepNegativeIds }).struct(name), {
      ...codecOptions,
      backend,
    });
  };

  describe("requiredness", () => {
    const idl = `struct S { 1: required i32 r 2: i32 d 3: optional i32 o 4: i32 dd = 7 5: optional i32 od = 8 6: required i32 rd = 9 }`;
    const full = { r: 1, d: 2, o: 3, dd: 4, od: 5, rd: 6 };
    const bytesOf = (fields: Record<number, number>): Uint8Array =>
      hex`${Object.entries(fields)
        .map(([id, value]) => `08 ${Number(id).toString(16).padStart(4, "0")} ${value.toString(16).padStart(8, "0")}`)
        .join("")} 00`;

    it("all set: all on the wire", () => {
      const codec = compiled(idl);
      expect(toHex(codec.encode(full))).toBe(toHex(bytesOf({ 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6 })));
      expect(codec.decode(codec.encode(full))).toStrictEqual(full);
    });

    it("unset: required fails, a default is written for default requiredness only", () => {
      const codec = compiled(idl);
      expect(toHex(codec.encode({ r: 1, rd: 6 }))).toBe(toHex(bytesOf({ 1: 1, 4: 7, 6: 6 })));
      expect(toHex(codec.encode({ r: 1, rd: 6, d: null, dd: null }))).toBe(toHex(bytesOf({ 1: 1, 4: 7, 6: 6 })));
      for (const [value, path] of [
        [{ rd: 6 }, "S.r"],
        [{ r: null, rd: 6 }, "S.r"],
        [{ r: 1 }, "S.rd"],
      ] as const) {
        expect(failureFrom(() => codec.encode(value))).toMatchObject({
          error: "EncodeError",
          code: "ERR_THRIFT_REQUIRED_MISSING",
          path,
        });
      }
    });

    it("absent: required fails, with or without a default; defaults fill the others, optional ones too", () => {
      const codec = compiled(idl);
      expect(codec.decode(bytesOf({ 1: 1, 6: 6 }))).toStrictEqual({
        r: 1,
        d: undefined,
        o: undefined,
        dd: 7,
        od: 8,
        rd: 6,
      });
      expect(failureFrom(() => codec.decode(bytesOf({ 6: 6 })))).toMatchObject({
        error: "DecodeError",
        code: "ERR_THRIFT_REQUIRED_MISSING",
        path: "S.r",
        offset: 7,
      });
      expect(failureFrom(() => codec.decode(bytesOf({ 1: 1 })))).toMatchObject({
        code: "ERR_THRIFT_REQUIRED_MISSING",
        path: "S.rd",
        offset: 7,
      });
    });

    it("a required field of another wire type is missing", () => {
      expect(
        failureFrom(() => compiled("struct S { 1: required i32 r }").decode(hex`0a 0001 0000000000000001 00`)),
      ).toMatchObject({
        code: "ERR_THRIFT_REQUIRED_MISSING",
        path: "S.r",
        offset: 11,
      });
    });

    it("defaults are fresh copies", () => {
      const codec =
        compiled(`struct P { 1: list<i32> l } struct S { 1: list<i32> l = [1] 2: map<string, i32> m = {"a": 1} 3: set<i8> s = [1]
        4: P p = {"l": [1]} 5: binary b = "x" }`);
      const [a, b] = [codec.decode(hex`00`), codec.decode(hex`00`)];
      expect(difference(a, b)).toBeUndefined();
      a.l.push(2);
      a.m.set("b", 2);
      a.s.add(2);
      a.p.l.push(2);
      a.b[0] = 0;
      expect(difference(codec.decode(hex`00`), b)).toBeUndefined();
      expect(codec.decode(codec.encode({}))).toStrictEqual(b);
    });
  });

  describe("order", () => {
    const codec = compiled("struct S { 9: i8 nine 1: i8 one 300: i8 far 2: i8 two }");

    it("is by ascending id on the wire and as declared in objects, unset fields among them", () => {
      expect(toHex(codec.encode({ two: 2, far: 3, one: 1, nine: 9 }))).toBe(
        "03000101" + "03000202" + "03000909" + "03012c03" + "00",
      );
      expect(Object.entries(codec.decode(hex`03 0002 02 00`))).toEqual([
        ["nine", undefined],
        ["one", undefined],
        ["far", undefined],
        ["two", 2],
      ]);
    });

    it("does not matter on decode, and the last of a field that comes twice counts", () => {
      expect(codec.decode(hex`03 012c 03  03 0002 02  03 0001 01  03 0002 07  03 0009 09  03 0001 08 00`)).toEqual({
        nine: 9,
        one: 8,
        far: 3,
        two: 7,
      });
    });
  });

  describe("fields that nobody knows", () => {
    const idl = "struct In { 1: i32 x } struct S { 1: i32 a 2: In in 3: list<In> all 5: i32 z }";
    const known = { a: 1, in: { x: 2 }, all: [{ x: 3 }], z: 4 };

    it.each(OF_EVERY_TYPE)(
      "a %s is skipped before, between and behind known ones, at every depth",
      (_name, type, bytes) => {
        const stranger = hex`${codeOf(type)} 0004 ${bytes} ${codeOf(type)} 7fff ${bytes}`;
        const inner = (x: number): Uint8Array => hex`${stranger} 08 0001 0000000${String(x)} ${stranger} 00`;
        const wire = hex`${stranger} 08 0001 00000001 ${stranger} 0c 0002 ${inner(2)} 0f 0003 0c 00000001 ${inner(3)} 08 0005 00000004 ${stranger} 00`;
        expect(compiled(idl).decode(wire)).toStrictEqual(known);
      },
    );

    it.each(OF_EVERY_TYPE)("a known id with a %s where the schema says otherwise is skipped", (_name, type, bytes) => {
      const declared = type === 8 ? "string" : "i32";
      const codec = compiled(`struct S { 1: ${declared} a 2: i8 b }`);
      expect(codec.decode(hex`${codeOf(type)} 0001 ${bytes} 03 0002 07 00`)).toStrictEqual({ a: undefined, b: 7 });
    });

    it("a value of a struct with more than 32 fields too", () => {
      const codec = compiled(
        `struct S { ${Array.from({ length: 40 }, (_, i) => `${String(2 * i + 1)}: i8 f${String(i)}`).join(" ")} }`,
      );
      expect(codec.decode(hex`0b 0002 00000001 61 03 004f 05 08 0001 00000001 03 0001 01 00`)).toMatchObject({
        f39: 5,
        f0: 1,
        f1: undefined,
      });
    });
  });

  describe("unions", () => {
    const idl = "struct P { 1: i32 x } union S { 1: i32 a 2: string b 3: P p 4: list<S> many }";

    it.each([[{ a: 1 }], [{ b: "" }], [{ p: { x: 1 } }], [{ many: [{ a: 1 }, { many: [] }] }]])(
      "%j comes back",
      (value) => {
        const codec = compiled(idl);
        expect(codec.decode(codec.encode(value))).toEqual(value);
      },
    );

    it.each([{}, { a: null }, { other: 1 }, { a: 1, b: "x" }, { a: 0, p: null, b: "" }])(
      "%j has not exactly one field",
      (value) => {
        expect(failureFrom(() => compiled(idl).encode(value))).toMatchObject({
          code: "ERR_THRIFT_UNION_NOT_ONE",
          path: "S",
        });
        expect(failureFrom(() => compiled(idl).encode({ many: [{ a: 1 }, value] }))).toMatchObject({
          code: "ERR_THRIFT_UNION_NOT_ONE",
          path: "S.many[1]",
        });
      },
    );

    it("two known fields are refused on decode, at the header of the second", () => {
      expect(failureFrom(() => compiled(idl).decode(hex`08 0001 00000001 0b 0002 00000000 00`))).toMatchObject({
        code: "ERR_THRIFT_INVALID_DATA",
        path: "S.b",
        offset: 7,
      });
    });

    it("none, unknown ones only, or one twice are taken", () => {
      const nothing = { a: undefined, b: undefined, p: undefined, many: undefined };
      const codec = compiled(idl);
      expect(codec.decode(hex`00`)).toStrictEqual(nothing);
      expect(codec.decode(hex`08 0009 00000001 0b 0001 00000000 00`)).toStrictEqual(nothing);
      expect(codec.decode(hex`08 0001 00000001 08 0009 00000001 08 0001 00000002 00`)).toStrictEqual({
        ...nothing,
        a: 2,
      });
    });

    it("a default in a union means nothing", () => {
      const codec = compiled("union S { 1: i32 a 2: i32 b = 5 }");
      expect(codec.decode(hex`00`)).toStrictEqual({ a: undefined, b: undefined });
      expect(toHex(codec.encode({ a: 1 }))).toBe("08000100000001" + "00");
    });
  });

  describe("exceptions", () => {
    const schema = parseSchema({
      "a.thrift": `exception Refused { 1: string message 2: i32 code = 404 3: string name 4: string stack 5: list<i32> cause }
        exception Plain { 1: i32 x } exception Named { 1: string message 2: string name } struct S { 1: Refused r 2: list<Plain> all }`,
    });
    const Refused = schema.exception("Refused");

    it("decode to instances of their class with own properties", () => {
      const codec = compile<any>(Refused, { backend });
      const error = codec.decode(hex`0b 0001 00000002 6e6f 0f 0005 08 00000001 00000007 00`);
      expect(error).toBeInstanceOf(Refused);
      expect(error).toBeInstanceOf(ThriftException);
      expect(error).toBeInstanceOf(ThriftError);
      expect(error).toBeInstanceOf(Error);
      expect(Object.entries(error)).toEqual([
        ["message", "no"],
        ["code", 404],
        ["name", undefined],
        ["stack", undefined],
        ["cause", [7]],
      ]);
      expect(toHex(codec.encode(error))).toBe(
        toHex(hex`0b 0001 00000002 6e6f 08 0002 00000194 0f 0005 08 00000001 00000007 00`),
      );
    });

    it("encode from instances and plain objects; what Error brings is no value", () => {
      const codec = compile<any>(schema.exception("Plain"), { backend });
      const Plain = schema.exception("Plain");
      expect(
        [{ x: 1 }, new Plain({ x: 1 }), Object.assign(new Error("e"), { x: 1 })].map((value) =>
          toHex(codec.encode(value)),
        ),
      ).toEqual(Array(3).fill("0800010000000100"));
      // `name` is inherited, so it is no value; `message` is the error's own.
      expect(toHex(compile<any>(schema.exception("Named"), { backend }).encode(new Error("mine")))).toBe(
        toHex(hex`0b 0001 00000004 6d696e65 00`),
      );
    });

    it("inside other values", () => {
      const codec = compile<any>(schema.struct("S"), { backend });
      const value = codec.decode(codec.encode({ r: { message: "m" }, all: [{ x: 1 }] }));
      expect(value.r).toBeInstanceOf(Refused);
      expect(value.all[0]).toBeInstanceOf(schema.exception("Plain"));
      expect(value.all[0].x).toBe(1);
    });
  });

  describe("shapes", () => {
    it("an empty struct is one STOP", () => {
      const codec = compiled("struct S {}");
      expect(toHex(codec.encode({}))).toBe("00");
      expect(codec.decode(hex`00`)).toStrictEqual({});
      expect(codec.decode(hex`08 0001 00000001 00`)).toStrictEqual({});
    });

    it("field ids 0, negative and 32767", () => {
      const codec = compiled("struct S { 0: i8 zero -1: i8 minus 32767: i8 top -32768: i8 bottom }", "S", {
        keepNegativeIds: true,
      });
      const value = { zero: 1, minus: 2, top: 3, bottom: 4 };
      expect(toHex(codec.encode(value))).toBe("03800004" + "03ffff02" + "03000001" + "037fff03" + "00");
      expect(codec.decode(codec.encode(value))).toStrictEqual(value);
      // A header cut off at the end of the message must not read as id 0.
      for (const wire of [hex`03`, hex`03 00`, hex`03 0000`])
        expect(failureFrom(() => codec.decode(wire)).code).toBe("ERR_THRIFT_TRUNCATED");
    });

    it("a struct of 1,000 fields", () => {
      const idl = `struct S { ${Array.from({ length: 1000 }, (_, i) => `${String(i + 1)}: ${["i32", "string", "bool", "i64", "list<i8>"][i % 5]} f${String(i)}`).join("\n")} }`;
      const codec = compiled(idl);
      const value = Object.fromEntries(
        Array.from({ length: 1000 }, (_, i) => [
          `f${String(i)}`,
          [i, `text ${String(i)}`, i % 2 === 0, BigInt(i), [i % 100]][i % 5],
        ]),
      );
      expect(codec.decode(codec.encode(value))).toStrictEqual(value);
      expect(codec.decode(codec.encode({ f999: [1] })).f999).toEqual([1]);
    });

    it("1,000 structs in a chain, deeper than maxDepth", () => {
      const idl = Array.from(
        { length: 1000 },
        (_, i) => `struct S${String(i)} { 1: ${i === 999 ? "i32" : `S${String(i + 1)}`} next }`,
      ).join("\n");
      const codec = compiled(idl, "S0");
      const deep = (levels: number): object => (levels === 0 ? {} : { next: deep(levels - 1) });
      expect(codec.encode(deep(63)).length).toBe(63 * 4 + 1);
      expect(failureFrom(() => codec.encode(deep(64)))).toMatchObject({
        code: "ERR_THRIFT_DEPTH_LIMIT",
        path: `S0${".next".repeat(64)}`,
      });
    });

    it("containers in containers, as deep as the IDL says", () => {
      const depth = 60;
      const codec = compiled(`struct S { 1: ${"list<".repeat(depth)}map<string, set<i64>>${">".repeat(depth)} f }`);
      let value: unknown = new Map([["k", new Set([1n, -1n])]]);
      for (let i = 0; i < depth; i++) value = [value];
      expect(codec.decode(codec.encode({ f: value }))).toStrictEqual({ f: value });
    });

    it("structs, lists, maps and binary as keys of maps and members of sets", () => {
      const codec = compiled(
        "struct P { 1: i32 x } struct S { 1: map<P, set<P>> a 2: map<list<i8>, map<binary, i8>> b 3: set<map<i8, i8>> c }",
      );
      const value = {
        a: new Map([[{ x: 1 }, new Set([{ x: 2 }, { x: 2 }])]]),
        b: new Map([[[1, 2], new Map([[Uint8Array.of(1), 3]])]]),
        c: new Set([new Map([[1, 2]])]),
      };
      expect(difference(codec.decode(codec.encode(value)), value)).toBeUndefined();
    });

    it("recursive types through lists, maps, unions and one another", () => {
      const codec = compiled(
        "struct S { 1: list<S> l 2: map<string, T> m 3: U u } struct T { 1: S s } union U { 1: S s 2: i32 n 3: set<U> us }",
      );
      const leaf = { l: undefined, m: undefined, u: { s: undefined, n: 1, us: undefined } };
      const value = {
        l: [leaf, { ...leaf, l: [] }],
        m: new Map([["t", { s: leaf }]]),
        u: { s: leaf, n: undefined, us: undefined },
      };
      expect(codec.decode(codec.encode(value))).toStrictEqual(value);
    });
  });

  describe("nesting", () => {
    const idl = "struct S { 1: S s 2: list<S> l 3: map<string, S> m 4: i32 x }";
    const inside = (part: (inner: object) => object, levels: number): object =>
      levels === 1 ? {} : part(inside(part, levels - 1));
    const kinds: [string, (inner: object) => object, string][] = [
      ["fields", (s) => ({ s }), ".s"],
      ["lists", (s) => ({ l: [s] }), ".l[0]"],
      ["maps", (s) => ({ m: new Map([["k", s]]) }), ".m{0}"],
    ];

    it.each(kinds)("64 structs through %s are as many as may be", (_name, part, step) => {
      const codec = compiled(idl);
      const bytes = codec.encode(inside(part, 64));
      expect(outcomeOf(() => codec.encode(codec.decode(bytes)))).toHaveProperty("value");
      expect(failureFrom(() => codec.encode(inside(part, 65)))).toMatchObject({
        code: "ERR_THRIFT_DEPTH_LIMIT",
        path: `S${step.repeat(64)}`,
      });
      const deeper = compiled(idl, "S", { limits: { maxDepth: 65 } }).encode(inside(part, 65));
      expect(failureFrom(() => codec.decode(deeper))).toMatchObject({
        code: "ERR_THRIFT_DEPTH_LIMIT",
        path: `S${step.repeat(64)}`,
      });
      // The counter starts anew for each message, also after one that failed.
      expect(toHex(codec.encode(codec.decode(bytes)))).toBe(toHex(bytes));
    });

    it("siblings do not add up", () => {
      const codec = compiled(idl);
      const value = { l: Array.from({ length: 200 }, () => ({ s: { x: 1 } })) };
      expect(codec.decode(codec.encode(value)).l).toHaveLength(200);
    });

    it("a value that refers to itself is a DEPTH_LIMIT", () => {
      const codec = compiled(idl);
      const circle: any = { x: 1 };
      circle.l = [circle];
      expect(failureFrom(() => codec.encode(circle))).toMatchObject({
        error: "EncodeError",
        code: "ERR_THRIFT_DEPTH_LIMIT",
        path: `S${".l[0]".repeat(64)}`,
      });
      expect(toHex(codec.encode({ x: 1 }))).toBe("0800040000000100");
    });
  });
});
