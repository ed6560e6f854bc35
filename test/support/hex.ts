/** Bytes as tests write them. */

/**
 * Bytes from hex digits; blanks mean nothing, `//` starts a comment up to the end of the line, and `${}` splices in
 * bytes or more digits.
 *
 *     hex`0b 0001  00000003 416461 // field 1: "Ada"
 *         00                       // STOP`
 */
export function hex(strings: TemplateStringsArray, ...spliced: (Uint8Array | string)[]): Uint8Array {
  const parts = spliced.map((part) => (typeof part === "string" ? part : toHex(part)));
  const text = String.raw({ raw: strings.raw }, ...parts);
  const digits = text.replaceAll(/\/\/.*$/gm, "").replaceAll(/\s/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new SyntaxError(`not hex: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Hex digits of bytes, lower case, without blanks. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
