import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TransportError } from "../../src/errors.js";
import { openPayload } from "../../src/transport/payload.js";
import { Reassembly } from "../../src/transport/reassembly.js";
import { ProtocolId } from "../../src/transport/ttheader-keys.js";
import { decodeTTHeader } from "../../src/transport/ttheader-read.js";
import { encodeTTHeader, type TTHeaderFields } from "../../src/transport/ttheader-write.js";
import { hex, toHex } from "../support/hex.js";
import { CANONICAL } from "./canonical.js";
import { findEnd } from "./find-end.js";
import { PEER, peerWith } from "./kitex.js";

/** A longer run: SCRIMP_FUZZ_RUNS=1000000 npx vitest run test/transport/random.test.ts. A failure prints its seed. */
const numRuns = Number(process.env.SCRIMP_FUZZ_RUNS ?? 1000);
const timeout = 20_000 + numRuns * 5;

const SMALL = peerWith({ maxFrameBytes: 400, maxMessageBytes: 400, maxHeaderBytes: 200, maxHeaderPairs: 12 });

/** Says what became of the bytes: frames with their headers, then how it ended. Any error but a TransportError fails. */
function outcome(chunks: Uint8Array[]): string[] {
  const reassembly = new Reassembly(SMALL, findEnd);
  const seen: string[] = [];
  try {
    for (const chunk of chunks) {
      reassembly.push(Uint8Array.from(chunk));
      for (let frame = reassembly.next(); frame !== undefined; frame = reassembly.next()) {
        seen.push(`${frame.transport} ${frame.protocol ?? ""} ${toHex(frame.bytes)}`);
        if (frame.transport === "ttheader") seen.push(headerOutcome(frame.bytes));
      }
    }
    reassembly.end();
  } catch (error) {
    seen.push(expected(error));
  }
  expect(reassembly.heldBytes).toBeLessThanOrEqual(16_384);
  return seen;
}

function headerOutcome(frame: Uint8Array): string {
  try {
    const { header, payload } = decodeTTHeader(frame, SMALL);
    const { framed, protocol } = openPayload(payload, SMALL);
    return `${JSON.stringify([...header.strings, ...header.ints])} ${framed} ${protocol}`;
  } catch (error) {
    return expected(error);
  }
}

function expected(error: unknown): string {
  if (!(error instanceof TransportError) || error.code === "ERR_THRIFT_INTERNAL") throw error;
  return error.code;
}

const byte = fc.nat(255);

/** Canonical frames one behind the other, of which some bytes are changed. */
const damaged = fc
  .tuple(
    fc.array(fc.constantFrom(...CANONICAL), { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), byte), { maxLength: 4 }),
  )
  .map(([frames, changes]) => {
    const bytes = new Uint8Array(Buffer.concat(frames.map(({ wire }) => wire)));
    for (const [where, value] of changes) bytes[Math.floor(where * bytes.length)] = value;
    return bytes;
  });

/** Blocks of a TTHeader that are well-formed more often than chance would have them. */
const blocks = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "00",
        "01 0001 0001 6b 0001 76",
        "10 0001 0009 0001 6d",
        "11 0001 74",
        "01 0002",
        "10 ffff",
        "11 ff",
      ),
      fc.uint8Array({ maxLength: 6 }).map(toHex),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(" "));

describe("random bytes", () => {
  it(
    "are frames or a TransportError, the same in whatever pieces they arrive",
    () => {
      const bytes = fc.oneof(
        { weight: 4, arbitrary: damaged },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
      );
      fc.assert(
        fc.property(bytes, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (wire, sizes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0, i = 0; at < wire.length; i++) {
            const size = sizes[i % sizes.length];
            chunks.push(wire.subarray(at, at + size));
            at += size;
          }
          expect(outcome(chunks)).toEqual(outcome([wire]));
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    "are a TTHeader or a TransportError",
    () => {
      let good = 0;
      fc.assert(
        fc.property(blocks, fc.uint8Array({ maxLength: 40 }), byte, (text, payload, words) => {
          const info = hex`0000 ${text}`;
          const size = words < 200 ? Math.ceil(info.length / 4) : words;
          const padding = new Uint8Array((4 - (info.length % 4)) % 4);
          const frame = hex`1000 0000 00000001 ${size.toString(16).padStart(4, "0")} ${info} ${padding} ${payload}`;
          if (!headerOutcome(frame).startsWith("ERR_THRIFT_BAD_FRAME")) good++;
        }),
        { numRuns },
      );
      expect(good).toBeGreaterThan(0);
    },
    timeout,
  );

  it(
    "in a header that was written are read back",
    () => {
      const text = fc.string({ unit: "binary", maxLength: 20 });
      const pairs = <K>(key: fc.Arbitrary<K>): fc.Arbitrary<Map<K, string>> =>
        fc.array(fc.tuple(key, text), { maxLength: 5 }).map((entries) => new Map(entries));
      const headers: fc.Arbitrary<Required<TTHeaderFields>> = fc.record({
        seqid: fc.integer(),
        flags: fc.nat(65_535),
        protocolId: fc.constantFrom(...Object.values(ProtocolId)),
        strings: pairs(text),
        ints: pairs(fc.nat(65_535)),
        aclToken: text,
      });
      fc.assert(
        fc.property(
          headers,
          fc.uint8Array({ minLength: 1, maxLength: 40 }),
          fc.boolean(),
          (fields, message, framed) => {
            const prefix = encodeTTHeader(fields, { bytes: message.length, framed }, PEER);
            const wire = hex`${prefix} ${message}`;
            const { header, payload } = decodeTTHeader(wire.subarray(4), PEER);
            expect(header).toEqual(fields);
            expect(wire.length - 4).toBe(Buffer.from(wire).readUInt32BE(0));
            expect(toHex(payload)).toBe(
              toHex(framed ? hex`000000${message.length.toString(16).padStart(2, "0")} ${message}` : message),
            );
            expect(toHex(encodeTTHeader(header, { bytes: message.length, framed }, PEER))).toBe(toHex(prefix));
          },
        ),
        { numRuns },
      );
    },
    timeout,
  );
});
