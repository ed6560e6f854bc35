/** The wire-format expectations of Apache's ThriftTest, in every protocol and back end. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { forEachCodec } from "../support/backends.js";
import { difference, failureFrom } from "../support/outcome.js";
import { evolutionRows, thriftTestRows, thriftTestSchema } from "../support/thrift-test.js";

const titled = <T extends { title: string }>(rows: readonly T[]): (readonly [string, T])[] =>
  rows.map((row) => [row.title, row] as const);

it("has rows of each method", () => {
  const methods = thriftTestSchema.services.flatMap((service) => service.methods);
  const tested = new Set(thriftTestRows.map(({ type }) => type));
  const missing = methods.filter(({ args }) => !tested.has(args)).map(({ name }) => name);
  // It has neither arguments nor a result, and ThriftTest never calls it.
  expect(missing).toEqual(["blahBlah"]);
});

forEachCodec((protocol, backend) => {
  describe("what is sent is what arrives", () => {
    it.each(titled(thriftTestRows))("%s", (_title, { type, value }) => {
      const codec = compile(type, { protocol, backend });
      const bytes = codec.encode(value);
      expect(difference(codec.decode(bytes), value)).toBeUndefined();
      expect(codec.encodedSize(value)).toBe(bytes.length);
    });
  });

  describe("what one struct writes another reads", () => {
    it.each(titled(evolutionRows))("%s", (_title, { written, value, read, expected }) => {
      const bytes = compile(written, { protocol, backend }).encode(value);
      expect(difference(compile(read, { protocol, backend }).decode(bytes), expected)).toBeUndefined();
    });
  });

  it.each([
    ["ListTypeVersioningV1", { myints: [1, 2, 3] }, "ListTypeVersioningV2", "ListTypeVersioningV2.strings"],
    ["ListTypeVersioningV2", { strings: ["1"] }, "ListTypeVersioningV1", "ListTypeVersioningV1.myints"],
    ["NestedListsI32x3", { integerlist: [[[1]]] }, "NestedListsI32x2", "NestedListsI32x2.integerlist[0]"],
  ])("%s %j is no %s: its elements are of another type", (written, value, read, path) => {
    const bytes = compile(thriftTestSchema.struct(written), { protocol, backend }).encode(value);
    const reader = compile(thriftTestSchema.struct(read), { protocol, backend });
    expect(failureFrom(() => reader.decode(bytes))).toMatchObject({ code: "ERR_THRIFT_INVALID_DATA", path });
  });

  it("BoolTest: defaults of optional fields stay off the wire and come back", () => {
    const codec = compile(thriftTestSchema.struct("BoolTest"), { protocol, backend });
    const empty = compile(thriftTestSchema.struct("EmptyStruct"), { protocol, backend }).encode({});
    expect(codec.encode({})).toEqual(empty);
    expect(codec.decode(empty)).toStrictEqual({ b: true, s: "true" });
  });

  it("StructB: a required field is missed wherever it is missing", () => {
    const codec = compile(thriftTestSchema.struct("StructB"), { protocol, backend });
    const missing = (path: string): object => ({ code: "ERR_THRIFT_REQUIRED_MISSING", path });
    expect(failureFrom(() => codec.encode({ ab: {} }))).toMatchObject(missing("StructB.ab.s"));
    expect(failureFrom(() => codec.encode({ aa: { s: "x" } }))).toMatchObject(missing("StructB.ab"));
    const empty = compile(thriftTestSchema.struct("EmptyStruct"), { protocol, backend }).encode({});
    expect(failureFrom(() => codec.decode(empty))).toMatchObject(missing("StructB.ab"));
  });

  it.each([
    "{5e2ab188-1726-4e75-a04f-1ed9a6a89c4c}",
    "{5e2ab18817264e75a04f1ed9a6a89c4c}",
    "5e2ab18817264e75a04f1ed9a6a89c4c",
    "5E2AB188-1726-4E75-A04F-1ED9A6A89C4C",
  ])("testUuid: %s arrives in the canonical form", (spelled) => {
    const { args } = thriftTestSchema.service("NewerTest").methods[0];
    const codec = compile<{ thing: string }>(args, { protocol, backend });
    expect(codec.decode(codec.encode({ thing: spelled })).thing).toBe("5e2ab188-1726-4e75-a04f-1ed9a6a89c4c");
  });
});
