// Writes the footers of this folder: see README.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// The packages are those of the working directory, which need not be this checkout.
const require = createRequire(pathToFileURL(resolve("make.mjs")));
const target = new URL("./", import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), "parquet-"));

const ROWS = Array.from({ length: 50 }, (_, i) => ({
  id: i,
  name: ["Ada", "Zoë", "陈", "🙂"][i % 4],
  price: i / 8,
  ok: i % 3 === 0,
  at: new Date(Date.UTC(2026, 0, 1 + (i % 28))),
  tags: Array.from({ length: i % 3 }, (_, tag) => `tag ${tag}`),
}));

/** Keeps what stands behind the row groups: file metadata, its length in 4 bytes, the magic. */
function keepFooter(name, file = readFileSync(join(scratch, `${name}.parquet`))) {
  const bytes = Buffer.from(file);
  const length = bytes.readUInt32LE(bytes.length - 8);
  writeFileSync(new URL(`${name}.footer`, target), bytes.subarray(bytes.length - 8 - length));
}

async function duckdb() {
  const { DuckDBInstance } = require("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const copy = (query, name, options) =>
    connection.run(`COPY (${query}) TO '${join(scratch, name)}.parquet' (FORMAT parquet, ${options})`);
  await copy(
    `SELECT i AS id, 'row ' || i AS name, i / 8.0 AS price, i % 3 = 0 AS ok FROM range(51200) t(i)`,
    "duckdb-25-row-groups",
    "ROW_GROUP_SIZE 2048",
  );
  await copy(
    `SELECT i::TINYINT AS tiny, i::UINTEGER AS word, i::DECIMAL(9,2) AS amount, i::HUGEINT AS huge,
       DATE '2026-01-01' + i::INTEGER AS day, TIME '12:00:00' AS clock, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS zoned,
       TIMESTAMP_NS '2026-01-01 00:00:00.000000001' AS instant, uuid() AS key, 'x'::BLOB AS blob,
       ['a', NULL, 'é'] AS words, {x: i, y: [{z: 1.5}]} AS nested, MAP {'k': i} AS map,
       CASE i % 2 WHEN 0 THEN 'even'::ENUM('even', 'odd') END AS parity, INTERVAL 1 DAY AS span
     FROM range(100) t(i)`,
    "duckdb-types",
    "COMPRESSION zstd, KV_METADATA {origin: 'scrimp', note: 'Zoë'}, FIELD_IDS 'auto'",
  );
  keepFooter("duckdb-25-row-groups");
  keepFooter("duckdb-types");
}

/** parquet-rs, by way of WebAssembly. */
function parquetRs() {
  const { Table, WriterPropertiesBuilder, Compression, writeParquet } = require("parquet-wasm/node");
  const { Field, List, Utf8, tableFromArrays, tableToIPC, vectorFromArray } = require("apache-arrow");
  const words = new List(new Field("item", new Utf8()));
  const arrays = {
    id: Int32Array.from(ROWS, ({ id }) => id),
    big: BigInt64Array.from(ROWS, ({ id }) => 2n ** 60n + BigInt(id)),
    price: Float64Array.from(ROWS, ({ price }) => price),
    name: ROWS.map(({ name }) => name),
    ok: ROWS.map(({ ok }) => ok),
    at: ROWS.map(({ at }) => at),
    tags: vectorFromArray(
      ROWS.map(({ tags }) => tags),
      words,
    ),
  };
  const table = Table.fromIPCStream(tableToIPC(tableFromArrays(arrays), "stream"));
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setMaxRowGroupSize(7)
    .setKeyValueMetadata(new Map([["origin", "scrimp"]]))
    .build();
  keepFooter("parquet-wasm", writeParquet(table, properties));
}

const JS_SCHEMA = {
  id: { type: "INT64" },
  name: { type: "UTF8", compression: "GZIP" },
  price: { type: "DOUBLE" },
  ok: { type: "BOOLEAN" },
  at: { type: "TIMESTAMP_MILLIS" },
  tags: { type: "UTF8", repeated: true },
};

/** parquetjs and its forks share an interface, but not the writer of the metadata. */
async function parquetjs(packageName, name) {
  const { ParquetSchema, ParquetWriter } = require(packageName);
  const path = join(scratch, `${name}.parquet`);
  const writer = await ParquetWriter.openFile(new ParquetSchema(JS_SCHEMA), path, { rowGroupSize: 10 });
  writer.setMetadata("origin", "scrimp");
  for (const row of ROWS) await writer.appendRow(row);
  await writer.close();
  keepFooter(name);
}

await duckdb();
parquetRs();
await parquetjs("parquets", "parquets");
await parquetjs("@dsnp/parquetjs", "dsnp");
await parquetjs("parquetjs", "parquetjs");
rmSync(scratch, { recursive: true });
