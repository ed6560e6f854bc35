/**
 * Footers of Parquet files from independent writers, and the generations of parquet.thrift that npm packages carry.
 *
 *     | ... | FileMetaData, Thrift compact | its length 4, little-endian | "PAR1" |
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { parquetWriteBuffer } from "hyparquet-writer";
import { parseSchema } from "../../src/schema/parse.js";
import type { Schema } from "../../src/schema/schema.js";

/** What stands at the end of a Parquet file. */
export interface Footer {
  /** The package that wrote it. */
  writer: string;
  rowGroups: number;
  /** The metadata, its length and the magic. */
  bytes: Uint8Array;
  /** The FileMetaData alone. */
  metadata: Uint8Array;
}

/** A whole Parquet file. */
export interface ParquetFile extends Footer {
  file: Uint8Array;
}

const folder = new URL("../testdata/parquet/", import.meta.url);

/** Oldest first. */
export const GENERATIONS: readonly (readonly [string, Schema])[] = [
  ["parquetjs", schemaOf(new URL("parquetjs.thrift", folder))],
  ["parquetjs-lite", schemaOf("node_modules/parquetjs-lite/parquet.thrift")],
  ["@dsnp/parquetjs", schemaOf(new URL("dsnp.thrift", folder))],
];

function schemaOf(file: string | URL): Schema {
  return parseSchema({ "parquet.thrift": readFileSync(file, "utf8") });
}

/** All footers: those of heavy writers from test data, those of light ones written at once. */
export async function parquetFooters(): Promise<Footer[]> {
  return [
    stored("@duckdb/node-api", "duckdb-25-row-groups", 25),
    stored("@duckdb/node-api, all types", "duckdb-types", 1),
    stored("parquet-wasm", "parquet-wasm", 8),
    stored("@dsnp/parquetjs", "dsnp", 5),
    stored("parquets", "parquets", 5),
    stored("parquetjs", "parquetjs", 5),
    ...(await parquetFiles()),
  ];
}

/** Whole files, of the writers that are light. */
export async function parquetFiles(): Promise<ParquetFile[]> {
  const [hyparquet, parquetjs] = [writeWithHyparquet(), await writeWithParquetjs()];
  return [
    { ...footerOf("hyparquet-writer", 4, hyparquet), file: hyparquet },
    { ...footerOf("parquetjs-lite", 3, parquetjs), file: parquetjs },
  ];
}

function stored(writer: string, name: string, rowGroups: number): Footer {
  return footerOf(writer, rowGroups, readFileSync(new URL(`${name}.footer`, folder)));
}

function footerOf(writer: string, rowGroups: number, file: Uint8Array): Footer {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = file.length - 8;
  const start = end - view.getUint32(end, true);
  return { writer, rowGroups, bytes: file.subarray(start), metadata: file.subarray(start, end) };
}

const ROWS = 100;

function rows<T>(make: (row: number) => T): T[] {
  return Array.from({ length: ROWS }, (_, row) => make(row));
}

function writeWithHyparquet(): Uint8Array {
  const file = parquetWriteBuffer({
    rowGroupSize: 30,
    // Several pages a column, or no indexes are written.
    pageSize: 64,
    kvMetadata: [{ key: "origin", value: "scrimp" }, { key: "empty" }],
    columnData: [
      { name: "id", data: rows((row) => 2n ** 60n + BigInt(row)), type: "INT64", bloomFilter: true },
      { name: "name", data: rows((row) => ["Ada", "Zoë", "陈", null][row % 4]), type: "STRING", columnIndex: true },
      { name: "price", data: rows((row) => row / 8), type: "DOUBLE", encoding: "BYTE_STREAM_SPLIT" },
      { name: "ratio", data: rows((row) => row / 4), type: "FLOAT16" },
      { name: "ok", data: rows((row) => row % 3 === 0), type: "BOOLEAN", nullable: false },
      { name: "at", data: rows((row) => new Date(row * 86_400_000)), type: "TIMESTAMP" },
      { name: "note", data: rows((row) => ({ row })), type: "JSON" },
      { name: "key", data: rows((row) => new Uint8Array(16).fill(row)), type: "UUID" },
      { name: "place", data: rows((row) => ({ type: "Point", coordinates: [row, -row] })), type: "GEOMETRY" },
    ],
  });
  return new Uint8Array(file);
}

/** What is used of parquetjs-lite, which comes without types. */
interface Parquetjs {
  ParquetSchema: new (columns: object) => object;
  ParquetWriter: {
    openStream: (schema: object, output: NodeJS.WritableStream, options: object) => Promise<ParquetjsWriter>;
  };
}

interface ParquetjsWriter {
  setMetadata: (key: string, value: string) => void;
  appendRow: (row: object) => Promise<void>;
  close: () => Promise<void>;
}

async function writeWithParquetjs(): Promise<Uint8Array> {
  const { ParquetSchema, ParquetWriter } = createRequire(import.meta.url)("parquetjs-lite") as Parquetjs;
  const schema = new ParquetSchema({
    id: { type: "INT64" },
    name: { type: "UTF8", optional: true, compression: "GZIP" },
    tags: { type: "UTF8", repeated: true },
    at: { type: "TIMESTAMP_MILLIS" },
    size: { optional: true, fields: { width: { type: "DOUBLE" }, height: { type: "DOUBLE" } } },
  });
  const output = new PassThrough();
  const written = buffer(output);
  const writer = await ParquetWriter.openStream(schema, output, { rowGroupSize: 40 });
  writer.setMetadata("origin", "scrimp");
  for (let row = 0; row < ROWS; row++) {
    const size = row % 2 === 0 ? { width: row, height: row / 2 } : undefined;
    await writer.appendRow({ id: row, name: `row ${String(row)}`, tags: ["a", "é"], at: new Date(row), size });
  }
  await writer.close();
  return written;
}
