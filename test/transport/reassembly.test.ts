import { describe, expect, it, vi } from "vitest";
import { TransportError } from "../../src/errors.js";
import { type FindEnd, type Frame, Reassembly } from "../../src/transport/reassembly.js";
import { hex, toHex } from "../support/hex.js";
import { CANONICAL } from "./canonical.js";
import { failure } from "./failure.js";
import { findEnd } from "./find-end.js";
import { PEER, peerWith, VECTORS } from "./kitex.js";

/** Frames as they compare. */
const show = ({ transport, protocol, bytes }: Frame): string => `${transport} ${protocol ?? ""} ${toHex(bytes)}`;

function drain(reassembly: Reassembly): Frame[] {
  const frames: Frame[] = [];
  for (let frame = reassembly.next(); frame !== undefined; frame = reassembly.next()) frames.push(frame);
  return frames;
}

/** Pushes a copy of each piece, as a socket gives memory of its own to each. */
function feed(reassembly: Reassembly, ...chunks: Uint8Array[]): Frame[] {
  return chunks.flatMap((chunk) => {
    reassembly.push(Buffer.from(chunk));
    return drain(reassembly);
  });
}

/** A frame of a length that begins like one of binary. */
function bigFrame(payloadBytes: number): Uint8Array {
  const wire = new Uint8Array(4 + payloadBytes);
  for (let i = 8; i < wire.length; i++) wire[i] = (i * 31) & 0xff;
  wire.set(hex`${payloadBytes.toString(16).padStart(8, "0")} 80010001`);
  return wire;
}

/** A message without a frame whose length, 8 to 2^31, stands behind its first word, for {@link declaredEnd}. */
function bigMessage(bytes: number): Uint8Array {
  const wire = new Uint8Array(bytes);
  wire.set(hex`80010001 ${bytes.toString(16).padStart(8, "0")}`);
  return wire;
}

const declaredEnd: FindEnd = (message) => {
  if (message.length < 8) return undefined;
  const length = Buffer.from(message).readUInt32BE(4);
  return message.length < length ? undefined : length;
};

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

