/** The native back end: what keeps it out, and what is special about memory in other hands. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { NO_ROOM, REFUSED, type TranscodeBackend } from "../../src/transcode/backend.js";
import { lower } from "../../src/transcode/lower.js";
import { nativeBackend, nativeStatus } from "../../src/transcode/native.js";
import { resolvePair } from "../../src/transcode/options.js";
import { makeRawCodec } from "../../src/transcode/raw.js";

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
