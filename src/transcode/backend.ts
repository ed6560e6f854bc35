/**
 * What runs a program: native code, generated JavaScript, or the interpreter. All are mute: they say that an input is
 * refused, and the codecs say why, or take it all the same.
 */

/** What {@link TranscodeBackend.convertInto} gives for an input or output that is refused, and for a target that is too small. */
export const REFUSED = -1;
export const NO_ROOM = -2;

export interface TranscodeBackend {
  readonly name: "interpreter" | "source" | "native";
  /** @returns the output in memory of its own, a Buffer in Node.js; undefined when input or output are refused. */
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
}

/** Loads a program. @returns undefined where the back end cannot run here. */
export type BackendFactory = (program: ArrayBuffer) => TranscodeBackend | undefined;
