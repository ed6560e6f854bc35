import { describe, expect, it } from "vitest";
import { framePrefix, readFrameLength, writeFrameLength } from "../../src/transport/framed.js";
import { hex, toHex } from "../support/hex.js";
import { failure } from "./failure.js";
import { PEER, peerWith } from "./kitex.js";

const OVER = "expected a frame, found a length over maxFrameBytes";
const OUT_OVER = "expected a frame of at most maxFrameBytes, found a longer one";

describe("the length of a frame", () => {
  it.each([
    [hex`00000001`, 0, 1],
    [hex`ffff 0000012c`, 2, 300],
    [hex`00fa0000`, 0, 16_384_000],
  ])("reads %s at %i as %i", (bytes, offset, length) => {
    expect(readFrameLength(bytes, offset, PEER)).toBe(length);
  });

  it.each([
    [hex`00000000`, "BAD_FRAME", "expected a frame, found one of length 0"],
    [hex`00fa0001`, "SIZE_LIMIT", OVER],
    [hex`7fffffff`, "SIZE_LIMIT", OVER],
    [hex`80000000`, "SIZE_LIMIT", OVER],
    [hex`ffffffff`, "SIZE_LIMIT", OVER],
  ])("refuses %s", (bytes, code, message) => {
    expect(failure(() => readFrameLength(bytes, 0, PEER))).toEqual(["maybe", code, message]);
  });

  it("takes 31 bits at most when the limit is off", () => {
    const peer = peerWith({ maxFrameBytes: Infinity });
    expect(readFrameLength(hex`7fffffff`, 0, peer)).toBe(0x7fff_ffff);
    expect(failure(() => readFrameLength(hex`80000000`, 0, peer))).toEqual(["maybe", "SIZE_LIMIT", OVER]);
    expect(toHex(framePrefix(0x7fff_ffff, peer))).toBe("7fffffff");
    expect(failure(() => framePrefix(0x8000_0000, peer))).toEqual(["no", "SIZE_LIMIT", OUT_OVER]);
  });

  it("goes into the room in front of a payload, which stays where it is", () => {
    const target = hex`ff 00000000 aabbcc`;
    writeFrameLength(target, 1, 3, PEER);
    expect(toHex(target)).toBe("ff00000003aabbcc");
  });

  it("goes out when it is within the limit, and else nothing is written", () => {
    const peer = peerWith({ maxFrameBytes: 300 });
    expect(toHex(framePrefix(299, peer))).toBe("0000012b");
    expect(toHex(framePrefix(300, peer))).toBe("0000012c");
    const target = hex`aaaaaaaa`;
    expect(failure(() => writeFrameLength(target, 0, 301, peer))).toEqual(["no", "SIZE_LIMIT", OUT_OVER]);
    expect(failure(() => writeFrameLength(target, 0, 0, peer))).toEqual([
      "no",
      "BAD_FRAME",
      "expected a payload to frame, found no bytes",
    ]);
    expect(toHex(target)).toBe("aaaaaaaa");
  });
});
