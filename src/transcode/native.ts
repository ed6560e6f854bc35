/**
 * The native back end: C++ of `native/`, loaded when it is first asked for. Where it cannot be loaded, for whatever
 * reason, there is none, and everything goes its way in JavaScript.
 */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { StructDescriptor } from "../schema/descriptor.js";
import { NO_ROOM, REFUSED, type BackendFactory, type NativeFinder, type TranscodeBackend } from "./backend.js";
import { NOWHERE, type Found } from "./find.js";
import { lowerPath } from "./lower-path.js";
import { lower } from "./lower.js";
import { resolvePair, type TranscoderOptions } from "./options.js";
import { parsePath, type Step } from "./path.js";
import { slabFor, takeOutput } from "./slab.js";

/** A program in the hands of C++ (`native/addon.cc`). What is no result is a negative number. */
interface NativeProgram {
  /** Writes into the target from the offset on. @returns the bytes written; an array of its own when they do not fit there. */
  convert(bytes: Uint8Array, target: Uint8Array, offset: number): number | Uint8Array;
  /** On another thread, which reads the bytes until it is done. */
  convertAsync(bytes: Uint8Array): Promise<number | Uint8Array>;
  /**
   * Compiles a path, as lower-path.ts spells it. @returns what tells the kind of place (FoundKind of `native/find.h`), which
   * then stands in the `places` of the addon; undefined where native code does not read the protocol.
   */
  finder(path: Uint8Array): ((bytes: Uint8Array) => number) | undefined;
  /** @returns where the struct ends that starts at an offset. */
  skip(bytes: Uint8Array, offset: number): number;
}

interface Addon {
  /** Where native code leaves what it found. Never to be given away, as native code knows where it stands. */
  readonly places: ArrayBuffer;
  /** @returns undefined for what is no program of its version. */
  load(program: Uint8Array): NativeProgram | undefined;
}

/** Whether native code is in use, and what keeps it out. */
export type NativeStatus =
  { readonly isActive: true; readonly file: string } | { readonly isActive: false; readonly reason: string };

/** FoundKind of `native/find.h`. */
const FoundKind = { VALUE: 1, FOLDED: 2, FIELD_GAP: 3, ENTRY_GAP: 4 } as const;

let loaded: { readonly status: NativeStatus; readonly addon?: Addon } | undefined;

/**
 * Loads the addon, once. The environment variable `SCRIMP_NATIVE` decides: `0` leaves it out, `require` throws where it
 * cannot be loaded; otherwise it is used where it is there.
 */
export function nativeStatus(): NativeStatus {
  return load().status;
}

/** Loads programs into C++. @returns undefined where there is no addon. */
export const nativeBackend: BackendFactory = (program) => {
  const { addon } = load();
  const native = addon?.load(new Uint8Array(program));
  return addon && native && new NativeBackend(native, addon.places);
};

function load(): NonNullable<typeof loaded> {
  loaded ??= tryLoad();
  return loaded;
}

function tryLoad(): NonNullable<typeof loaded> {
  const wish = process.env.SCRIMP_NATIVE;
  if (wish === "0") return { status: { isActive: false, reason: "SCRIMP_NATIVE is 0" } };
  try {
    const require = createRequire(import.meta.url);
    // The package itself, wherever a build has put this file.
    const root = path.dirname(require.resolve("scrimp/package.json"));
    const { path: find } = require("node-gyp-build") as { path: (root: string) => string };
    const file = find(root);
    checkSum(file);
    const addon = require(file) as Addon;
    checkAnswers(addon);
    return { status: { isActive: true, file }, addon };
  } catch (error) {
    if (wish === "require")
      throw new Error("SCRIMP_NATIVE is require, and the addon cannot be loaded", { cause: error });
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    return { status: { isActive: false, reason } };
  }
}

/** A file that is cut off or damaged could take the process down when it is loaded. The build writes its sum beside it. */
function checkSum(file: string): void {
  const sumFile = `${file}.sha256`;
  if (!existsSync(sumFile)) return;
  // To load it takes 3 ms, a seventh of what it takes to import scrimp.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (sum !== readFileSync(sumFile, "utf8").trim())
    throw new Error("the addon is damaged: its checksum is another one");
}

/** A struct of an i32, a string and a list of doubles. */
const SAMPLE: StructDescriptor = sample();

function sample(): StructDescriptor {
  const location = { file: "", line: 0, column: 0 };
  const described = { annotations: new Map<string, string>(), doc: undefined, location };
  const field = (id: number, name: string, type: object): object => {
    return { ...described, id, name, type, requiredness: "optional", defaultValue: undefined };
  };
  const fields = [
    field(1, "number", { kind: "i32" }),
    field(2, "text", { kind: "string" }),
    field(3, "list", { kind: "list", element: { kind: "double" } }),
  ];
  const name = "Sample";
  return {
    ...described,
    kind: "struct",
    variant: "struct",
    name,
    qualifiedName: name,
    fields,
  } as unknown as StructDescriptor;
}

const SAMPLE_JSON = '{"number":-7,"text":"\\u0007 \\"ä\\" 世","list":[0.1,1e+21,-0]}';

const SAMPLE_BYTES = {
  binary:
    "080001fffffff90b00020000000a072022c3a42220e4b8960f000304000000033fb999999999999a444b1ae4d6e2ef508000000000000000" +
    "00",
  compact: "150d180a072022c3a42220e4b89619379a9999999999b93f50efe2d6e41a4b44000000000000008000",
} as const;

