import { describe, expect, it } from "vitest";
import { connectionWillReset, encodeControlFrame, isControlFrame } from "../../src/transport/control.js";
import { openPayload } from "../../src/transport/payload.js";
import type { TTHeader } from "../../src/transport/ttheader.js";
import {
  Flag,
  IntKey,
  PERSISTENT_PREFIX,
  ProtocolId,
  StringKey,
  TRANSIENT_PREFIX,
} from "../../src/transport/ttheader-keys.js";
import { decodeTTHeader, LastInfo } from "../../src/transport/ttheader-read.js";
import { encodeTTHeader, stampTTHeader, type TTHeaderFields } from "../../src/transport/ttheader-write.js";
import { hex, toHex } from "../support/hex.js";
import { failure } from "./failure.js";
import { CAPTURES, PEER, peerWith, VECTORS } from "./kitex.js";

interface Expected extends Partial<Pick<TTHeader, "flags" | "seqid" | "protocolId" | "aclToken">> {
  strings?: [string, string][];
  ints?: [number, string][];
  /** The message behind the header, and whether a length stands in front of it. */
  message: Uint8Array;
  framed?: boolean;
}

const STREAM: Expected = { flags: Flag.STREAMING, seqid: 11, protocolId: ProtocolId.THRIFT_STRUCT, message: hex`` };
const TALK = [IntKey.TO_METHOD, "talk"] as [number, string];

const FRAMES: Record<string, [bytes: Uint8Array, expected: Expected]> = {
  "a request without pairs": [VECTORS.TTH_MIN, { message: VECTORS.CALL }],
  "a request of a client with all handlers": [
    VECTORS.TTH_FULL,
    {
      strings: [
        [`${PERSISTENT_PREFIX}K1`, "v1"],
        [`${TRANSIENT_PREFIX}K2`, "v2"],
        [StringKey.IDL_SERVICE_NAME, "Echo"],
      ],
      ints: [
        [IntKey.TRANSPORT_TYPE, "framed"],
        [IntKey.FROM_SERVICE, "cli"],
        [IntKey.TO_SERVICE, "srv"],
        [IntKey.TO_METHOD, "echo"],
        [IntKey.RPC_TIMEOUT, "500"],
        [IntKey.FROM_METHOD, ""],
        [IntKey.MESSAGE_TYPE, "1"],
      ],
      message: VECTORS.CALL,
      framed: true,
    },
  ],
  "an ACL token": [VECTORS.TTH_ACL, { aclToken: "tok", ints: [[IntKey.TO_METHOD, "echo"]], message: VECTORS.CALL }],
  "a business status": [
    VECTORS.TTH_BIZ,
    {
      strings: [
        [StringKey.BIZ_STATUS, "404"],
        [StringKey.BIZ_MESSAGE, "no user"],
        [StringKey.BIZ_EXTRA, `{"k":"v"}`],
      ],
      ints: [[IntKey.MESSAGE_TYPE, "2"]],
      message: hex`80010002 00000004 6563686f 00000001 00`,
      framed: true,
    },
  ],
  "a multiplexed request": [
    VECTORS.MUX_REQ,
    {
      flags: Flag.OUT_OF_ORDER,
      seqid: 5,
      message: hex`80010001 00000004 6563686f 00000005 ${VECTORS.CALL.subarray(16)}`,
    },
  ],
  "a control frame": [
    VECTORS.MUX_CTL,
    {
      seqid: 0,
      strings: [[StringKey.CONNECTION_WILL_RESET, "1"]],
      message: hex`80010002 00000004 6e6f6e65 00000000 00`,
    },
  ],
  "the start of a stream": [
    VECTORS.ST_HDR,
    { ...STREAM, strings: [[StringKey.IDL_SERVICE_NAME, "Chat"]], ints: [TALK, [IntKey.FRAME_TYPE, "2"]] },
  ],
  "data of a stream": [
    VECTORS.ST_DATA,
    { ...STREAM, ints: [TALK, [IntKey.FRAME_TYPE, "3"]], message: hex`0b0001 00000002 6869 00` },
  ],
  "the end of a stream": [VECTORS.ST_TRL, { ...STREAM, ints: [TALK, [IntKey.FRAME_TYPE, "4"]] }],
  "the end of a stream by an exception": [
    VECTORS.ST_TRLX,
    { ...STREAM, ints: [TALK, [IntKey.FRAME_TYPE, "4"]], message: VECTORS.ST_TRLX.subarray(34) },
  ],
  "the reset of a stream": [
    VECTORS.ST_RST,
    {
      ...STREAM,
      strings: [["ttscp", "cli"]],
      ints: [TALK, [IntKey.FRAME_TYPE, "5"]],
      message: VECTORS.ST_RST.subarray(50),
    },
  ],
  "a captured request": [
    CAPTURES["ttheader C>S"],
    {
      strings: [
        [StringKey.IDL_SERVICE_NAME, "Echo"],
        ["RPC_TRANSIT_trans", "t1"],
        ["RPC_PERSIST_persist", "p1"],
      ],
      ints: [
        [IntKey.MESSAGE_TYPE, "1"],
        [IntKey.TRANSPORT_TYPE, "framed"],
        [IntKey.RPC_TIMEOUT, "2000"],
        [IntKey.CONNECT_TIMEOUT, "1000"],
        [IntKey.FROM_SERVICE, ""],
        [IntKey.FROM_METHOD, ""],
        [IntKey.TO_SERVICE, "echo.svc"],
        [IntKey.TO_METHOD, "echo"],
      ],
      message: CAPTURES["buffered C>S"].subarray(4),
      framed: true,
    },
  ],
  "a captured reply": [CAPTURES["ttheader S>C"], { message: CAPTURES["ttheader S>C"].subarray(22), framed: true }],
};

