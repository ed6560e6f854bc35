/** The small structs inside a Parquet file, page headers and indexes, where their footer says: what scrimp reads is what hyparquet reads. */

import { parquetHeader } from "hyparquet/src/column.js";
import { readColumnIndex, readOffsetIndex } from "hyparquet/src/indexes.js";
import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { failureFrom } from "../support/outcome.js";
import { GENERATIONS, parquetFiles, type ParquetFile } from "./parquet.js";

interface ColumnMetaData {
  codec: string;
  total_compressed_size: bigint;
  data_page_offset: bigint;
  dictionary_page_offset: bigint | undefined;
}

interface ColumnChunk {
  meta_data: ColumnMetaData;
  column_index_offset: bigint | undefined;
  offset_index_offset: bigint | undefined;
}

interface FileMetaData {
  row_groups: { columns: ColumnChunk[] }[];
}

type Reader = Parameters<typeof parquetHeader>[0];

const files = (await parquetFiles()).map((file) => [file.writer, file] as const);
const [, NEWEST] = GENERATIONS.at(-1)!;

/** A type whose raw bytes keep hyparquet from interpreting the bounds. */
const RAW = { name: "raw", type: "FIXED_LEN_BYTE_ARRAY" } as const;

/** Why scrimp does not write the bytes that it read. */
const OTHER_BYTES: Record<string, string> = {
  PageHeader: "is_compressed has a default, which an absent one is given and which is written then",
  ColumnIndex: "hyparquet-writer gives a list of bools the type 2 and writes false as 0; Apache's libraries: 1 and 2",
};

forEachBackend((backend) => {
  const codec = <T>(name: string): Codec<T> =>
    compile<T>(NEWEST.struct(name), {
      protocol: "compact",
      backend,
      enums: "name",
      trailingBytes: "ignore",
    });

  /** Reads one struct with both, and what scrimp makes of its value again. @returns where it ends. */
  const expectSame = (
    file: Uint8Array,
    offset: number,
    name: string,
    readOther: (reader: Reader) => unknown,
  ): number => {
    const reader = { view: new DataView(file.buffer, file.byteOffset, file.length), offset };
    const expected = readOther(reader);
    const struct = codec<object>(name);
    const value = struct.decode(file.subarray(offset));
    expect(value).toEqual(expected);
    const bytes = struct.encode(value);
    expect(struct.decode(bytes)).toEqual(value);
    if (OTHER_BYTES[name] === undefined) expect(toHex(bytes)).toBe(toHex(file.subarray(offset, reader.offset)));
    return reader.offset;
  };

  const chunksOf = ({ metadata }: ParquetFile): ColumnChunk[] =>
    codec<FileMetaData>("FileMetaData")
      .decode(metadata)
      .row_groups.flatMap(({ columns }) => columns);

  describe.each(files)("of %s", (_, parquet) => {
    it("the header of every page", () => {
      for (const { meta_data: column } of chunksOf(parquet)) {
        let at = Number(column.dictionary_page_offset ?? column.data_page_offset);
        const end = at + Number(column.total_compressed_size);
        while (at < end) {
          let size = 0;
          at = expectSame(parquet.file, at, "PageHeader", (reader) => {
            const header = parquetHeader(reader);
            size = header.compressed_page_size;
            return header;
          });
          at += size;
        }
        expect(at).toBe(end);
      }
    });

    it("every offset index", () => {
      const offsets = chunksOf(parquet).flatMap(({ offset_index_offset: offset }) => offset ?? []);
      expect(offsets.length).toBeGreaterThan(0);
      for (const offset of offsets) expectSame(parquet.file, Number(offset), "OffsetIndex", readOffsetIndex);
    });
  });

  const columnIndexes = (parquet: ParquetFile): number[] =>
    chunksOf(parquet).flatMap(({ column_index_offset: offset }) => (offset === undefined ? [] : [Number(offset)]));

  it("every column index of hyparquet-writer, with its list of bools", () => {
    const [, hyparquet] = files[0];
    const offsets = columnIndexes(hyparquet);
    expect(offsets.length).toBeGreaterThan(0);
    for (const at of offsets) expectSame(hyparquet.file, at, "ColumnIndex", (reader) => readColumnIndex(reader, RAW));
  });

  it("no column index of parquetjs-lite, which leaves out the required null_pages", () => {
    const [, parquetjs] = files[1];
    const offsets = columnIndexes(parquetjs);
    expect(offsets.length).toBeGreaterThan(0);
    for (const at of offsets) {
      const failure = failureFrom(() => codec("ColumnIndex").decode(parquetjs.file.subarray(at)));
      expect(failure).toMatchObject({ code: "ERR_THRIFT_REQUIRED_MISSING", path: "ColumnIndex.null_pages" });
    }
  });
});
