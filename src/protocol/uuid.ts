/** The text of a uuid: 16 bytes as hex digits in groups of 8, 4, 4, 4 and 12. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @returns the canonical text, lower case, of the 16 bytes that start at `offset`, for example `00112233-4455-6677-8899-aabbccddeeff`. */
export function formatUuid(bytes: Uint8Array, offset: number): string {
  let text = "";
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += HEX[bytes[offset + i]];
  }
  return text;
}

const GROUPS = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/**
 * Writes the 16 bytes of a uuid. Takes upper and lower case, braces around, and dashes left out.
 *
 * @returns false, with nothing written, when the text is no uuid.
 */
export function parseUuid(text: string, bytes: Uint8Array, offset: number): boolean {
  const inner = text.length > 2 && text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  const groups = GROUPS.exec(inner);
  if (groups === null) return false;
  const digits = groups.slice(1).join("");
  for (let i = 0; i < 16; i++) bytes[offset + i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return true;
}