/** A frame without its length. Padding goes in front of the blocks, so that they end where the header does. */
function frameOf(
  blocks: string,
  { rest = VECTORS.CALL, magic = "1000", size = "", protocol = "00", transforms = "00" } = {},
): Uint8Array {
  const padding = new Uint8Array((4 - ((hex`${blocks}`.length + 2) % 4)) % 4);
  const info = hex`${protocol} ${transforms} ${padding} ${blocks}`;
  const words = size === "" ? (info.length / 4).toString(16).padStart(4, "0") : size;
  return hex`${magic} 0000 00000001 ${words} ${info} ${rest}`;
}

function encode(header: TTHeaderFields, { message = VECTORS.CALL, framed = false, peer = PEER } = {}): Uint8Array {
  return hex`${encodeTTHeader(header, { bytes: message.length, framed }, peer)} ${message}`;
}

const decode = (frame: Uint8Array) => decodeTTHeader(frame, PEER).header;

describe("TTHeader", () => {
  it.each(Object.entries(FRAMES))("reads %s, and writes the same bytes", (_name, [bytes, expected]) => {
    const { header, payload } = decodeTTHeader(bytes.subarray(4), PEER);
    const { message, framed = false, strings = [], ints = [], ...fields } = expected;
    expect(header).toEqual({
      flags: 0,
      seqid: 1,
      protocolId: 0,
      ...fields,
      strings: new Map(strings),
      ints: new Map(ints),
    });
    expect(toHex(payload.subarray(framed ? 4 : 0))).toBe(toHex(message));
    expect(toHex(encode(header, { message, framed }))).toBe(toHex(bytes));
  });

  it("tells what stands behind it", () => {
    for (const [name, [bytes, { message, framed = false, flags }]] of Object.entries(FRAMES)) {
      if (flags === Flag.STREAMING) continue;
      const { payload } = decodeTTHeader(bytes.subarray(4), PEER);
      expect(openPayload(payload, PEER), name).toEqual({ framed, protocol: "binary", message });
    }
    const compact = hex`82 21 01 01 78 00`;
    expect(openPayload(compact, PEER)).toEqual({ framed: false, protocol: "compact", message: compact });
    expect(openPayload(hex`00000006 ${compact}`, PEER)).toEqual({
      framed: true,
      protocol: "compact",
      message: compact,
    });
  });

  it("reads blocks in any order, repeated, with padding between them; of a key the last value counts", () => {
    const { strings, ints, aclToken } = decode(
      frameOf(`10 0002 0009 0001 61 0009 0001 62  00 00  01 0001 0001 6b 0001 31  11 0001 78
               01 0002 0001 6b 0001 32 0001 6c 0000  10 0001 0007 0000  11 0001 79`),
    );
    expect([...ints]).toEqual([
      [9, "b"],
      [7, ""],
    ]);
    expect([...strings]).toEqual([
      ["k", "2"],
      ["l", ""],
    ]);
    expect(aclToken).toBe("y");
  });

  it("keeps names of Object's own as keys like any other", () => {
    const strings = new Map(["__proto__", "constructor", "toString"].map((name) => [name, "x"]));
    expect(decode(encode({ seqid: 1, strings }).subarray(4)).strings).toEqual(strings);
    expect(({} as { x?: unknown }).x).toBe(undefined);
  });

  it("carries text beyond ASCII; values that are not UTF-8 are replaced, keys are refused", () => {
    const strings = new Map([["\ufffd钥匙", "价值 \u0000 🙂"]]);
    expect(decode(encode({ seqid: 1, strings }).subarray(4)).strings).toEqual(strings);
    expect(decode(frameOf("01 0001 0001 6b 0001 ff")).strings).toEqual(new Map([["k", "\ufffd"]]));
    expect(failure(() => decode(frameOf("01 0001 0001 ff 0001 6b")))).toEqual([
      "maybe",
      "BAD_FRAME",
      "expected a key in UTF-8, found one that is not",
    ]);
  });

  it.each<[string, Uint8Array, string, string]>([
    ["a short frame", hex`1000 0000 00000001 00`, "a TTHeader", "a shorter frame"],
    ["another magic", frameOf("", { magic: "1001" }), "the magic of TTHeader", "another"],
    ["Apache's THeader", frameOf("", { magic: "0fff" }), "the magic of TTHeader", "another"],
    ["size 0", frameOf("", { size: "0000" }), "a TTHeader with a protocol id", "a header size of 0"],
    [
      "a size beyond the frame",
      frameOf("", { rest: hex`ffffff`, size: "0002" }),
      "a TTHeader within its frame",
      "a header size beyond the end of the frame",
    ],
    [
      "the greatest size",
      frameOf("", { size: "ffff" }),
      "a TTHeader within its frame",
      "a header size beyond the end of the frame",
    ],
    ["an unknown protocol id", frameOf("", { protocol: "01" }), "a known protocol id", "0x01"],
    ["a transform", frameOf("01", { transforms: "01" }), "a TTHeader without transforms", "some"],
    ["an unknown block", frameOf("02 0001"), "a known info block", "0x02"],
    ["another unknown block", frameOf("00 ff"), "a known info block", "0xff"],
    ["more strings than fit", frameOf("01 ffff 000000"), "as many pairs as the TTHeader can hold", "a greater count"],
    [
      "one string pair more than fits",
      frameOf("01 0002 0000 0000 000000"),
      "as many pairs as the TTHeader can hold",
      "a greater count",
    ],
    [
      "more integer keys than fit",
      frameOf("10 0001 00 0000"),
      "as many pairs as the TTHeader can hold",
      "a greater count",
    ],
    ...[
      ["a count cut off", "01 00"],
      ["a key beyond the header", "01 0001 0004 6b6b6b"],
      ["the length of a value cut off", "01 0001 0003 6b6b6b 00"],
      ["a value beyond the header", "01 0001 0001 6b 0002 31"],
      ["a value of an integer key beyond the header", "10 0001 0009 0004 616263"],
      ["a token beyond the header", "11 0004 616263"],
      ["the length of a token cut off", "11 00"],
      ["a token without length", "11"],
    ].map(([name, blocks]): [string, Uint8Array, string, string] => [
      name,
      frameOf(blocks),
      "the rest of an info block",
      "the end of the TTHeader",
    ]),
  ])("refuses %s", (_name, frame, expected, found) => {
    expect(failure(() => decodeTTHeader(frame, PEER))).toEqual([
      "maybe",
      "BAD_FRAME",
      `expected ${expected}, found ${found}`,
    ]);
  });

  it.each([
    ["nothing", hex``, "NOT_THRIFT", "less than any message takes"],
    ["the start of a length", hex`0000001e 8001`, "NOT_THRIFT", "less than any message takes"],
    ["a raw struct", hex`0b0001 00000002 6869 00`, "NOT_THRIFT", "bytes that are no message of Thrift"],
    ["another TTHeader", VECTORS.TTH_MIN, "NOT_THRIFT", "TTHeader"],
  ])("refuses %s behind the header", (_name, payload, code, found) => {
    const message = `expected a message behind the TTHeader, found ${found}`;
    expect(failure(() => openPayload(payload, PEER))).toEqual(["maybe", code, message]);
  });

  it.each(["0000001d", "0000001f"])("refuses the inner length %s of 30 bytes", (length) => {
    expect(failure(() => openPayload(hex`${length} ${VECTORS.CALL}`, PEER))).toEqual([
      "maybe",
      "BAD_FRAME",
      "expected a frame that fills the payload of the TTHeader, found another length",
    ]);
  });
});

