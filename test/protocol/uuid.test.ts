import { describe, expect, it } from "vitest";
import { formatUuid, parseUuid } from "../../src/protocol/uuid.js";
import { hex, toHex } from "../support/hex.js";

const BYTES = hex`00112233445566778899aabbccddeeff`;
const TEXT = "00112233-4455-6677-8899-aabbccddeeff";

describe("uuid", () => {
  it("formats 16 bytes as canonical text", () => {
    expect(formatUuid(hex`ff ${BYTES}`, 1)).toBe(TEXT);
  });

  it.each([TEXT, TEXT.toUpperCase(), `{${TEXT}}`, TEXT.replaceAll("-", "")])("parses %s", (text) => {
    const bytes = new Uint8Array(18);
    expect(parseUuid(text, bytes, 1)).toBe(true);
    expect(toHex(bytes)).toBe(`00${toHex(BYTES)}00`);
  });

  it.each([
    "",
    "{}",
    `{${TEXT}`,
    `${TEXT} `,
    TEXT.slice(1),
    `${TEXT}0`,
    TEXT.replace("0", "g"),
    TEXT.replace("-", "--"),
  ])("refuses %j and writes nothing", (text) => {
    const bytes = new Uint8Array(16);
    expect(parseUuid(text, bytes, 0)).toBe(false);
    expect(toHex(bytes)).toBe("00".repeat(16));
  });
});
