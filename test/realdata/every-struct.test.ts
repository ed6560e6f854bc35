/** Every struct, union and exception, every argument list and result of every IDL that npm packages ship round-trips seeded random values. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { IdlError, SchemaError } from "../../src/errors.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { loadSchema } from "../../src/schema/load.js";
import type { Schema } from "../../src/schema/schema.js";
import { PACKAGED_IDL } from "../idl/packaged.js";
import { backends } from "../support/backends.js";
import { difference } from "../support/outcome.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";
import { rebuild } from "../support/rebuild.js";

const SEEDS = 3;
const FILES = [
  ...PACKAGED_IDL.map((name) => `node_modules/${name}`),
  "test/testdata/parquet/parquetjs.thrift",
  "test/testdata/parquet/dsnp.thrift",
];

/** What thriftrw tests itself with, and Apache's compiler refuses too. */
const REFUSED = [
  "duplicate-error",
  "enum-collision",
  "enum-overflow",
  "include-absolute-filename",
  "include-cyclic-a",
  "include-cyclic-b",
  "include-error-invalid-filename-as-namespace",
  "include-error-not-path",
  "include-error-unknown-module",
  "include-nonrelative-alias",
  "include-parent",
  "map",
  "reference-error",
  "service-duplicate-function-error",
  "service",
  "thrift/AnnotationTest",
  "thrift/BrokenConstants",
  "thrift/SmallTest",
  "type-mismatch",
].map((name) => `node_modules/thriftrw/test/${name}.thrift`);

async function loaded(file: string): Promise<[string, Schema][]> {
  try {
    return [[file, await loadSchema(file)]];
  } catch (error) {
    if (error instanceof IdlError || error instanceof SchemaError) return [];
    throw error;
  }
}

const schemas = (await Promise.all(FILES.map(loaded))).flat();

/** Types of a file and of those it includes, methods' arguments and results among them. */
function structsOf(schema: Schema): StructDescriptor[] {
  const methods = schema.services.flatMap((service) => service.methods);
  return [
    ...schema.structs,
    ...methods.flatMap(({ args, result }) => (result === undefined ? [args] : [args, result])),
  ];
}

it("loads every file that has no mistakes", () => {
  const names = new Set(schemas.map(([file]) => file));
  expect(FILES.filter((file) => !names.has(file))).toEqual(REFUSED);
  expect(schemas.flatMap(([, schema]) => structsOf(schema)).length).toBeGreaterThan(700);
});

const PROTOCOLS: readonly CodecOptions[] = [
  { protocol: "binary" },
  { protocol: "compact" },
  { protocol: "tjson" },
  { protocol: "json", json: { nonFinite: "string" } },
];

const legs = PROTOCOLS.flatMap((options) => backends.map((backend) => ({ ...options, backend })));

describe.each(legs)("$protocol, back end $backend", (options) => {
  it.each(schemas)("%s", (_, schema) => {
    for (const type of structsOf(schema)) {
      const codec = compile(type, options);
      expect(codec.backend).toBe(options.backend);
      forEachSeed(SEEDS, (random) => {
        const value = rebuild(type, randomStruct(type, random), (_, part) => part);
        expect(difference(codec.decode(codec.encode(value)), value, type.name)).toBeUndefined();
      });
    }
  });
});
