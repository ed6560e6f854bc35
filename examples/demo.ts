/** What scrimp does, on real input, in half a minute: `npm run demo`. Needs Node.js and npm, nothing else. */

import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import progress from "cli-progress";
import { importBuilt } from "../bench/contenders/scrimp.js";
import { runQuick, type QuickRow } from "../bench/quick.js";
import { hexWindow } from "../src/cli/bytes.js";
import { Shell } from "../src/cli/shell.js";
import { treeLines } from "../src/cli/tree.js";
import { resolveOptions } from "../src/codec/options.js";
import { planStruct } from "../src/codec/plan.js";
import type { Codec, Schema } from "../src/index.js";

// The package as built, not its sources by way of a loader: that is what users run.
const { compile, DecodeError, loadSchema } = await importBuilt();

const { stdin: input, stdout: output, stderr: errors, env } = process;
const { paint } = new Shell({ input, output, errors, env });
// `npm run demo | head` is no reason to crash.
output.on("error", () => process.exit());

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function title(text: string): void {
  console.log(`\n${paint(["bold", "blue"], text)}\n`);
}

async function load(name: string): Promise<Schema> {
  const path = relative(process.cwd(), pathOf(name));
  const start = performance.now();
  const schema = await loadSchema(path);
  const ms = (performance.now() - start).toFixed(1);
  const counts = Object.entries({
    file: schema.files.length,
    struct: schema.structs.length,
    enum: schema.enums.length,
    service: schema.services.length,
  }).map(([noun, count]) => `${String(count)} ${noun}${count === 1 ? "" : "s"}`);
  console.log(
    `  ${path.replace("node_modules/", "").padEnd(40)} ${counts.join(", ").padEnd(42)} ${paint("dim", `${ms} ms`)}`,
  );
  return schema;
}

function showOrder(schema: Schema): void {
  const order = compile(schema.struct("Order"));
  const value = {
    id: 7n,
    lines: [
      { product: { sku: "T-1", title: "茶 green", price: { units: 450, currency: "EUR" }, tags: ["loose"] }, count: 2 },
    ],
    status: "PAID",
    payment: { card: "1111" },
    history: { PLACED: 1_700_000_000n, PAID: 1_700_000_060n },
    weightKg: 0.25,
  };
  const bytes = order.encode(value);
  console.log(
    `  an order of ${String(bytes.length)} bytes; its ids and times are bigints, its enums were given by name\n`,
  );
  const plan = planStruct(order.descriptor, resolveOptions({}));
  for (const line of treeLines(bytes, plan, paint)) console.log(`  ${line}`);
  if (!isDeepStrictEqual(order.encode(order.decode(bytes)), bytes)) throw new Error("the order does not round-trip");
}

/** TOpenSessionReq and its answer, as a Hive or Databricks client sends and gets them. */
function showHive(schema: Schema): void {
  const request = compile(schema.struct("TOpenSessionReq"));
  const bytes = request.encode({
    client_protocol: "HIVE_CLI_SERVICE_PROTOCOL_V10",
    username: "ada",
    configuration: { "use:database": "default" },
  });
  const back = request.decode(bytes) as { username: string; configuration: Map<string, string> };
  const [setting] = back.configuration;
  console.log(
    `\n  Hive: TOpenSessionReq, ${String(bytes.length)} bytes, came back for ${back.username} with ${setting?.join(" = ") ?? "no setting"}`,
  );
}

