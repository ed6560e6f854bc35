/** The output of programs that only check their input. */

import type { Output } from "./output.js";

const NO_BYTES = new Uint8Array(0);

export class NoOutput implements Output {
  readonly position = 0;
  reset(): void {}
  finish(): Uint8Array {
    return NO_BYTES;
  }
  copyInto(): void {}
  beginStruct(): void {}
  endStruct(): void {}
  beginField(): number {
    return 0;
  }
  endField(): void {}
  writeAbsent(): number {
    return 0;
  }
  writeUnknown(): void {}
  arrange(): void {}
  beginElements(): number {
    return 0;
  }
  nextElement(): void {}
  endElements(): void {}
  beginEntries(): number {
    return 0;
  }
  beginKey(): void {}
  beginValue(): void {}
  endEntry(): void {}
  endEntries(): void {}
  writeRange(): void {}
  writeBool(): void {}
  writeI8(): void {}
  writeI16(): void {}
  writeI32(): void {}
  writeI64Words(): void {}
  writeDouble(): void {}
  writeText(): void {}
  writeBytes(): void {}
  writeUuidBytes(): void {}
  writeEnum(): void {}
}
