/**
 * UTF-8 as bytes (RFC 3629), for those who make no strings of it: what is valid, and what is put in the place of what is
 * not. Overlong forms, surrogates and what is beyond U+10FFFF are invalid:
 *
 *     00..7f
 *     c2..df  80..bf
 *     e0..ef  80..bf  80..bf              e0: from a0 on; ed: up to 9f
 *     f0..f4  80..bf  80..bf  80..bf      f0: from 90 on; f4: up to 8f
 */

import { readUtf8, writeLongUtf8 } from "./text.js";

/** @returns where valid UTF-8 ends: `end`, or where the first character stands that is none. */
export function validUtf8End(bytes: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end) {
    if (bytes[p] < 0x80) {
      p++;
      continue;
    }
    const length = characterLength(bytes, p, end);
    if (length === 0) return p;
    p += length;
  }
  return end;
}

/** Bytes of the character beyond ASCII that starts at `p`, all of it before `end`; 0 for what is none. */
export function characterLength(bytes: Uint8Array, p: number, end: number): number {
  const lead = bytes[p];
  if ((lead & 0xf0) === 0xe0) {
    // Most text beyond ASCII that takes time is of this kind.
    const second = bytes[p + 1] ^ 0x80;
    const third = bytes[p + 2] ^ 0x80;
    const unit = ((lead & 0x0f) << 12) | (second << 6) | third;
    return p + 2 < end && (second | third) < 0x40 && unit >= 0x800 && (unit & 0xf800) !== 0xd800 ? 3 : 0;
  }
  const length = declaredLength(lead);
  return length > 0 && p + length <= end && prefixLength(bytes, p, p + length) === length ? length : 0;
}

/** Bytes that one U+FFFD replaces: those of the invalid character at `p` that could begin a valid one, at least one. */
export function invalidLength(bytes: Uint8Array, p: number, end: number): number {
  const length = declaredLength(bytes[p]);
  return length === 0 ? 1 : prefixLength(bytes, p, Math.min(end, p + length));
}

/** What the first byte beyond ASCII says of the length; 0 where it says nothing. */
function declaredLength(lead: number): number {
  if (lead < 0xe0) return lead < 0xc2 ? 0 : 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** How many bytes from `p` on fit together, up to `end`. */
function prefixLength(bytes: Uint8Array, p: number, end: number): number {
  const lead = bytes[p];
  const second = bytes[p + 1];
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (p + 1 >= end || second < lowest || second > highest) return 1;
  let at = p + 2;
  while (at < end && (bytes[at] & 0xc0) === 0x80) at++;
  return at - p;
}

/** UTF-8 with U+FFFD in the place of what is invalid, in memory of its own. */
export function replaceInvalid(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = readUtf8(bytes, start, end);
  const valid = new Uint8Array(3 * text.length);
  return valid.subarray(0, writeLongUtf8(text, valid, 0));
}
