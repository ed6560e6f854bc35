/** Finds values in plain JSON. Of what comes twice, the last counts, as for decoders. */

import { memberName } from "../codec/json/member.js";
import type { ResolvedJsonOptions } from "../codec/json/options.js";
import { enumFromText } from "../codec/json/value.js";
import { memoryOf } from "../protocol/buffer.js";
import { JsonScanner } from "../protocol/json/scanner.js";
import type { Limits } from "../protocol/limits.js";
import { resolveType } from "../schema/descriptor.js";
import { MAX_NESTING, NOWHERE, type Found } from "./find.js";
import type { Step } from "./path.js";

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

type StepOf<K extends Step["kind"]> = Step & { kind: K };

export class JsonFinder {
  readonly #maxSkipDepth: number;
  readonly #scanner: JsonScanner;
  readonly #options: ResolvedJsonOptions;
  #steps: readonly Step[] = [];
  #start = 0;

  constructor(options: ResolvedJsonOptions, { maxStringBytes, maxSkipDepth }: Limits) {
    this.#maxSkipDepth = maxSkipDepth;
    this.#options = options;
    this.#scanner = new JsonScanner({ maxStringBytes, strictUtf8: false });
  }

  /** Offsets count from the start of the bytes. @throws ProtocolError where the message is none. */
  find(bytes: Uint8Array, steps: readonly Step[]): { found: Found; end: number } {
    const scanner = this.#scanner;
    this.#start = bytes.byteOffset;
    this.#steps = steps;
    const memory = memoryOf(bytes.buffer);
    scanner.reset(memory.bytes, this.#start, this.#start + bytes.length, memory.view);
    try {
      const found = this.#value(0);
      scanner.skipSpace();
      return { found, end: scanner.position - this.#start };
    } finally {
      scanner.release();
    }
  }

  /** Steps over a value that starts at an offset. @returns where it ends. */
  skip(bytes: Uint8Array, offset: number): number {
    const scanner = this.#scanner;
    const start = bytes.byteOffset;
    const memory = memoryOf(bytes.buffer);
    scanner.reset(memory.bytes, start + offset, start + bytes.length, memory.view);
    try {
      scanner.skipValue(this.#maxSkipDepth);
      return scanner.position - start;
    } finally {
      scanner.release();
    }
  }

  get #offset(): number {
    this.#scanner.skipSpace();
    return this.#scanner.position - this.#start;
  }

  #value(depth: number): Found {
    const start = this.#offset;
    const step = this.#steps[depth] as Step | undefined;
    if (step !== undefined && this.#scanner.takeNull()) return NOWHERE;
    switch (step?.kind) {
      case undefined: {
        const isNull = this.#scanner.takeNull();
        if (!isNull) this.#scanner.skipValue(MAX_NESTING);
        return { kind: "value", start, end: this.#scanner.position - this.#start, isFolded: false };
      }
      case "field":
        return this.#members(depth, (name) => name === memberName(step.field, this.#options));
      case "index":
        return this.#elements(depth, step);
      case "key":
        return this.#members(depth, (name) => isKey(name, step));
    }
  }

  /** Reads an object that is a struct or a map. */
  #members(depth: number, isWanted: (name: string) => boolean): Found {
    const scanner = this.#scanner;
    let found: Found | undefined;
    scanner.expect(OPEN_BRACE, "an object");
    const start = this.#offset;
    const isEmpty = scanner.take(CLOSE_BRACE);
    if (!isEmpty) {
      do {
        const isHere = isWanted(scanner.readName());
        scanner.expect(COLON, '":"');
        if (isHere) found = this.#value(depth + 1);
        else scanner.skipValue(MAX_NESTING);
      } while (scanner.take(COMMA));
      scanner.expect(CLOSE_BRACE, '"," or "}"');
    }
    const end = scanner.position - 1 - this.#start;
    if (found !== undefined) return found;
    // An entry is put like a field: neither counts are patched, nor ids.
    return depth + 1 === this.#steps.length ? { kind: "field", start, end, isEmpty, lastId: 0 } : NOWHERE;
  }

  #elements(depth: number, { index }: StepOf<"index">): Found {
    const scanner = this.#scanner;
    let found: Found = NOWHERE;
    scanner.expect(OPEN_BRACKET, "an array");
    if (scanner.take(CLOSE_BRACKET)) return found;
    let i = 0;
    do {
      if (i++ === index) found = this.#value(depth + 1);
      else scanner.skipValue(MAX_NESTING);
    } while (scanner.take(COMMA));
    scanner.expect(CLOSE_BRACKET, '"," or "]"');
    return found;
  }
}

/** True for a name that stands for the key, as decoders read it. */
function isKey(name: string, { key, map }: StepOf<"key">): boolean {
  const type = resolveType(map.key);
  return type.kind === "enum" ? enumFromText(name, type, true) === key : name === String(key);
}
