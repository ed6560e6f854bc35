/**
 * The metadata of a Parquet file of 25 row groups, as DuckDB wrote it (`test/testdata/parquet`). The shape names the fields that
 * every writer sets, for the proof; decoders read all that is there.
 *
 *     | FileMetaData, Thrift compact | its length 4, little-endian | "PAR1" |
 */

import { readFileSync } from "node:fs";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";

import { list, read, type Shape, struct, type StructShape } from "./shape.js";
import type { Value } from "./value.js";

const folder = new URL("../../test/testdata/parquet/", import.meta.url);

export const parquetIdl = new URL("dsnp.thrift", folder);

/** All of it: hyparquet finds the metadata from the end. */
export const footer: Buffer = readFileSync(new URL("duckdb-25-row-groups.footer", folder));

export const fileMetaData: Buffer = footer.subarray(0, -8);

const elementShape = struct("SchemaElement", { name: "string" }, [1, 2, 3]);

const columnMetaDataShape = struct(
  "ColumnMetaData",
  {
    type: "enum",
    encodings: list("enum"),
    path_in_schema: list("string"),
    codec: "enum",
    num_values: "i64",
    total_uncompressed_size: "i64",
    total_compressed_size: "i64",
    data_page_offset: "i64",
  },
  [8],
);

const columnShape = struct("ColumnChunk", { file_offset: "i64", meta_data: columnMetaDataShape }, [1]);

const rowGroupShape = struct("RowGroup", { columns: list(columnShape), total_byte_size: "i64", num_rows: "i64" });

export const fileMetaDataShape = struct(
  "FileMetaData",
  {
    version: "i32",
    schema: list(elementShape),
    num_rows: "i64",
    row_groups: list(rowGroupShape),
    created_by: "string",
  },
  [5],
);

/** What {@link deserializeTCompactProtocol} gives, which knows ids and no names. */
type Numbered = Readonly<Record<`field_${number}`, unknown>>;

export function readNumbered(shape: StructShape, numbered: unknown): Value {
  return read(shape, named(shape, numbered), {});
}

function named(shape: Shape, numbered: unknown): unknown {
  if (shape === "string") return Buffer.from(numbered as Uint8Array).toString();
  if (typeof shape === "string") return numbered;
  if (shape.kind === "list") return (numbered as unknown[]).map((element) => named(shape.element, element));
  if (shape.kind === "map") throw new Error("Parquet has no maps");
  return Object.fromEntries(
    shape.fields.map((field) => [field.name, named(field.shape, (numbered as Numbered)[`field_${field.id}`])]),
  );
}

/** Any decoder's word would do: the others are held against it. */
export function fileMetaDataValue(): Value {
  const view = new DataView(fileMetaData.buffer, fileMetaData.byteOffset, fileMetaData.length);
  return readNumbered(fileMetaDataShape, deserializeTCompactProtocol({ view, offset: 0 }));
}