async function roundTripGolden(): Promise<void> {
  const schema = await load("../test/testdata/golden/everything.thrift");
  const codecs = new Map(schema.structs.map((struct) => [struct.name, compile(struct)]));
  const lines = readFileSync(pathOf("../test/testdata/golden/golden.jsonl"), "utf8").trim().split("\n");
  let sameBytes = 0;
  let size = 0;
  for (const line of lines) {
    const { struct, binary } = JSON.parse(line) as { struct: string; binary: string };
    const codec = codecs.get(struct)!;
    const bytes = Buffer.from(binary, "hex");
    const value = codec.decode(bytes);
    const again = codec.encode(value);
    if (!isDeepStrictEqual(codec.decode(again), value)) throw new Error(`a vector of ${struct} does not round-trip`);
    size += bytes.length;
    if (bytes.equals(again)) sameBytes++;
  }
  const bytesKept = sameBytes === lines.length ? "and their very bytes" : `${String(sameBytes)} their very bytes`;
  console.log(
    `\n  ${String(lines.length)} messages (${String(size)} bytes) that Apache Thrift's Python library wrote, decoded and encoded again:`,
  );
  console.log(`  ${paint("green", `all keep their value, ${bytesKept}`)}`);
}

function refuse(schema: Schema): void {
  const order = compile(schema.struct("Order"), { limits: "untrusted" });
  const hostile = Buffer.from("0a000100000000000000070f00020c7fffffff0b0001", "hex");
  console.log(`  ${String(hostile.length)} bytes that claim an order of 2,147,483,647 lines\n`);
  failureOf(order, hostile); // the first time compiles the codec
  const start = performance.now();
  const error = failureOf(order, hostile);
  const ms = (performance.now() - start).toFixed(2);
  console.log(`  ${paint("red", error.code)} after ${ms} ms\n  ${error.message}`);
  console.log(hexWindow(hostile, error.offset, paint).replaceAll(/^/gm, "  "));
}

function failureOf(codec: Codec, bytes: Uint8Array): InstanceType<typeof DecodeError> {
  try {
    codec.decode(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("the hostile message was decoded");
}

async function measure(): Promise<QuickRow[]> {
  const format = "  measuring [{bar}] {percentage}%  {step}";
  const bar = new progress.SingleBar(
    { format, stream: errors, clearOnComplete: true, hideCursor: true, fps: 5 },
    progress.Presets.rect,
  );
  bar.start(1, 0, { step: "" });
  const rows = await runQuick({
    onProgress: (step, done, total) => {
      bar.setTotal(total);
      bar.update(done, { step });
    },
  });
  bar.stop();
  return rows;
}

const BAR = 40;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function chart(rows: QuickRow[], operation: QuickRow["operation"]): void {
  const shown = rows.filter((row) => row.operation === operation).toSorted((a, b) => a.ns - b.ns);
  const baseline = shown.find((row) => row.title === "thrift") ?? shown.at(-1)!;
  console.log(`  ${paint("bold", operation)}`);
  for (const { title: name, ns, perSecond } of shown) {
    const eighths = Math.max(1, Math.round((shown[0].ns / ns) * BAR * 8));
    const drawn = ("█".repeat(eighths >> 3) + EIGHTHS[eighths & 7]).padEnd(BAR);
    const style = name.startsWith("scrimp") ? "green" : "dim";
    const speed = `${Math.round(perSecond).toLocaleString("en")}/s`.padStart(10);
    console.log(
      `  ${name.padEnd(26)} ${paint(style, drawn)} ${speed}  ${`${(baseline.ns / ns).toFixed(1)}x`.padStart(6)}`,
    );
  }
  console.log();
}

title("1. IDL, read when the program starts: no generated files");
const shop = await load("idl/shop.thrift");
const hive = "../node_modules/hive-driver/thrift/TCLIService.thrift";
const hiveSchema = existsSync(pathOf(hive)) ? await load(hive) : undefined;

title("2. A message: bytes, and what they say");
showOrder(shop);
if (hiveSchema !== undefined) showHive(hiveSchema);

title("3. The same bytes as Apache Thrift");
await roundTripGolden();

title("4. Bytes from anyone");
refuse(shop);

title("5. Speed, measured here and now on a message of 3.3 KB; npm's thrift = 1.0x");
const rows = await measure();
chart(rows, "encode");
chart(rows, "decode");
console.log(
  paint(
    "dim",
    `  ${cpus()[0]?.model.trim() ?? "unknown processor"}, Node.js ${process.version}; \`npm run bench\` compares more, and longer`,
  ),
);
