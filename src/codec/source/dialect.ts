/**
 * What differs between protocols in generated source: each spells the same statements for its own bytes. The order of
 * fields, checks, containers and results is the same in all, and stands in encode.ts and decode.ts.
 *
 * Statements read and write at `p` and leave it behind what they read or wrote; `view` covers the memory, `end` is the
 * end of the message.
 */

import type { Limits } from "../../protocol/limits.js";
import type { ResolvedOptions } from "../options.js";
import type { ValuePlan } from "../plan.js";
import type { TypedArrayOf, TypedKind } from "../typed-list.js";
import type { UnknownField } from "../unknown.js";
import { NOTHING, type Code } from "./code.js";

/** Kinds of values whose spelling depends on the protocol alone. */
export type ScalarKind = "bool" | "i8" | "i16" | "i32" | "double";

/** What of a type decides how it is spelled. */
export type ValueType = Pick<ValuePlan, "kind" | "ttype">;

export interface FieldType {
  readonly id: number;
  readonly value: ValueType;
}

/** What bounds a field that is skipped. */
export type SkipLimits = Pick<Limits, "maxSkipDepth" | "maxStringBytes">;

export interface Dialect {
  readonly encode: EncodeDialect;
  readonly decode: DecodeDialect;
}

export interface EncodeDialect {
  /** Functions that generated source refers to by name, beside those of runtime.ts. */
  readonly runtime: Readonly<Record<string, unknown>>;
  /** Writes text or binary at a position, where SLACK bytes are free. @returns the position behind it, where they are again. */
  readonly writeText: WriteBlock;
  readonly writeBytes: WriteBlock;
  /** Writes a field that was kept, header and value, where there is room for it. @param previousId id of the field before. */
  writeUnknown(field: UnknownField, position: number, previousId: number): number;
  /** The id of the field before, at run time; any number where the protocol does not ask. */
  readonly previousId: Code;
  /** Writes all elements of a typed array at a position, where there is room for them. */
  readonly writeNumbers: { readonly [kind in TypedKind]: (list: TypedArrayOf[kind], position: number) => number };
  /** Declarations of variables, beginning with a comma. */
  readonly locals: Code;
  /** Most bytes of a field header. */
  readonly headerBytes: number;
  /** Most bytes of a container's header. */
  readonly containerBytes: number;
  /** Most bytes of a value by kind; absent where nothing bounds them. */
  readonly mostBytes: { readonly [kind in ValuePlan["kind"]]?: number };
  /**
   * Statements that write a field header.
   *
   * @param previous id of the field before, 0 for none; undefined when it is known at run time only.
   * @param value the variable that holds the value, which some protocols put into the header.
   */
  header(field: FieldType, previous: number | undefined, value: Code): Code;
  /** Statements that write the value of a field, where they are not those of any value of the kind. */
  fieldValue(field: FieldType): Code | undefined;
  readonly scalars: { readonly [kind in ScalarKind]: (value: Code) => Code };
  i64(value: Code): Code;
  uuid(value: Code): Code;
  /** Statements that write the end of a struct, {@link STOP_BYTES} at most. */
  readonly stop: Code;
  /** Statements that write the header of a list or set of `count` elements. */
  listHeader(element: ValueType, count: Code): Code;
  /** Statements before and after the entries of a map; `count` holds how many have been written, 0 before. */
  mapBegin(names: MapNames, key: ValueType, value: ValueType): Code;
  mapEnd(names: MapNames): Code;
  /** Absent in protocols of bytes. */
  readonly punctuation?: EncodePunctuation;
}

/** Most bytes of the end of a struct, in any protocol. */
export const STOP_BYTES = 2;

/** What stands around values in protocols of text: statements that write it. */
export interface EncodePunctuation {
  /** Most bytes of each. */
  readonly bytes: number;
  readonly fieldEnd: Code;
  readonly elementBegin: Code;
  readonly listEnd: Code;
  /** Statements that write a key with what stands around it; `entry.count` is 1 for the first one. */
  key(key: ValuePlan, entry: { from: Code; count: Code; write: Code }): Code;
}