describe("limits of a TTHeader", () => {
  const header = { seqid: 1, strings: new Map([["key", "value"]]), ints: new Map([[9, "method"]]) };
  const bytes = encode(header);

  it("bound its size both ways, padding included", () => {
    const size = 32;
    expect(bytes.length).toBe(14 + size + VECTORS.CALL.length);
    for (const maxHeaderBytes of [size, size + 1]) {
      const peer = peerWith({ maxHeaderBytes });
      expect(toHex(encode(header, { peer }))).toBe(toHex(bytes));
      expect(decodeTTHeader(bytes.subarray(4), peer).header.strings).toEqual(header.strings);
    }
    const peer = peerWith({ maxHeaderBytes: size - 1 });
    expect(failure(() => encode(header, { peer }))).toEqual([
      "no",
      "SIZE_LIMIT",
      "expected a TTHeader of at most maxHeaderBytes, found a longer one",
    ]);
    expect(failure(() => decodeTTHeader(bytes.subarray(4), peer))).toEqual([
      "maybe",
      "SIZE_LIMIT",
      "expected a TTHeader, found a header size over maxHeaderBytes",
    ]);
  });

  it("bound the pairs of all blocks together both ways", () => {
    for (const maxHeaderPairs of [2, 3]) {
      const peer = peerWith({ maxHeaderPairs });
      expect(toHex(encode(header, { peer }))).toBe(toHex(bytes));
      expect(decodeTTHeader(bytes.subarray(4), peer).header.ints).toEqual(header.ints);
    }
    const peer = peerWith({ maxHeaderPairs: 1 });
    expect(failure(() => encode(header, { peer }))).toEqual([
      "no",
      "SIZE_LIMIT",
      "expected at most maxHeaderPairs in a TTHeader, found more",
    ]);
    expect(failure(() => decodeTTHeader(bytes.subarray(4), peer))).toEqual([
      "maybe",
      "SIZE_LIMIT",
      "expected a TTHeader, found pairs over maxHeaderPairs",
    ]);
  });

  it("count a key again each time it stands there", () => {
    const frame = frameOf("10 0002 0009 0000 0009 0000 10 0001 0009 0000");
    expect(decodeTTHeader(frame, peerWith({ maxHeaderPairs: 3 })).header.ints.size).toBe(1);
    expect(failure(() => decodeTTHeader(frame, peerWith({ maxHeaderPairs: 2 })))[1]).toBe("SIZE_LIMIT");
  });

  it("bound the frame that goes out, header and inner length included", () => {
    const frameBytes = bytes.length - 4;
    expect(encode(header, { peer: peerWith({ maxFrameBytes: frameBytes }) }).length).toBe(bytes.length);
    const [, code] = failure(() => encode(header, { peer: peerWith({ maxFrameBytes: frameBytes }), framed: true }));
    expect(code).toBe("SIZE_LIMIT");
    expect(encode(header, { peer: peerWith({ maxFrameBytes: frameBytes + 4 }), framed: true }).length).toBe(
      bytes.length + 4,
    );
  });

  it("are those of the wire when they are off", () => {
    const peer = peerWith({ maxHeaderBytes: Infinity, maxHeaderPairs: Infinity });
    // 262,140 bytes: ids and count take 5, each pair 5 beside its value.
    const lengths = [65_535, 65_535, 65_535, 262_140 - 5 - 4 * 5 - 3 * 65_535];
    const strings = new Map(lengths.map((length, i) => ["abcd"[i], "x".repeat(length)]));
    const largest = encode({ seqid: 1, strings }, { peer });
    expect(decodeTTHeader(largest.subarray(4), peer).header.strings).toEqual(strings);
    strings.set("d", `${strings.get("d")!}x`);
    expect(failure(() => encode({ seqid: 1, strings }, { peer }))[1]).toBe("SIZE_LIMIT");
  });

  it("let no text be longer than its length can say, in bytes", () => {
    const peer = peerWith({ maxHeaderBytes: Infinity });
    const longest = "ä".repeat(32_767);
    const message = "expected at most 65535 bytes of text in a TTHeader, found longer text";
    const places: ((text: string) => TTHeaderFields)[] = [
      (text) => ({ seqid: 1, strings: new Map([[text, ""]]) }),
      (text) => ({ seqid: 1, strings: new Map([["", text]]) }),
      (text) => ({ seqid: 1, ints: new Map([[0, text]]) }),
      (text) => ({ seqid: 1, aclToken: text }),
    ];
    for (const place of places) {
      expect(decodeTTHeader(encode(place(`${longest}x`), { peer }).subarray(4), peer).header).toMatchObject(
        place(`${longest}x`),
      );
      expect(failure(() => encode(place(`${longest}ä`), { peer }))).toEqual(["no", "SIZE_LIMIT", message]);
    }
  });

  it.each<[string, TTHeaderFields]>([
    ["a seqid of 32 bits", { seqid: 2 ** 31 }],
    ["a seqid of 32 bits", { seqid: Number.NaN }],
    ["flags of 16 bits", { seqid: 1, flags: 65_536 }],
    ["a protocol id of 8 bits", { seqid: 1, protocolId: -1 }],
    ["integer keys of 16 bits", { seqid: 1, ints: new Map([[65_536, ""]]) }],
    ["integer keys of 16 bits", { seqid: 1, ints: new Map([[0.5, ""]]) }],
  ])("write only %s", (expected, fields) => {
    const message = `expected ${expected} in a TTHeader, found another number`;
    expect(failure(() => encode(fields))).toEqual(["no", "OUT_OF_RANGE", message]);
  });

  it("write the smallest and the greatest numbers", () => {
    const least = { seqid: -(2 ** 31), flags: 0, protocolId: 0, ints: new Map([[0, ""]]), strings: new Map() };
    const greatest = { ...least, seqid: 2 ** 31 - 1, flags: 65_535, protocolId: 0x11, ints: new Map([[65_535, ""]]) };
    for (const fields of [least, greatest]) expect(decode(encode(fields).subarray(4))).toEqual(fields);
  });
});

