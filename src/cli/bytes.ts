/** Bytes as text: hex and base64 in both directions, and the window around a byte that is wrong. */

import { InputError } from "./input-error.js";
import type { Paint } from "./shell.js";

/** How bytes are written on standard input and output. */
export type BytesForm = "raw" | "hex" | "base64";

/** The form that the options `--hex` and `--base64` ask for. */
export function formOf({ hex, base64 }: { hex?: boolean; base64?: boolean }): BytesForm {
  return hex === true ? "hex" : base64 === true ? "base64" : "raw";
}

/**
 * Bytes from what was read. Blanks between digits mean nothing.
 *
 * @throws InputError on text that is not in the form.
 */
export function parseBytes(input: Uint8Array, form: BytesForm): Uint8Array {
  if (form === "raw") return input;
  const text = Buffer.from(input).toString("latin1").replaceAll(/\s/g, "");
  if (form === "hex") {
    const digits = text.replace(/^0x/i, "");
    const odd = digits.search(/[^0-9a-f]/i);
    if (odd >= 0) throw new InputError(`expected hex digits, found another character (digit ${String(odd + 1)})`);
    if (digits.length % 2 === 1)
      throw new InputError(`expected two hex digits a byte, found ${String(digits.length)} digits`);
    return Buffer.from(digits, "hex");
  }
  return parseBase64(text) ?? fail("expected base64, found other text");
}

function fail(message: string): never {
  throw new InputError(message);
}

/** Bytes of base64 text in either alphabet, padded or not; undefined when it is something else. */
export function parseBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, "");
  if (/[^A-Za-z0-9+/_-]/.test(digits) || digits.length % 4 === 1) return undefined;
  return Buffer.from(digits, "base64");
}

/** What is printed for bytes; text ends with a newline. */
export function formatBytes(bytes: Uint8Array, form: BytesForm): string | Uint8Array {
  return form === "raw" ? bytes : `${Buffer.from(bytes).toString(form)}\n`;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Hex digits of bytes, a blank between two, cut after `most`. */
export function hexOf(bytes: Uint8Array, most = Infinity): string {
  let text = "";
  for (let i = 0; i < bytes.length && i < most; i++) text += (i > 0 ? " " : "") + HEX[bytes[i]];
  return bytes.length > most ? `${text} …` : text;
}

/** An offset as dumps print it. */
export function offsetText(offset: number): string {
  return offset.toString(16).padStart(6, "0");
}

const ROW = 16;

/**
 * The rows of a hex dump around an offset, with a marker below the byte:
 *
 *     000000  0b 00 01 00 00 00 7f 72  6f 6f 74 00  |.......root.|
 *                      ^^ byte 3
 */
export function hexWindow(bytes: Uint8Array, offset: number, paint: Paint): string {
  const marked = Math.floor(offset / ROW) * ROW;
  const lines: string[] = [];
  for (let start = Math.max(0, marked - ROW); start <= marked + ROW && start <= bytes.length; start += ROW) {
    const row = bytes.subarray(start, start + ROW);
    if (row.length > 0 || start === marked) lines.push(dumpRow(row, start, paint));
    if (start !== marked) continue;
    const column = offset - marked;
    const margin = " ".repeat(OFFSET_WIDTH + column * 3 + (column >= ROW / 2 ? 1 : 0));
    lines.push(`${margin}${paint("red", "^^")} byte ${String(offset)}${offset >= bytes.length ? ", the end" : ""}`);
  }
  return lines.join("\n");
}

const OFFSET_WIDTH = 8;

function dumpRow(row: Uint8Array, start: number, paint: Paint): string {
  const half = ROW / 2;
  const digits = [hexOf(row.subarray(0, half)), hexOf(row.subarray(half))].join(row.length > half ? "  " : "");
  const text = Buffer.from(row)
    .toString("latin1")
    .replaceAll(/[^ -~]/g, ".");
  return `${paint("dim", offsetText(start))}  ${digits.padEnd(ROW * 3)} ${paint("dim", `|${text}|`)}`;
}
