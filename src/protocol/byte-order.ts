/** The order of bytes in numbers: that of the wire, and that of this machine, in which typed arrays have them. */

/** Whether typed arrays have the lowest byte first, as nearly everywhere. */
export const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Methods of Node.js' Buffer that take any Uint8Array as receiver; absent in browsers. */
type BufferMethods = Record<"swap16" | "swap32" | "swap64", (this: Uint8Array) => void>;

const engine = (globalThis as { Buffer?: { prototype: BufferMethods } }).Buffer?.prototype;

/**
 * Reverses the bytes of each number of a run, in place. A call into the engine is several times as fast as a loop that
 * reads number by number.
 *
 * @param bytes whole numbers.
 * @param width of a number in bytes: 1, 2, 4 or 8.
 */
export function reverseNumbers(bytes: Uint8Array, width: number): void {
  if (width === 1) return;
  if (engine === undefined) return reverseOneByOne(bytes, width);
  const swap = width === 2 ? engine.swap16 : width === 4 ? engine.swap32 : engine.swap64;
  swap.call(bytes);
}

function reverseOneByOne(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}