describe("a TTHeader that is used again", () => {
  const fields = { flags: Flag.OUT_OF_ORDER, strings: new Map([["isn", "Echo"]]) };

  it.each([true, false])("is what it would be if it were written anew, framed: %s", (framed) => {
    const prefix = encodeTTHeader({ ...fields, seqid: 1 }, { bytes: 1, framed }, PEER);
    for (const [seqid, bytes] of [
      [2, 30],
      [2 ** 31 - 1, 16_000_000],
      [-(2 ** 31), 1],
    ]) {
      stampTTHeader(prefix, seqid, { bytes, framed }, PEER);
      expect(toHex(prefix)).toBe(toHex(encodeTTHeader({ ...fields, seqid }, { bytes, framed }, PEER)));
    }
  });

  it("is held to the same limits, and stays as it was beyond them", () => {
    const peer = peerWith({ maxFrameBytes: 100 });
    const prefix = encodeTTHeader({ ...fields, seqid: 1 }, { bytes: 1, framed: true }, peer);
    const before = toHex(prefix);
    const most = 100 - (prefix.length - 4);
    const stamp = (seqid: number, bytes: number) => () => stampTTHeader(prefix, seqid, { bytes, framed: true }, peer);
    expect(failure(stamp(2, most + 1))[1]).toBe("SIZE_LIMIT");
    expect(failure(stamp(2, 0))[1]).toBe("BAD_FRAME");
    expect(failure(stamp(2 ** 31, 1))[1]).toBe("OUT_OF_RANGE");
    expect(toHex(prefix)).toBe(before);
    expect(stamp(2, most)).not.toThrow();
  });
});

