/** The protocols of Apache Thrift by name: what a back end needs to know of each. */

import { BinaryReader, BinaryWriter } from "./binary.js";
import { CompactReader, CompactWriter } from "./compact.js";
import type { ProtocolReader, ProtocolWriter, ReaderOptions, WriterOptions } from "./protocol.js";
import { TJsonWriter } from "./tjson-writer.js";
import { TJsonReader } from "./tjson.js";
import { BINARY_MINIMUM, COMPACT_MINIMUM, TJSON_MINIMUM, type MinimumBytes } from "./ttype.js";

interface Protocol {
  readonly minimumBytes: MinimumBytes;
  readonly createReader: (options: ReaderOptions) => ProtocolReader;
  readonly createWriter: (options: WriterOptions) => ProtocolWriter;
}

/** The protocols of Apache Thrift that there are. */
export type ProtocolName = "binary" | "compact" | "tjson";

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  binary: {
    minimumBytes: BINARY_MINIMUM,
    createReader: (options) => new BinaryReader(options),
    createWriter: (options) => new BinaryWriter(options),
  },
  compact: {
    minimumBytes: COMPACT_MINIMUM,
    createReader: (options) => new CompactReader(options),
    createWriter: (options) => new CompactWriter(options),
  },
  tjson: {
    minimumBytes: TJSON_MINIMUM,
    createReader: (options) => new TJsonReader(options),
    createWriter: (options) => new TJsonWriter(options),
  },
};
