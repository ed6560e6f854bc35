import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachCodec } from "../support/backends.js";
import { failureFrom } from "../support/outcome.js";

/** One change of an IDL: what each side sees of a value that the other has written. */
interface Change {
  title: string;
  older: string;
  newer: string;
  /** Written by the older side, and what the newer one reads; then the other way round. An error code where it cannot. */
  forward: [written: object, read: object | string];
  backward: [written: object, read: object | string];
  options?: CodecOptions;
  /** Protocols of which it is not true. */
  notIn?: readonly string[];
}

const changes: readonly Change[] = [
  {
    title: "a field is renamed: ids decide",
    older: "struct S { 1: i32 before, 2: string kept }",
    newer: "struct S { 1: i32 after, 2: string kept }",
    forward: [
      { before: 1, kept: "x" },
      { after: 1, kept: "x" },
    ],
    backward: [
      { after: 2, kept: "y" },
      { before: 2, kept: "y" },
    ],
  },
  {
    title: "an optional field is added, in the middle and at the end",
    older: "struct S { 1: i32 a, 4: i32 d }",
    newer: "struct S { 1: i32 a, 2: optional list<map<string, double>> b, 4: i32 d, 900: optional string z }",
    forward: [
      { a: 1, d: 4 },
      { a: 1, b: undefined, d: 4, z: undefined },
    ],
    backward: [
      { a: 1, b: [new Map([["x", 0.5]])], d: 4, z: "new" },
      { a: 1, d: 4 },
    ],
  },
  {
    title: "a field with a default is added: absent means the default",
    older: "struct S { 1: i32 a }",
    newer: "struct S { 1: i32 a, 2: string b = 'none', 3: optional bool c = true }",
    forward: [{ a: 1 }, { a: 1, b: "none", c: true }],
    backward: [{ a: 1, b: "x", c: false }, { a: 1 }],
  },
  {
    title: "a required field is added: older messages are refused",
    older: "struct S { 1: i32 a }",
    newer: "struct S { 1: i32 a, 2: required i32 b }",
    forward: [{ a: 1 }, "ERR_THRIFT_REQUIRED_MISSING"],
    backward: [{ a: 1, b: 2 }, { a: 1 }],
  },
  {
    title: "a field is removed",
    older: "struct S { 1: i32 a, 2: optional set<i64> b, 3: bool c }",
    newer: "struct S { 1: i32 a, 3: bool c }",
    forward: [
      { a: 1, b: new Set([2n ** 62n]), c: true },
      { a: 1, c: true },
    ],
    backward: [
      { a: 1, c: false },
      { a: 1, b: undefined, c: false },
    ],
  },
  {
    title: "a field changes its wire type: unknown to the other side, each way",
    older: "struct S { 1: i32 a, 2: i32 b, 3: bool c, 4: list<i32> d }",
    newer: "struct S { 1: i64 a, 2: i32 b, 3: string c, 4: set<i32> d }",
    forward: [
      { a: 1, b: 2, c: true, d: [1] },
      { a: undefined, b: 2, c: undefined, d: undefined },
    ],
    backward: [
      { a: 1n, b: 2, c: "x", d: new Set([1]) },
      { a: undefined, b: 2, c: undefined, d: undefined },
    ],
  },
  {
    title: "i32 and an enum are the same on the wire",
    older: "struct S { 1: i32 a }",
    newer: "enum E { ONE = 1 } struct S { 1: E a }",
    forward: [{ a: 1 }, { a: 1 }],
    backward: [{ a: 2 }, { a: 2 }],
  },
  {
    title: "string and binary are the same on the wire",
    older: "struct S { 1: string a }",
    newer: "struct S { 1: binary a }",
    forward: [{ a: "é" }, { a: Uint8Array.of(0xc3, 0xa9) }],
    backward: [{ a: Uint8Array.of(0x78) }, { a: "x" }],
    // It calls both "str", but writes the one as text and the other as base64.
    notIn: ["tjson"],
  },
  {
    title: "an enum has a member more: the reader gives its number",
    older: "enum E { ONE = 1 } struct S { 1: E e, 2: list<E> es }",
    newer: "enum E { ONE = 1, TWO = 2 } struct S { 1: E e, 2: list<E> es }",
    forward: [
      { e: 1, es: [1] },
      { e: "ONE", es: ["ONE"] },
    ],
    backward: [
      { e: "TWO", es: ["ONE", "TWO"] },
      { e: 2, es: ["ONE", 2] },
    ],
    options: { enums: "name" },
  },
  {
    title: "a union has a member more: the reader sees none set",
    older: "union U { 1: i32 a } struct S { 1: U u, 2: i32 b }",
    newer: "union U { 1: i32 a, 2: list<string> c } struct S { 1: U u, 2: i32 b }",
    forward: [
      { u: { a: 1 }, b: 2 },
      { u: { a: 1, c: undefined }, b: 2 },
    ],
    backward: [
      { u: { c: ["x"] }, b: 2 },
      { u: { a: undefined }, b: 2 },
    ],
  },
  {
    title: "structs inside containers grow, at any depth",
    older: "struct I { 1: i32 a } struct S { 1: map<string, list<I>> m, 2: i32 last }",
    newer: `struct N { 1: list<N> more, 2: double d } struct I { 1: i32 a, 2: optional N n }
      struct S { 1: map<string, list<I>> m, 2: i32 last }`,
    forward: [
      { m: new Map([["k", [{ a: 1 }]]]), last: 9 },
      { m: new Map([["k", [{ a: 1, n: undefined }]]]), last: 9 },
    ],
    backward: [
      { m: new Map([["k", [{ a: 1, n: { more: [{ more: [], d: 1 }], d: 2 } }, { a: 2 }]]]), last: 9 },
      { m: new Map([["k", [{ a: 1 }, { a: 2 }]]]), last: 9 },
    ],
  },
  {
    title: "fields are declared in another order",
    older: "struct S { 3: i32 c, 1: i32 a, 2: i32 b }",
    newer: "struct S { 1: i32 a, 2: i32 b, 3: i32 c }",
    forward: [
      { a: 1, b: 2, c: 3 },
      { a: 1, b: 2, c: 3 },
    ],
    backward: [
      { a: 1, b: 2, c: 3 },
      { a: 1, b: 2, c: 3 },
    ],
  },
  {
    title: "a struct becomes empty",
    older: "struct I { 1: i32 a, 40: bool b } struct S { 1: I i, 2: i32 last }",
    newer: "struct I {} struct S { 1: I i, 2: i32 last }",
    forward: [
      { i: { a: 1, b: true }, last: 9 },
      { i: {}, last: 9 },
    ],
    backward: [
      { i: {}, last: 9 },
      { i: { a: undefined, b: undefined }, last: 9 },
    ],
  },
];

forEachCodec((protocol, backend) => {
  const codec = (idl: string, options: CodecOptions = {}) =>
    compile(parseSchema({ "main.thrift": idl }, { entry: "main.thrift" }).struct("S"), {
      protocol,
      backend,
      ...options,
    });

  describe("evolution", () => {
    const applicable = changes.filter(({ notIn }) => notIn?.includes(protocol) !== true);
    describe.each(applicable)("$title", ({ older, newer, forward, backward, options }) => {
      it.each([
        ["older to newer", older, newer, forward],
        ["newer to older", newer, older, backward],
      ] as const)("%s", (_, writer, reader, [written, read]) => {
        const bytes = codec(writer).encode(written);
        const decode = (): unknown => codec(reader, options).decode(bytes);
        if (typeof read === "string") expect(failureFrom(decode).code).toBe(read);
        else expect(decode()).toStrictEqual(read);
      });
    });
  });
});