describe("a frame is the same however it arrives", () => {
  it.each(CANONICAL)("$name, cut in two at every byte, and byte by byte", ({ wire, frame }) => {
    const expected = [show(frame)];
    expect(feed(new Reassembly(PEER, findEnd), wire).map(show)).toEqual(expected);
    expect(feed(new Reassembly(PEER, findEnd), ...pieces(wire, 1)).map(show)).toEqual(expected);
    for (let cut = 1; cut < wire.length; cut++) {
      const reassembly = new Reassembly(PEER, findEnd);
      expect(feed(reassembly, wire.subarray(0, cut))).toEqual([]);
      expect(reassembly.partialBytes).toBe(cut);
      expect(failure(() => reassembly.end())[1]).toBe("TRUNCATED");
      expect(feed(reassembly, wire.subarray(cut)).map(show), `cut at ${cut}`).toEqual(expected);
      expect([reassembly.partialBytes, reassembly.heldBytes]).toEqual([0, 0]);
      reassembly.end();
    }
  });

  it("cut in three at every two bytes, when it is short", () => {
    for (const { name, wire, frame } of CANONICAL.filter((one) => one.wire.length <= 64)) {
      for (let first = 1; first < wire.length; first++) {
        for (let second = first + 1; second < wire.length; second++) {
          const chunks = [wire.subarray(0, first), wire.subarray(first, second), wire.subarray(second)];
          const frames = feed(new Reassembly(PEER, findEnd), ...chunks).map(show);
          if (frames.join() !== show(frame)) expect(frames, `${name} cut at ${first} and ${second}`).toEqual([frame]);
        }
      }
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("with those before and behind it, %i together, in pieces of any size", (count) => {
    for (let from = 0; from < CANONICAL.length; from += 3) {
      const several = Array.from({ length: count }, (_, i) => CANONICAL[(from + i * 5) % CANONICAL.length]);
      const wire = new Uint8Array(Buffer.concat(several.map((one) => one.wire)));
      const expected = several.map((one) => show(one.frame));
      for (const size of [1, 3, 4, 7, 8, 9, 50, wire.length]) {
        const frames = feed(new Reassembly(PEER, findEnd), ...pieces(wire, size)).map(show);
        expect(frames, `pieces of ${size}`).toEqual(expected);
      }
    }
  });

  it("when several pieces are pushed before the first is taken, empty ones among them", () => {
    const reassembly = new Reassembly(PEER, findEnd);
    for (const { wire } of CANONICAL) for (const piece of [...pieces(wire, 5), hex``]) reassembly.push(piece);
    expect(drain(reassembly).map(show)).toEqual(CANONICAL.map(({ frame }) => show(frame)));
  });
});

describe("memory", () => {
  it("of frames that arrive whole is that of the chunk; others get their own", () => {
    const { wire } = CANONICAL.find(({ name }) => name === "TTH_FULL")!;
    const chunk = new Uint8Array(Buffer.concat([wire, VECTORS.FRAMED, VECTORS.CALL, wire.subarray(0, 30)]));
    const rest = new Uint8Array(Buffer.concat([wire.subarray(30), VECTORS.FRAMED]));
    const reassembly = new Reassembly(PEER, findEnd);
    reassembly.push(chunk);
    const whole = drain(reassembly);
    reassembly.push(rest);
    const [split, next] = drain(reassembly);
    expect(whole.map(({ bytes }) => [bytes.buffer === chunk.buffer, bytes.byteOffset])).toEqual([
      [true, 4],
      [true, wire.length + 4],
      [true, wire.length + VECTORS.FRAMED.length],
    ]);
    expect([chunk.buffer, rest.buffer]).not.toContain(split.bytes.buffer);
    expect(next.bytes.buffer).toBe(rest.buffer);
  });

  it("that was handed out is never written to again", () => {
    const reassembly = new Reassembly(PEER, findEnd);
    const several = Array.from({ length: 200 }, (_, i) => CANONICAL[(i * 7) % CANONICAL.length]);
    const wire = new Uint8Array(Buffer.concat(several.map((one) => one.wire)));
    const frames = feed(reassembly, ...pieces(wire, 61));
    expect(frames.map(show)).toEqual(several.map((one) => show(one.frame)));
    for (const { bytes } of frames) bytes.fill(0xee);
    expect(feed(reassembly, ...pieces(wire, 67)).map(show)).toEqual(several.map((one) => show(one.frame)));
    expect(frames.every(({ bytes }) => bytes.every((byte) => byte === 0xee))).toBe(true);
  });

  it("is a plain view, whatever the chunks are", () => {
    for (const frame of feed(
      new Reassembly(PEER, findEnd),
      VECTORS.FRAMED,
      VECTORS.CALL.subarray(0, 9),
      VECTORS.CALL.subarray(9),
    ))
      expect(Object.getPrototypeOf(frame.bytes)).toBe(Uint8Array.prototype);
  });

  it("for a frame grows with what has arrived, from 16 KiB to the declared length", () => {
    const reassembly = new Reassembly(PEER);
    const wire = bigFrame(100_000);
    const held: [number, number][] = [];
    for (const end of [3, 8, 9, 16_384, 16_385, 32_768, 32_769, 65_537, 100_003]) {
      expect(feed(reassembly, wire.subarray(reassembly.partialBytes, end))).toEqual([]);
      held.push([reassembly.partialBytes, reassembly.heldBytes]);
    }
    expect(held).toEqual([
      [3, 8],
      [8, 8],
      [9, 16_384],
      [16_384, 16_384],
      [16_385, 32_768],
      [32_768, 32_768],
      [32_769, 65_536],
      [65_537, 100_004],
      [100_003, 100_004],
    ]);
    const [frame] = feed(reassembly, wire.subarray(100_003));
    expect(Buffer.compare(frame.bytes, wire.subarray(4))).toBe(0);
    expect(reassembly.heldBytes).toBe(0);
  });

  it("for a small frame is no more than the frame", () => {
    const reassembly = new Reassembly(PEER);
    feed(reassembly, VECTORS.FRAMED.subarray(0, 20));
    expect(reassembly.heldBytes).toBe(VECTORS.FRAMED.length);
  });

  it("for the longest frame allowed is not there before its bytes are", () => {
    const reassembly = new Reassembly(PEER);
    feed(reassembly, hex`00fa0000 80010001`);
    expect(reassembly.heldBytes).toBe(16_384);
  });

  it("for a message without a frame is at most twice what has arrived", () => {
    const reassembly = new Reassembly(PEER, declaredEnd);
    for (const piece of pieces(bigMessage(100_000).subarray(0, 99_000), 1000)) {
      feed(reassembly, piece);
      expect(reassembly.heldBytes).toBeLessThanOrEqual(2 * reassembly.partialBytes);
    }
    expect(reassembly.partialBytes).toBe(99_000);
  });
});

describe("work is linear", () => {
  /** Bytes copied by whatever means a typed array has, while something runs. */
  function copied(run: () => void): number {
    const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
    const set = vi.spyOn(typedArray, "set");
    const slice = vi.spyOn(typedArray, "slice");
    try {
      run();
      expect(slice).not.toHaveBeenCalled();
      return set.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    } finally {
      set.mockRestore();
      slice.mockRestore();
    }
  }

  it.each([
    ["a frame in tiny pieces", bigFrame(64 * 1024), 7],
    ["a frame in pieces of a packet", bigFrame(4 * 1024 * 1024), 1448],
    ["a frame in pieces of a read", bigFrame(4 * 1024 * 1024), 65_536],
    ["a message without a frame, in tiny pieces", bigMessage(64 * 1024), 7],
    ["a message without a frame, in pieces of a packet", bigMessage(1024 * 1024), 1448],
  ])("%s: each byte is copied three times at most", (_name, wire, size) => {
    const chunks = pieces(wire, size).map((piece) => Uint8Array.from(piece));
    const reassembly = new Reassembly(PEER, declaredEnd);
    const frames: Frame[] = [];
    const count = copied(() => {
      for (const chunk of chunks) {
        reassembly.push(chunk);
        frames.push(...drain(reassembly));
      }
    });
    expect(frames).toHaveLength(1);
    expect(count).toBeGreaterThanOrEqual(wire.length - size);
    expect(count).toBeLessThanOrEqual(3 * wire.length);
  });

  it.each([
    ["frames", VECTORS.FRAMED],
    ["messages without frames", bigMessage(34)],
  ])("many small %s in large pieces: only those at the edges are copied, or pieces once", (name, one) => {
    const wire = new Uint8Array(Buffer.concat(Array.from({ length: 5000 }, () => one)));
    const chunks = pieces(wire, 4000).map((piece) => Uint8Array.from(piece));
    const reassembly = new Reassembly(PEER, declaredEnd);
    let frames = 0;
    const count = copied(() => {
      for (const chunk of chunks) {
        reassembly.push(chunk);
        frames += drain(reassembly).length;
      }
    });
    expect(frames).toBe(5000);
    expect(count).toBeLessThanOrEqual(name === "frames" ? chunks.length * 2 * one.length : 1.1 * wire.length);
  });

  it("shows a finder what it has seen, so that it need not start again", () => {
    const calls: [length: number, seen: number, protocol: string][] = [];
    const reassembly = new Reassembly(PEER, (message, seen, protocol) => {
      calls.push([message.length, seen, protocol]);
      return declaredEnd(message, seen, protocol);
    });
    const wire = hex`${bigMessage(100)} ${bigMessage(50)} ${bigMessage(60)}`;
    for (const [start, end] of [
      [0, 3],
      [3, 20],
      [20, 90],
      [90, 170],
      [170, 210],
    ]) {
      feed(reassembly, wire.subarray(start, end));
    }
    expect(calls).toEqual([
      [20, 0, "binary"],
      [90, 20, "binary"],
      [170, 90, "binary"],
      [70, 0, "binary"],
      [20, 0, "binary"],
      [60, 20, "binary"],
    ]);
  });
});

describe("limits", () => {
  const OVER_FRAME = "expected a frame, found a length over maxFrameBytes";
  const OVER_MESSAGE = "expected a message of at most maxMessageBytes, found more";

  it.each(CANONICAL)("bound $name: below, at and beyond, twice on one connection", ({ wire, frame }) => {
    const { length } = frame.bytes;
    const isBuffered = frame.transport === "buffered";
    const limit = isBuffered ? "maxMessageBytes" : "maxFrameBytes";
    for (const [max, fits] of [
      [length + 1, true],
      [length, true],
      [length - 1, false],
    ] as const) {
      const peer = peerWith({ [limit]: max });
      const expected = ["maybe", "SIZE_LIMIT", isBuffered ? OVER_MESSAGE : OVER_FRAME];
      for (const size of [1, 10, wire.length]) {
        const reassembly = new Reassembly(peer, findEnd);
        const run = () => feed(reassembly, ...pieces(wire, size)).map(show);
        for (let time = 0; time < 2; time++) {
          if (fits) expect(run()).toEqual([show(frame)]);
          else expect(failure(run)).toEqual(expected);
        }
      }
    }
  });

  it("refuse a length as soon as its four bytes are there", () => {
    const peer = peerWith({ maxFrameBytes: 1000 });
    const reassembly = new Reassembly(peer);
    expect(feed(reassembly, hex`000003`)).toEqual([]);
    expect(failure(() => feed(reassembly, hex`e9`))).toEqual(["maybe", "SIZE_LIMIT", OVER_FRAME]);
  });

  it("refuse a message without a frame as soon as it is too long, not when it ends", () => {
    const reassembly = new Reassembly(peerWith({ maxMessageBytes: 1000 }), declaredEnd);
    expect(feed(reassembly, bigMessage(5000).subarray(0, 999))).toEqual([]);
    expect(failure(() => feed(reassembly, hex`00`))).toEqual(["maybe", "SIZE_LIMIT", OVER_MESSAGE]);
  });
});

describe("bytes that are no frame", () => {
  it.each([
    ["length 0", hex`00000000`, "BAD_FRAME", "expected a frame, found one of length 0"],
    ["a length over the limit", hex`00fa0001`, "SIZE_LIMIT", "expected a frame, found a length over maxFrameBytes"],
    ["length -1", hex`ffffffff`, "SIZE_LIMIT", "expected a frame, found a length over maxFrameBytes"],
    [
      "a frame too short for a message",
      hex`00000003`,
      "NOT_THRIFT",
      "expected Thrift, found bytes that are no message of Thrift",
    ],
    [
      "a frame of something else",
      hex`0000001e 00000000`,
      "NOT_THRIFT",
      "expected Thrift, found bytes that are no message of Thrift",
    ],
    [
      "a request of HTTP",
      Buffer.from("GET / HTTP/1.1\r\n"),
      "NOT_THRIFT",
      "expected Thrift, found HTTP: a browser, a health check or a proxy, or an address that is a web server's",
    ],
    ["TLS", hex`16030100`, "NOT_THRIFT", "expected Thrift, found TLS: one end encrypts and the other does not"],
    [
      "a message that cannot be",
      hex`80010001 ffffffff`,
      "INVALID_DATA",
      "expected a message, found bytes that cannot be one",
    ],
  ])("%s ends the connection, behind frames that were good", (_name, bytes, code, message) => {
    for (const size of [1, 5, 100]) {
      const reassembly = new Reassembly(PEER, findEnd);
      for (const piece of pieces(hex`${VECTORS.FRAMED} ${VECTORS.FRAMED} ${bytes} ${VECTORS.FRAMED}`, size))
        reassembly.push(piece);
      expect([reassembly.next(), reassembly.next()].map((frame) => toHex(frame!.bytes))).toEqual([
        toHex(VECTORS.CALL),
        toHex(VECTORS.CALL),
      ]);
      for (let time = 0; time < 3; time++) {
        expect(failure(() => reassembly.next())).toEqual(["maybe", code, message]);
        reassembly.push(VECTORS.FRAMED);
      }
      expect([reassembly.partialBytes, reassembly.heldBytes]).toEqual([0, 0]);
      reassembly.end();
    }
  });

  it("are messages without frames where nobody finds their end", () => {
    const reassembly = new Reassembly(PEER);
    const message = "expected a frame, found a message without one";
    expect(failure(() => feed(reassembly, VECTORS.CALL))).toEqual(["maybe", "BAD_FRAME", message]);
  });

  it("keep what the finder said as the cause", () => {
    const cause = new Error("no");
    const reassembly = new Reassembly(PEER, () => {
      throw cause;
    });
    reassembly.push(VECTORS.CALL);
    expect(() => reassembly.next()).toThrow(
      expect.toSatisfy((error) => error instanceof TransportError && error.cause === cause),
    );
  });

  it.each([0, -1, 31, Number.NaN])("are not made of an end that a finder gets wrong: %d of 30", (end) => {
    const reassembly = new Reassembly(PEER, () => end);
    expect(failure(() => feed(reassembly, VECTORS.CALL))[1]).toBe("INTERNAL");
  });

  it("are told from a connection that ends in time", () => {
    const reassembly = new Reassembly(PEER);
    reassembly.end();
    feed(reassembly, VECTORS.FRAMED);
    reassembly.end();
    feed(reassembly, VECTORS.FRAMED.subarray(0, 33));
    expect(failure(() => reassembly.end())).toEqual([
      "maybe",
      "TRUNCATED",
      "expected the rest of a frame, found the end of the connection",
    ]);
  });
});
