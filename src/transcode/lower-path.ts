/**
 * A path in the form that native code follows, `native/path.h`: flat, like a program, in the byte order of the machine.
 *
 *     path     | count | steps, 8 words each | bytes |        a word has 32 bits
 *
 *     step     0 kind: field 0, index 1, key 2
 *              1 wire type of what it leads to
 *              2 wire type of keys; 0 without keys
 *              3 i32: id of the field; index of the element, 2^31 - 1 for those that no list reaches
 *              4 i64, its lower word first: the key where it is an integer, a bool
 *              6 bytes: the key where it is text, as UTF-8, or a UUID; offset from the start of the path, and length
 */

import { ttypeOf } from "../codec/plan.js";
import { isWellFormed } from "../protocol/text.js";
import { TType } from "../protocol/ttype.js";
import { formatUuid, parseUuid } from "../protocol/uuid.js";
import { resolveType } from "../schema/descriptor.js";
import type { Step } from "./path.js";

const KINDS = ["field", "index", "key"] as const satisfies readonly Step["kind"][];
const STEP_WORDS = 8;
const MAX_INDEX = 0x7fff_ffff;
const NO_BYTES = new Uint8Array(0);

/** @returns undefined for a path that only JavaScript follows, as its key is not known by its bytes. */
export function lowerPath(steps: readonly Step[]): Uint8Array | undefined {
  const texts = steps.map(keyBytes);
  const words = new Int32Array(1 + steps.length * STEP_WORDS);
  words[0] = steps.length;
  let offset = words.byteLength;
  for (const [i, step] of steps.entries()) {
    const text = texts[i];
    if (text === undefined) return undefined;
    const at = 1 + i * STEP_WORDS;
    words.set([KINDS.indexOf(step.kind), ttypeOf(step.type), keyType(step), numberOf(step)], at);
    words.set(keyWords(step), at + 4);
    words.set([offset, text.length], at + 6);
    offset += text.length;
  }
  const path = new Uint8Array(offset);
  path.set(new Uint8Array(words.buffer));
  let end = words.byteLength;
  for (const text of texts) {
    path.set(text!, end);
    end += text!.length;
  }
  return path;
}

function keyType(step: Step): number {
  return step.kind === "key" ? ttypeOf(resolveType(step.map.key)) : TType.STOP;
}

function numberOf(step: Step): number {
  if (step.kind === "field") return step.field.id;
  return step.kind === "index" ? Math.min(step.index, MAX_INDEX) : 0;
}

function keyWords(step: Step): readonly [low: number, high: number] {
  if (step.kind !== "key" || typeof step.key === "string") return [0, 0];
  const key = BigInt(step.key);
  return [Number(BigInt.asIntN(32, key)), Number(BigInt.asIntN(32, key >> 32n))];
}

/** @returns undefined where bytes other than these may be the key, too, or none. */
function keyBytes(step: Step): Uint8Array | undefined {
  if (step.kind !== "key" || typeof step.key !== "string") return NO_BYTES;
  return resolveType(step.map.key).kind === "uuid" ? uuidBytes(step.key) : textBytes(step.key);
}

/** Decoders give UUIDs in one of their spellings. */
function uuidBytes(key: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  return parseUuid(key, bytes, 0) && formatUuid(bytes, 0) === key ? bytes : undefined;
}

/** Decoders give U+FFFD for what is no UTF-8, and never lone surrogates, which are encoded as U+FFFD. */
function textBytes(key: string): Uint8Array | undefined {
  return isWellFormed(key) && !key.includes("\u{fffd}") ? new TextEncoder().encode(key) : undefined;
}
