/** What the closure back end needs of what it writes and reads: one implementation for the protocols of Apache Thrift, one for plain JSON. */

import type { Memory } from "../../protocol/buffer.js";
import type { ResolvedOptions } from "../options.js";
import type { Plan } from "../plan.js";

/** What every run of an encoder keeps. */
export interface EncodeState {
  readonly writer: {
    /** Bytes written so far. */
    readonly position: number;
    reset(): void;
    finish(): Uint8Array;
    copyInto(target: Uint8Array, offset: number): void;
  };
  /** Structs around the value being written. */
  depth: number;
  /** Where a failure stands, innermost part first; empty until there is one. */
  readonly path: string[];
}

/** What every run of a decoder keeps. */
export interface DecodeState {
  readonly reader: { position: number; release(): void };
  /** Structs around the value being read. */
  depth: number;
  /** What is left of the heap budget, in bytes. */
  heap: number;
  /** Where a failure stands, innermost part first; empty until there is one. */
  readonly path: string[];
}

export interface ClosureFormat<E extends EncodeState, D extends DecodeState> {
  compileEncoder(plan: Plan): (context: E, value: unknown) => void;
  /** The function reads a value and all that belongs to it: blanks behind it too, where they mean nothing. */
  compileDecoder(plan: Plan): (context: D) => unknown;
  newEncodeContext(options: ResolvedOptions): E;
  newDecodeContext(options: ResolvedOptions): D;
  /** Puts the reader at a message that stands in a part of the memory. */
  start(context: D, memory: Memory, range: readonly [start: number, end: number]): void;
}
