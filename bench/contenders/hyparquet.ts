/** hyparquet's reader of Parquet metadata, written by hand for it: the whole, and its part that reads Thrift. */

import { parquetMetadata } from "hyparquet";
import { CompressionCodecs, Encodings, ParquetTypes } from "hyparquet/src/constants.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";

import { footer, readNumbered } from "../workload/parquet.js";
import { read } from "../workload/shape.js";
import { type Contender, decoderOnly } from "./contender.js";

/** It names enums; the proof wants numbers. No two of these have a name in common. */
const numbers: ReadonlyMap<string, number> = new Map(
  [ParquetTypes, Encodings, CompressionCodecs]
    .flatMap((names) => [...names.entries()])
    .map(([index, name]) => [name, index]),
);

export const hyparquet: Contender = {
  title: "hyparquet parquetMetadata()",
  note: "the footer from its end; also names enums, reads bounds of statistics as values of their column",
  prepare: (workload) =>
    decoderOnly(workload, {
      messages: [footer],
      decode: (bytes) => parquetMetadata(bytes),
      readBack: (shape, decoded) => read(shape, decoded, { enum: (name: string) => numbers.get(name)! }),
    }),
};

export const hyparquetReader: Contender = {
  title: "hyparquet deserializeTCompactProtocol()",
  note: "Thrift alone: no names of fields, text left as bytes, unknown fields not told from known ones",
  prepare: (workload) =>
    decoderOnly(workload, {
      messages: workload.messages!,
      decode: (bytes) =>
        deserializeTCompactProtocol({ view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 }),
      readBack: readNumbered,
    }),
};