/** Has the addon convert what is known, so that one of another processor's, or one that was built wrongly, stays out. */
function checkAnswers(addon: Addon): void {
  const json = Buffer.from(SAMPLE_JSON);
  const samples = {
    binary: Buffer.from(SAMPLE_BYTES.binary, "hex"),
    compact: Buffer.from(SAMPLE_BYTES.compact, "hex"),
    json,
  };
  for (const [from, input] of Object.entries(samples)) {
    for (const [to, output] of Object.entries(samples)) {
      const pair = resolvePair({ from, to } as TranscoderOptions);
      const program = addon.load(new Uint8Array(lower(SAMPLE, pair)))!;
      const target = Buffer.alloc(json.length * 8);
      const written = program.convert(input, target, 0);
      const isRight = typeof written === "number" && output.equals(target.subarray(0, Math.max(written, 0)));
      const isCutRefused = program.convert(input.subarray(0, -1), target, 0) === REFUSED;
      if (!isRight || !isCutRefused) throw new Error(`the addon fails its self-test, ${from} to ${to}`);
    }
  }
  checkFinder(addon, samples.binary);
}

/** The number of the sample stands in `input[3, 7)`. */
function checkFinder(addon: Addon, input: Uint8Array): void {
  const program = addon.load(new Uint8Array(lower(SAMPLE, resolvePair({ from: "binary", to: "binary" }))))!;
  const kind = program.finder(lowerPath(parsePath(SAMPLE, "number"))!)!(input);
  const [start, end] = new Int32Array(addon.places);
  if (kind !== FoundKind.VALUE || start !== 3 || end !== 7) throw new Error("the addon fails its self-test of finding");
}

class NativeBackend implements TranscodeBackend {
  readonly name = "native";
  readonly #program: NativeProgram;
  readonly #places: Int32Array;

  constructor(program: NativeProgram, places: ArrayBuffer) {
    this.#program = program;
    this.#places = new Int32Array(places);
  }

  convert(bytes: Uint8Array): Uint8Array | undefined {
    const slab = slabFor(bytes.length);
    const output = this.#program.convert(unshared(bytes), slab.bytes, slab.used);
    if (typeof output !== "number") return output;
    return output < 0 ? undefined : takeOutput(slab, output);
  }

  convertInto(bytes: Uint8Array, target: Uint8Array, offset: number): number {
    // Native code reads again what it has written, so nobody else may write there meanwhile.
    const isShared = isSharedMemory(target);
    const output = this.#program.convert(unshared(bytes), isShared ? NOTHING : target, isShared ? 0 : offset);
    if (typeof output === "number") return output < 0 ? REFUSED : output;
    // Native code asks for more room than it needs: what did not fit on the way may fit in the end.
    if (output.length > target.length - offset) return NO_ROOM;
    target.set(output, offset);
    return output.length;
  }

  finder(steps: readonly Step[]): NativeFinder | undefined {
    const path = lowerPath(steps);
    const find = path && this.#program.finder(path);
    if (find === undefined) return undefined;
    const places = this.#places;
    return (bytes) => {
      const kind = find(unshared(bytes));
      return kind < 0 ? undefined : foundAt(kind, places);
    };
  }

  skip(bytes: Uint8Array, offset: number): number {
    return this.#program.skip(unshared(bytes), offset);
  }

  async convertAsync(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    if (bytes.length < POOLED_BYTES) return this.convert(bytes);
    const output = await this.#program.convertAsync(await copyInSlices(bytes));
    return typeof output === "number" ? undefined : output;
  }
}

/** What a place was found to be: native code has left its offsets in `places`. */
function foundAt(kind: number, places: Int32Array): Found {
  const [start, end] = places;
  switch (kind) {
    case FoundKind.VALUE:
    case FoundKind.FOLDED:
      return { kind: "value", start, end, isFolded: kind === FoundKind.FOLDED };
    case FoundKind.FIELD_GAP:
      return { kind: "field", start, end, isEmpty: places[2] !== 0, lastId: places[3] };
    case FoundKind.ENTRY_GAP: {
      const [, stop, sizeStart, sizeEnd, size, entriesEnd] = places;
      return { kind: "entry", start, stop, sizeStart, sizeEnd, size, end: entriesEnd };
    }
    default:
      return NOWHERE;
  }
}

const NOTHING = new Uint8Array(0);

function isSharedMemory({ buffer }: Uint8Array): boolean {
  return buffer instanceof SharedArrayBuffer;
}

/** Native code must not read what another thread may write at the same time. */
function unshared(bytes: Uint8Array): Uint8Array {
  return isSharedMemory(bytes) ? new Uint8Array(bytes) : bytes;
}

/** Inputs from this size on are worth the way to another thread and back. */
const POOLED_BYTES = 256 * 1024;

/** So much is copied at a time, which takes less than a millisecond. */
const SLICE_BYTES = 1024 * 1024;

/** A copy that nobody else has: a caller that changes, resizes or transfers the bytes harms no thread that reads. */
async function copyInSlices(bytes: Uint8Array): Promise<Uint8Array> {
  const { length } = bytes;
  const copy = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; at += SLICE_BYTES) {
    if (at > 0) await new Promise(setImmediate);
    // Gone, or cut short, meanwhile: no message any more.
    if (bytes.length < length) return NOTHING;
    copy.set(bytes.subarray(at, Math.min(at + SLICE_BYTES, length)), at);
  }
  return copy;
}
