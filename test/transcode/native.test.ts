/** The native back end: what keeps it out, and what is special about memory in other hands. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { NO_ROOM, REFUSED, type TranscodeBackend } from "../../src/transcode/backend.js";
import { lower } from "../../src/transcode/lower.js";
import { nativeBackend, nativeStatus } from "../../src/transcode/native.js";
import { resolvePair } from "../../src/transcode/options.js";
import { makeRawCodec } from "../../src/transcode/raw.js";
import { outcomeOf } from "../support/outcome.js";
import { Random } from "../support/random-value.js";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder where an addon is looked for, with a file in the place of the addon. */
function folderWith(addon?: string, sum?: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "scrimp-native-"));
  folders.push(folder);
  const release = path.join(folder, "build/Release");
  mkdirSync(release, { recursive: true });
  if (addon !== undefined) writeFileSync(path.join(release, "scrimp.node"), addon);
  if (sum !== undefined) writeFileSync(path.join(release, "scrimp.node.sha256"), sum);
  return folder;
}

const SCRIPT = `
import { makeTranscoder } from "./src/transcode/transcoder.ts";
import { nativeBackend, nativeStatus } from "./src/transcode/native.ts";
import { parseSchema } from "./src/schema/parse.ts";
const schema = parseSchema({ "a.thrift": "struct P { 1: i32 x }" });
const transcoder = makeTranscoder(schema.struct("P"), { from: "binary", to: "json" }, nativeBackend);
const output = Buffer.from(transcoder.convert(Buffer.from("08000100000007" + "00", "hex"))).toString();
console.log(JSON.stringify({ status: nativeStatus(), output, backend: transcoder.backend }));
`;