/** Protocols of bytes have none. */
export const NO_ENCODE_PUNCTUATION: EncodePunctuation = {
  bytes: 0,
  fieldEnd: NOTHING,
  elementBegin: NOTHING,
  listEnd: NOTHING,
  key: (_key, { write }) => write,
};

export type WriteBlock = (value: unknown, position: number) => number;

/** Variables of a map that is written. */
export interface MapNames {
  /** A Map or an array of pairs. */
  readonly entries: Code;
  /** Entries written so far. */
  readonly count: Code;
  /** For the protocol to use. */
  readonly spare: Code;
}

export interface DecodeDialect {
  /** Functions that generated source refers to by name, beside those of runtime.ts. */
  readonly runtime: Readonly<Record<string, unknown>>;
  /** Makes the function that steps over a field nobody knows, from where `readHeader` left `p`. @returns the position behind it. */
  fieldSkipper(limits: SkipLimits): (position: number, header: number) => number;
  /** What there is to keep of a field nobody knows, from where `readHeader` left `p` to `end`. */
  unknownField(header: number, start: number, end: number): UnknownField;
  /** Reads the elements of a list into a new typed array; their number has been checked. Sets `input.position`. */
  readonly readNumbers: { readonly [kind in TypedKind]: (position: number, count: number) => TypedArrayOf[kind] };
  /** Declarations of variables, beginning with a comma. `h` is the current field header: a type over 16 bits that tell the id. */
  readonly locals: Code;
  /** Statements that make `h` the header at `p`. They may move `p` behind it. */
  readonly readHeader: Code;
  /** Condition that `h` is the end of the struct. */
  readonly isStop: Code;
  /** Statements that move `p` from where `readHeader` left it to the value. */
  readonly enterField: Code;
  /** Where the struct ends, from where `readHeader` left `p`. */
  readonly structEnd: Code;
  /** Condition that `h` is the header of a field. */
  isHeader(field: FieldType): Code;
  /** The 16 bits of id that `h` has for a field. */
  idBits(field: FieldType): number;
  /** Statements that read the value of a field, where they are not those of any value of the kind. */
  fieldValue(field: FieldType, to: Code): Code | undefined;
  readonly scalars: { readonly [kind in ScalarKind]: (to: Code) => Code };
  i64(as: "bigint" | "number" | "string", to: Code): Code;
  /** Absent in protocols of bytes, which write the length of text before it. */
  readonly text?: DecodeText;
  readonly punctuation?: DecodePunctuation;
  /** Statements that declare `count` and read the length of a string or binary into it; it is negative from 2^31 on. */
  length(count: Code): Code;
  /** Statements that declare `count` and `type` and read the header of a list or set; a condition that `type` is another than that of the elements. */
  listHeader(names: HeaderNames, element: ValueType): { read: Code; isOther: Code };
  /** The same for a map. */
  mapHeader(names: HeaderNames, key: ValueType, value: ValueType): { read: Code; isOther: Code };
}

/** Text whose length nothing tells ahead: statements that read it. */
export interface DecodeText {
  /** Functions that obey options, by the names that generated source refers to them by. */
  runtime(options: ResolvedOptions): Readonly<Record<string, unknown>>;
  string(to: Code): Code;
  binary(to: Code): Code;
  uuid(to: Code): Code;
}

/** What stands around values in protocols of text: statements that read it. */
export interface DecodePunctuation {
  readonly elementBegin: Code;
  readonly listEnd: Code;
  /** Statements that read a key with what stands around it; `entry.index` is 0 for the first one. */
  key(key: ValuePlan, entry: { to: Code; index: Code; read: Code }): Code;
  readonly mapEnd: Code;
}

/** Protocols of bytes have none. */
export const NO_DECODE_PUNCTUATION: DecodePunctuation = {
  elementBegin: NOTHING,
  listEnd: NOTHING,
  key: (_key, { read }) => read,
  mapEnd: NOTHING,
};

/** Variables of a container's header. */
export interface HeaderNames {
  readonly count: Code;
  readonly type: Code;
}
