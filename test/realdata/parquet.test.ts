/** Footers of real Parquet files, each read with three generations of parquet.thrift, and compared with what hyparquet reports. */

import { parquetMetadata } from "hyparquet";
import { describe, expect, it } from "vitest";
import { treeRows } from "../../src/cli/tree.js";
import { compile } from "../../src/codec/codec.js";
import { resolveOptions } from "../../src/codec/options.js";
import { planStruct } from "../../src/codec/plan.js";
import { resolveType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import { scrimp } from "../cli/scrimp.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { difference, outcomeOf } from "../support/outcome.js";
import { asHyparquetReports } from "./parquet-report.js";
import { GENERATIONS, parquetFooters, type Footer } from "./parquet.js";

const footers = (await parquetFooters()).map((footer) => [footer.writer, footer] as const);
const metadataTypes = GENERATIONS.map(([name, schema]) => [name, schema.struct("FileMetaData")] as const);
const pairs = footers.flatMap(([writer, footer]) =>
  metadataTypes.map(([name, type]) => [writer, name, footer, type] as const),
);
const [NEWEST_NAME, NEWEST] = metadataTypes.at(-1)!;

/** Headers of the fields that a generation does not know, those inside of them left out. */
function unknownFields({ metadata }: Footer, type: StructDescriptor): string[] {
  const rows = treeRows(metadata, planStruct(type, resolveOptions({ protocol: "compact" })));
  return Array.from(rows)
    .filter(({ kind, label }) => kind === "unknown" && label.endsWith(" ?"))
    .map(({ label }) => label);
}

/**
 * Compares two values on the fields that both types have.
 *
 * @returns where they first differ; undefined when they do not.
 */
function disagreement(a: Type, valueA: unknown, b: Type, valueB: unknown): string | undefined {
  const [typeA, typeB] = [resolveType(a), resolveType(b)];
  if (valueA === undefined || valueB === undefined || typeA.kind !== typeB.kind) return difference(valueA, valueB);
  if (typeA.kind === "list" && typeB.kind === "list") {
    const [itemsA, itemsB] = [valueA as unknown[], valueB as unknown[]];
    if (itemsA.length !== itemsB.length) return `lengths ${itemsA.length} and ${itemsB.length}`;
    return firstOf(itemsA, (item, index) => disagreement(typeA.element, item, typeB.element, itemsB[index]));
  }
  if (typeA.kind === "struct" && typeB.kind === "struct") {
    return firstOf(typeA.fields, (field) => {
      const other = typeB.fields.find(({ id }) => id === field.id);
      if (other === undefined) return undefined;
      const [fieldA, fieldB] = [(valueA as Fields)[field.name], (valueB as Fields)[other.name]];
      const found = disagreement(field.type, fieldA, other.type, fieldB);
      return found === undefined ? undefined : `.${field.name} ${found}`;
    });
  }
  return difference(valueA, valueB);
}

type Fields = Record<string, unknown>;

function firstOf<T>(items: readonly T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return `[${String(index)}] ${found}`;
  }
  return undefined;
}

/** A union of which a generation knows no member is read as empty, and an empty union is not written. */
const NOT_WRITTEN: Record<string, string> = {
  "@duckdb/node-api, all types, parquetjs-lite": "FileMetaData.schema[8].logicalType.TIMESTAMP.unit",
  "hyparquet-writer, parquetjs-lite": "FileMetaData.schema[4].logicalType",
};

describe("footers of Parquet files", () => {
  it("come from independent writers, with 1 to 25 row groups", () => {
    const creators = footers.map(([, { bytes }]) => parquetMetadata(bytes).created_by!.split(" ")[0]);
    expect(new Set(creators).size).toBeGreaterThanOrEqual(6);
    expect(footers.map(([, { bytes }]) => parquetMetadata(bytes).row_groups.length)).toEqual(
      footers.map(([, { rowGroups }]) => rowGroups),
    );
  });

  it.each(footers)("of %s hold nothing that the newest IDL does not know", (writer, footer) => {
    // nan_count, which parquet-format has only had since the newest IDL was copied.
    const expected = writer === "hyparquet-writer" ? new Set(["9 ?"]) : new Set();
    expect(new Set(unknownFields(footer, NEWEST))).toEqual(expected);
  });

  forEachBackend((backend) => {
    it.each(footers)("of %s say what hyparquet reports", (_, { bytes, metadata }) => {
      const decoded = compile<Fields>(NEWEST, { protocol: "compact", backend, enums: "name" }).decode(metadata);
      const { metadata_length, ...reported } = parquetMetadata(bytes, { geoparquet: false });
      expect(metadata_length).toBe(metadata.length);
      expect(asHyparquetReports(decoded)).toEqual(reported);
    });

    it.each(pairs)("of %s mean the same to %s", (_writer, _generation, { metadata }, type) => {
      const known = compile(type, { protocol: "compact", backend }).decode(metadata);
      const all = compile(NEWEST, { protocol: "compact", backend }).decode(metadata);
      expect(disagreement(type, known, NEWEST, all)).toBeUndefined();
    });

    it.each(pairs)(
      "of %s, read with %s, are written as they were, unknown fields left out",
      (writer, name, footer, type) => {
        const codec = compile(type, { protocol: "compact", backend });
        const value = codec.decode(footer.metadata);
        const outcome = outcomeOf(() => codec.encode(value));
        const refused = NOT_WRITTEN[`${writer}, ${name}`];
        if (refused !== undefined) return expect(outcome).toMatchObject({ error: "EncodeError", path: refused });
        expect(outcome).toHaveProperty("value");
        const { value: bytes } = outcome as { value: Uint8Array };
        expect(difference(codec.decode(bytes), value)).toBeUndefined();
        // Every writer here writes the shortest form in the order of ids, as scrimp does.
        const isWhole = unknownFields(footer, type).length === 0;
        expect(toHex(bytes) === toHex(footer.metadata)).toBe(isWhole);
      },
    );

    it.each(pairs)(
      "of %s, read with %s and unknown fields kept, are written byte for byte",
      (_writer, _name, footer, type) => {
        const codec = compile(type, { protocol: "compact", backend, unknownFields: "keep" });
        expect(toHex(codec.encode(codec.decode(footer.metadata)))).toBe(toHex(footer.metadata));
      },
    );
  });
});

describe("scrimp decode --protocol compact", () => {
  const args = ["decode", "--protocol", "compact"];
  const target = ["test/testdata/parquet/dsnp.thrift", "FileMetaData"];

  it.each(footers)(`--tree prints all of a footer of %s, read with ${NEWEST_NAME}`, async (_, { metadata }) => {
    const { code, output, errors } = await scrimp([...args, "--tree", ...target], { input: metadata });
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    const lines = output.trimEnd().split("\n");
    const printed = lines.slice(1).map((line) => line.slice(0, 6));
    expect(printed).toEqual([...printed].sort());
    const last = metadata.length - 1;
    expect(lines.at(-1)).toMatch(new RegExp(`^${last.toString(16).padStart(6, "0")} +00 +STOP$`));
    expect(output).toMatch(/ 1 version +i32 +\d\n/);
    expect(output).toMatch(/ 6 created_by +string +".+"\n/);
  });

  it.each(footers)("prints the numbers of a footer of %s as JSON", async (_, { metadata, rowGroups }) => {
    const { code, output } = await scrimp([...args, ...target], { input: metadata });
    expect(code).toBe(0);
    expect((JSON.parse(output) as { row_groups: unknown[] }).row_groups).toHaveLength(rowGroups);
  });
});
