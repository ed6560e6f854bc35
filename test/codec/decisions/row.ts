/**
 * The table of malformed input: what a message says, and what becomes of it. A row is one meaning, which support/wire/
 * spells in every protocol. Where a protocol spells it in a way of its own, the row has the bytes; where a protocol cannot
 * say it at all, the row has the reason. The rows stand in the files beside this one.
 */

import type { ErrorCode } from "../../../src/errors.js";
import { parseSchema } from "../../../src/schema/parse.js";
import type { CodecProtocol } from "../../../src/codec/options.js";
import type { Struct } from "../../support/wire/node.js";

export const schema = parseSchema({
  "a.thrift": `enum E { A = 1 } struct Empty {} union U { 1: i32 n 2: string t }
    struct S { 1: i32 n 2: string t 3: list<i32> l 4: set<string> s 5: map<string, i32> m 6: U u 7: Empty e 8: E color
      9: list<Empty> empties 10: binary b 11: list<bool> flags 12: bool yes 13: map<Empty, Empty> pairs 14: list<list<i8>> grid 15: uuid id
      16: i16 short 17: i8 tiny 18: i64 long 19: double real }
    struct Required { 1: required i32 n 2: i32 o }
    struct Deep { 1: Deep d }`,
});

/** A failure: its code, where in the value, and where in the bytes, when that is not the mark of the message. */
export interface Refusal {
  code: ErrorCode;
  path: string;
  offset?: number;
}

export type Decision = Refusal | { value: unknown };

/** How one protocol spells a row, where that is not the usual way, or why it cannot. */
export type Special = string | { bytes: Uint8Array; decision: Decision };

export interface Row {
  meaning: string;
  struct: string;
  /** Absent for what every protocol says in its own way. */
  message?: Struct;
  decision?: Decision;
  specials: Partial<Record<CodecProtocol, Special>>;
}

export const refused = (code: string, path: string, offset?: number): Refusal => ({
  code: `ERR_THRIFT_${code}` as ErrorCode,
  path,
  ...(offset === undefined ? {} : { offset }),
});

const EMPTY: Record<string, unknown> = Object.fromEntries(
  schema.struct("S").fields.map(({ name }) => [name, undefined]),
);
export const value = (fields: Record<string, unknown> = {}): Decision => ({ value: { ...EMPTY, ...fields } });
export const json = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A row about the struct S, or about another one. */
export const row = (meaning: string, message: Struct, decision: Decision, specials: Row["specials"] = {}): Row => ({
  meaning,
  struct: "path" in decision ? decision.path.replace(/[.].*/s, "") : "S",
  message,
  decision,
  specials,
});

/** A row that every protocol spells in its own way. */
export const own = (meaning: string, specials: Row["specials"]): Row => ({ meaning, struct: "S", specials });
export const bad = (bytes: Uint8Array, ...refusal: [code: string, path: string, offset: number]): Special => ({
  bytes,
  decision: refused(...refusal),
});
export const good = (bytes: Uint8Array, fields: Record<string, unknown> = {}): Special => ({
  bytes,
  decision: value(fields),
});

export const NO_LENGTH = "strings end at a quote: no length to lie about";
export const NO_ELEMENT_BYTES = "an element takes no fixed number of bytes, so the count is refused for another one";
export const FIXED_WIDTH = "the width of the type says it all";

export const NO_TYPES = "values have no types but those that they show";
export const NO_COUNTS = "containers end at a bracket: no count to lie about";
export const NO_IDS = "fields have names";
