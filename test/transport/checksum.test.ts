import { describe, expect, it } from "vitest";
import { checksumOf, crc32c, verifyChecksum } from "../../src/transport/checksum.js";
import { decodeTTHeader } from "../../src/transport/ttheader-read.js";
import { encodeTTHeader } from "../../src/transport/ttheader-write.js";
import { hex } from "../support/hex.js";
import { failure } from "./failure.js";
import { PEER, VECTORS } from "./kitex.js";

describe("CRC-32C", () => {
  it.each<[string, Uint8Array, number]>([
    ["no bytes", hex``, 0],
    // The check value of the algorithm, and those of RFC 3720, B.4.
    ["123456789", Buffer.from("123456789"), 0xe306_9283],
    ["32 zeros", new Uint8Array(32), 0x8a91_36aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8_ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd_794e],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113f_db5c],
    // What Go's hash/crc32 says.
    ["a message", VECTORS.CALL, 0xac34_57c7],
    ["a frame", VECTORS.FRAMED, 0xd3c1_b02e],
  ])("of %s, at once and in two parts", (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
    for (let i = 0; i <= bytes.length; i++)
      expect(crc32c(bytes.subarray(i), crc32c(bytes.subarray(0, i)))).toBe(expected);
  });
});

describe("the checksum of a payload", () => {
  const parse = (checksum: string | undefined, payload: Uint8Array) => {
    const strings = new Map(checksum === undefined ? [] : [["crc32c", checksum]]);
    const prefix = encodeTTHeader({ seqid: 1, strings }, { bytes: payload.length, framed: false }, PEER);
    return decodeTTHeader(hex`${prefix} ${payload}`.subarray(4), PEER);
  };
  const mismatch = ["maybe", "BAD_CHECKSUM", "expected a payload that has the checksum in its TTHeader, found another"];

  it("covers the inner length", () => {
    expect(checksumOf(VECTORS.CALL, false, PEER)).toBe("ac3457c7");
    expect(checksumOf(VECTORS.CALL, true, PEER)).toBe("d3c1b02e");
    expect(checksumOf(new Uint8Array(1), false, PEER)).toBe("527d5351");
  });

  it.each<[string, Uint8Array, string | undefined]>([
    ["a message", VECTORS.CALL, "ac3457c7"],
    ["a frame", VECTORS.FRAMED, "d3c1b02e"],
    ["a payload without one", VECTORS.CALL, undefined],
  ])("is right of %s", (_name, bytes, checksum) => {
    const { header, payload } = parse(checksum, bytes);
    expect(() => verifyChecksum(header, payload, PEER)).not.toThrow();
  });

  it.each(["", "AC3457C7", "ac3457c", "ac3457c8", "d3c1b02e", "not hex!"])("is wrong when it is %j", (checksum) => {
    const { header, payload } = parse(checksum, VECTORS.CALL);
    expect(failure(() => verifyChecksum(header, payload, PEER))).toEqual(mismatch);
  });

  it("finds every changed byte", () => {
    const { header, payload } = parse("ac3457c7", VECTORS.CALL);
    for (let i = 0; i < payload.length; i++) {
      const changed = Uint8Array.from(payload);
      changed[i] ^= 1 << (i % 8);
      expect(failure(() => verifyChecksum(header, changed, PEER))).toEqual(mismatch);
    }
  });
});