/** What a process says that starts with flags and variables. */
function say(flags: readonly string[], env: Record<string, string>): unknown {
  const args = [...flags, "--import", "tsx", "--input-type=module", "--eval", SCRIPT];
  const text = execFileSync(process.execPath, args, {
    encoding: "utf8",
    // Nothing of these is an addon, so nothing needs the libraries of a sanitizer.
    env: { ...process.env, LD_PRELOAD: "", SCRIMP_NATIVE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(text);
}

function inJavaScript(reason: RegExp): unknown {
  const status = { isActive: false, reason: expect.stringMatching(reason) as unknown };
  return { status, output: '{"x":7}', backend: "interpreter" };
}

describe("what keeps native code out leaves everything working", { timeout: 60_000 }, () => {
  it("SCRIMP_NATIVE=0", () => {
    expect(say([], { SCRIMP_NATIVE: "0" })).toEqual(inJavaScript(/SCRIMP_NATIVE is 0/));
  });

  it("no addon", () => {
    expect(say([], { SCRIMP_PREBUILD: folderWith() })).toEqual(inJavaScript(/No native build was found/));
  });

  it("a file that is no addon, as one of another processor's is none", () => {
    const folder = folderWith("\x7fELF but not for this machine");
    expect(say([], { SCRIMP_PREBUILD: folder })).toEqual(inJavaScript(/./));
  });

  it("a file with another checksum than that beside it", () => {
    const folder = folderWith("half of an addon", "0".repeat(64));
    expect(say([], { SCRIMP_PREBUILD: folder })).toEqual(inJavaScript(/damaged/));
  });

  it("--no-addons", () => {
    const folder = folderWith("never looked at");
    expect(say(["--no-addons"], { SCRIMP_PREBUILD: folder })).toEqual(inJavaScript(/disabled/));
  });

  it("SCRIMP_NATIVE=require throws instead", () => {
    const env = { SCRIMP_NATIVE: "require", SCRIMP_PREBUILD: folderWith() };
    expect(() => say([], env)).toThrow(/SCRIMP_NATIVE is require/);
  });
});

const status = nativeStatus();
const reason = status.isActive ? "" : ` (skipped: ${status.reason})`;

describe.skipIf(!status.isActive)(`native code and memory in other hands${reason}`, () => {
  const schema = parseSchema({ "a.thrift": "struct P { 1: string text, 2: list<i64> numbers }" });
  const descriptor = schema.struct("P");
  const value = { text: "ä\n".repeat(20), numbers: Array.from({ length: 30 }, (_, i) => BigInt(i)) };
  const json = compile(descriptor, { protocol: "json" }).encode(value);
  const binary = compile(descriptor).encode(value);
  const load = (): TranscodeBackend => nativeBackend(lower(descriptor, resolvePair({ from: "binary", to: "json" })))!;

  it("reads views at any offset, and shared memory", () => {
    const backend = load();
    for (const buffer of [new ArrayBuffer(binary.length + 8), new SharedArrayBuffer(binary.length + 8)]) {
      for (let offset = 0; offset < 8; offset++) {
        const view = new Uint8Array(buffer, offset, binary.length);
        view.set(binary);
        expect(backend.convert(view)).toEqual(json);
      }
    }
  });

  it("refuses what is empty or has gone away", () => {
    const backend = load();
    const gone = new Uint8Array(binary);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    for (const bytes of [new Uint8Array(0), gone]) {
      expect(backend.convert(bytes)).toBeUndefined();
      expect(backend.convertInto(bytes, new Uint8Array(8), 0)).toBe(REFUSED);
    }
  });

  it("fills a target that has just the room, shared or not, and says when there is less", () => {
    const backend = load();
    for (const buffer of [new ArrayBuffer(json.length + 3), new SharedArrayBuffer(json.length + 3)]) {
      const target = new Uint8Array(buffer);
      expect(backend.convertInto(binary, target, 3)).toBe(json.length);
      expect(Buffer.from(target.subarray(3))).toEqual(json);
      expect(backend.convertInto(binary, target, 4)).toBe(NO_ROOM);
    }
  });

  /** Messages whose outputs are short, long, too long for the rest of a slab, and longer than one. */
  const sizes = [0, 1, 2000, 8000, 9000, 17_000, 50_000, 120_000, 300_000, 1_000_000];
  const messages = sizes.map((size) => {
    const sized = { ...value, text: "x".repeat(size) };
    const [bytes, expected] = ["binary", "json"].map((protocol) =>
      compile(descriptor, { protocol: protocol as "binary" }).encode(sized),
    );
    return { bytes, expected };
  });

  it("gives outputs that stay as they are while others are made", () => {
    const backend = load();
    const random = new Random(1);
    const made = Array.from({ length: 2000 }, (_, i) => {
      const { bytes, expected } = random.pick(i % 100 === 0 ? messages : messages.slice(0, 7));
      // What is refused has been written, too, as far as it went.
      if (random.chance(0.2)) expect(backend.convert(bytes.subarray(0, -1))).toBeUndefined();
      return { output: backend.convert(bytes)!, expected };
    });
    expect(made.every(({ output, expected }) => Buffer.compare(output, expected) === 0)).toBe(true);
  });

  it("gives outputs that keep no more alive than Buffer's pool, or 32 times their size", () => {
    const backend = load();
    for (const { bytes } of messages) {
      const output = backend.convert(bytes)!;
      expect(output.buffer.byteLength).toBeLessThanOrEqual(Math.max(Buffer.poolSize, 32 * output.length));
    }
  });

  it("gives outputs that cannot be taken from others by a transfer", () => {
    const backend = load();
    const { bytes, expected } = messages[5];
    const [first, second] = [backend.convert(bytes)!, backend.convert(bytes)!];
    // Node.js 20 ignores the transfer of what is untransferable, later ones refuse it.
    outcomeOf(() => structuredClone(first, { transfer: [first.buffer as ArrayBuffer] }));
    for (const output of [first, second, backend.convert(bytes)!]) expect(Buffer.compare(output, expected)).toBe(0);
  });

  it("converts on when the memory of an output has been detached all the same", () => {
    // Node.js 20 has the method behind a flag, which contexts that are made later look at.
    setFlagsFromString("--harmony-rab-gsab-transfer");
    const detach = runInNewContext("ArrayBuffer.prototype.transfer") as (this: ArrayBufferLike) => ArrayBuffer;
    const backend = load();
    // Short outputs stand in Buffer's own pool, which Node.js needs.
    for (const { bytes, expected } of messages.filter((message) => message.expected.length > Buffer.poolSize)) {
      const output = backend.convert(bytes)!;
      const taken = detach.call(output.buffer);
      expect(output).toHaveLength(0);
      const copy = taken.slice(0);
      for (const message of messages) expect(Buffer.compare(backend.convert(message.bytes)!, message.expected)).toBe(0);
      // Nothing was written there any more.
      expect(Buffer.compare(new Uint8Array(taken), new Uint8Array(copy))).toBe(0);
      expect(Buffer.compare(backend.convert(bytes)!, expected)).toBe(0);
    }
  });

  it("finds and steps over in shared memory, as JavaScript does", () => {
    const raw = makeRawCodec(descriptor, { backend: "native" }, nativeBackend);
    const shared = new Uint8Array(new SharedArrayBuffer(binary.length));
    shared.set(binary);
    expect(raw.at("numbers[29]").get(shared)).toBe(29n);
    expect(raw.skip(shared)).toBe(binary.length);
    expect(raw.skip(new Uint8Array(new SharedArrayBuffer(1)))).toBe(1);
  });

  it("converts on another thread, and refuses what goes away before it has been copied", async () => {
    const large = { ...value, text: "ä\n".repeat(1_000_000) };
    const bytes = compile(descriptor).encode(large);
    const expected = compile(descriptor, { protocol: "json" }).encode(large);
    const backend = load();
    const pending = Promise.all([backend.convertAsync!(bytes.slice()), backend.convertAsync!(bytes.subarray(0, -1))]);
    const [output, refused] = await pending;
    expect(Buffer.compare(output!, expected)).toBe(0);
    expect(refused).toBeUndefined();
    const changing = new Uint8Array(bytes);
    const converted = backend.convertAsync!(changing);
    structuredClone(changing.buffer, { transfer: [changing.buffer] });
    await expect(converted).resolves.toBeUndefined();
  });
});