describe("the last header of a connection", () => {
  const header = (seqid: number, value: string): TTHeaderFields => ({
    seqid,
    flags: seqid,
    ints: new Map([[6, value]]),
    aclToken: "secret",
  });

  it("gives its pairs to those that say the same, and nothing else of it", () => {
    const last = new LastInfo();
    const [first, second] = [1, 2].map((seqid) => decodeTTHeader(encode(header(seqid, "a")).subarray(4), PEER, last));
    expect(second.header).toEqual({ ...first.header, seqid: 2, flags: 2 });
    expect(second.header.ints).toBe(first.header.ints);
    expect(toHex(second.payload)).toBe(toHex(VECTORS.CALL));
  });

  it.each(["b", "", "aa", "é"])("is not taken for one of another value (%j)", (value) => {
    const last = new LastInfo();
    decodeTTHeader(encode(header(1, "a")).subarray(4), PEER, last);
    const { ints } = decodeTTHeader(encode(header(1, value)).subarray(4), PEER, last).header;
    expect(ints).toEqual(new Map([[6, value]]));
  });

  it("does not change with the frame that it was read from, and is not one that was refused", () => {
    const last = new LastInfo();
    const frame = Uint8Array.from(encode(header(1, "a")).subarray(4));
    decodeTTHeader(frame, PEER, last);
    frame[10] = 0x7f;
    expect(() => decodeTTHeader(frame, PEER, last)).toThrow("protocol id");
    expect(() => decodeTTHeader(frame, PEER, last)).toThrow("protocol id");
    expect(decodeTTHeader(encode(header(1, "a")).subarray(4), PEER, last).header.protocolId).toBe(0);
  });
});

describe("the end of a connection", () => {
  it("is announced by a control frame, byte for byte as Kitex does", () => {
    const frame = encodeControlFrame(PEER);
    expect(toHex(frame)).toBe(toHex(VECTORS.MUX_CTL));
    expect(isControlFrame(decode(frame.subarray(4)))).toBe(true);
  });

  it.each<[string, number, [string, string][], boolean, boolean]>([
    ["a plain reply", 1, [], false, false],
    ["a reply of seqid 0", 0, [], false, false],
    ["a reply that announces it", 7, [["crrst", "1"]], true, false],
    ["a reply that denies it", 0, [["crrst", "0"]], false, false],
    ["a control frame", 0, [["crrst", "1"]], true, true],
  ])("is told from %s", (_name, seqid, strings, resets, control) => {
    const header = decode(encode({ seqid, strings: new Map(strings) }).subarray(4));
    expect([connectionWillReset(header), isControlFrame(header)]).toEqual([resets, control]);
  });
});
