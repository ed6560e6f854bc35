/** The tokens of JSON, behind which blanks may stand, and text, any character of which may be escaped. */

import { Speller } from "./speller.js";

const NAMED_ESCAPES: Readonly<Record<number, string>> = {
  8: "\\b",
  9: "\\t",
  10: "\\n",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

export abstract class JsonTextSpeller extends Speller {
  protected token(token: string): void {
    this.ink.ascii(token);
    this.blank();
  }

  protected blank(): void {
    if (this.isOdd()) this.ink.ascii([" ", "\n", "\t\r", "   "][this.below(4)]);
  }

  protected string(bytes: Uint8Array): void {
    this.ink.ascii('"');
    let plain = 0;
    for (const [i, byte] of bytes.entries()) {
      const escape = escaped(byte, this.isOdd());
      if (escape === undefined) continue;
      this.ink.copy(bytes.subarray(plain, i));
      this.ink.ascii(escape);
      plain = i + 1;
    }
    this.ink.copy(bytes.subarray(plain));
    this.token('"');
  }
}

/** The escape for a byte of a string, for one that needs none only when asked for; undefined for those that have none. */
function escaped(byte: number, isOdd: boolean): string | undefined {
  if (byte >= 0x80) return undefined;
  const isPlain = byte >= 0x20 && byte !== 34 && byte !== 92;
  if (isPlain && !isOdd) return undefined;
  const named = isOdd ? undefined : NAMED_ESCAPES[byte];
  return named ?? `\\u${byte.toString(16).padStart(4, "0")}`;
}
