/** Four bytes of text at a time, lowest first: which of them mean something in a string of JSON. */

/** The bits that no byte of ASCII has, of four bytes. */
export const NOT_ASCII = 0x8080_8080 | 0;

/** @returns a word whose lowest set bit is the highest of the first byte that is a quote, a backslash or a control character; 0 for none. */
export function specialBytes(word: number): number {
  const quotes = word ^ 0x2222_2222;
  const backslashes = word ^ 0x5c5c_5c5c;
  // A byte from which 0x20, or 1, cannot be taken without a borrow. Bytes above the first may be taken for such ones.
  const below = (word - 0x2020_2020) & ~word;
  return (below | ((quotes - 0x0101_0101) & ~quotes) | ((backslashes - 0x0101_0101) & ~backslashes)) & NOT_ASCII;
}

/** Which byte the lowest set bit of a word stands in: 0 to 3. */
export function lowestByte(word: number): number {
  return (31 - Math.clz32(word & -word)) >> 3;
}
