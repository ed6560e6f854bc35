/**
 * What runs a program: native code, generated JavaScript, or the interpreter. All are mute: they say that an input is
 * refused, and the codecs say why, or take it all the same.
 */

import type { Found } from "./find.js";
import type { Step } from "./path.js";

/** What {@link TranscodeBackend.convertInto} gives for an input or output that is refused, and for a target that is too small. */
export const REFUSED = -1;
export const NO_ROOM = -2;

export interface TranscodeBackend {
  readonly name: "interpreter" | "source" | "native";
  /** @returns the output, which is the caller's, a Buffer in Node.js; undefined when input or output are refused. */
  convert(bytes: Uint8Array): Uint8Array | undefined;
  /**
   * Writes into the target from `offset`, which is within it, on; what stands there is lost even on failure. Programs that
   * only check take any target.
   *
   * @returns the number of bytes written, {@link REFUSED} or {@link NO_ROOM}.
   */
  convertInto(bytes: Uint8Array, target: Uint8Array, offset: number): number;
  /** As {@link TranscodeBackend.convert}, without blocking the thread of the caller; absent where that cannot be done. */
  convertAsync?(bytes: Uint8Array): Promise<Uint8Array | undefined>;
  /** Prepares the way to a value in what the program reads. @returns undefined where JavaScript has to find it; absent likewise. */
  finder?(steps: readonly Step[]): NativeFinder | undefined;
  /** Steps over a struct that starts at an offset within the bytes. @returns where it ends, or {@link REFUSED}. */
  skip?(bytes: Uint8Array, offset: number): number;
}

/** Finds a value as `ThriftFinder` does. @returns undefined for a message that is refused, or that JavaScript has to look at. */
export type NativeFinder = (bytes: Uint8Array) => Found | undefined;

/** Loads a program. @returns undefined where the back end cannot run here. */
export type BackendFactory = (program: ArrayBuffer) => TranscodeBackend | undefined;
