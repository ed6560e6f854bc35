import { describe, expect, it } from "vitest";
import { type Detected, detect } from "../../src/transport/detect.js";
import { hex } from "../support/hex.js";
import { CAPTURES, VECTORS } from "./kitex.js";

const MAX = 16_384_000;

type Row = [name: string, bytes: Uint8Array, needed: number, transport: string, protocol: string | undefined];

const text = (words: string): Uint8Array => Buffer.from(words, "latin1");

/** Bytes, how many of them it takes to tell, and what they are. */
const THRIFT: Row[] = [
  ["binary call", VECTORS.CALL, 4, "buffered", "binary"],
  ["binary exception", VECTORS.EXC, 4, "buffered", "binary"],
  ["binary oneway", VECTORS.ONEWAY, 4, "buffered", "binary"],
  ["framed binary", VECTORS.FRAMED, 8, "framed", "binary"],
  ["captured framed binary", CAPTURES["framed C>S"], 8, "framed", "binary"],
  ["capture named buffered", CAPTURES["buffered C>S"], 8, "framed", "binary"],
  ["binary without frame and version", VECTORS.NONSTRICT, 8, "buffered", "binary"],
  ["framed binary without version", hex`0000000e ${VECTORS.NONSTRICT}`, 8, "framed", "binary"],
  ["compact call", hex`82 21 01 01 78 00 0000`, 4, "buffered", "compact"],
  ["compact oneway", hex`82 81 01 01 78 00 0000`, 4, "buffered", "compact"],
  ["framed compact", hex`00000006 82 41 01 01 78 00`, 8, "framed", "compact"],
  ["TJSON", text(`[1,"echo",1,1,{}]`), 4, "buffered", "tjson"],
  ["framed TJSON", hex`00000011 ${text(`[1,"echo",1,1,{}]`)}`, 8, "framed", "tjson"],
  ["TTHeader", VECTORS.TTH_MIN, 8, "ttheader", undefined],
  ["TTHeader, out of order", VECTORS.MUX_REQ, 8, "ttheader", undefined],
  ["captured TTHeader", CAPTURES["ttheader S>C"], 8, "ttheader", undefined],
  ["longest frame", hex`00fa0000 80010001`, 8, "framed", "binary"],
];

const FOREIGN: [name: string, bytes: Uint8Array, needed: number, wording: RegExp][] = [
  ...["GET /", "HEAD ", "POST /", "PUT /", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "HTTP/1.1 400"].map(
    (start): [string, Uint8Array, number, RegExp] => [start, text(`${start} / HTTP/1.1`), 4, /^HTTP: /],
  ),
  ["HTTP/2", text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 4, /^HTTP\/2/],
  ["TLS hello", hex`16 03 01 0200 01000000`, 4, /^TLS/],
  ["TLS alert", hex`15 03 03 0002 02 28 00`, 4, /^TLS/],
  ["SSH", text("SSH-2.0-x"), 4, /^SSH/],
  ["PROXY v1", text("PROXY TCP4 "), 4, /^the PROXY protocol/],
  ["PROXY v2", text("\r\n\r\n\0\r\nQUIT\n"), 4, /^the PROXY protocol/],
  ["telnet", hex`fff4fffd 06000000`, 4, /^telnet/],
  ["MeshHeader", VECTORS.MESH, 4, /^a MeshHeader/],
  ["Protobuf of Kitex", VECTORS.KPB, 8, /^Protobuf of Kitex/],
  ["TTHeader streaming", VECTORS.ST_HDR, 8, /^TTHeader streaming/],
  ["THeader of Apache", hex`00000020 0fff0000`, 8, /^THeader of Apache/],
  ["no bytes", hex`00000000 80010001`, 4, /^bytes that are no message/],
  ["a frame of 3 bytes", hex`00000003 80010001`, 4, /^bytes that are no message/],
  ["a frame over the limit", hex`00fa0001 80010001`, 4, /^bytes that are no message/],
  ["length -1", hex`ffffffff 80010001`, 4, /^bytes that are no message/],
  ["binary of version 2", hex`80020001 00000004`, 4, /^bytes that are no message/],
  ["compact of version 2", hex`82220100 00000000`, 4, /^bytes that are no message/],
  ["other JSON", text(`{"a":1}  `), 4, /^bytes that are no message/],
  ["a frame of something", hex`0000001e 12345678`, 8, /^bytes that are no message/],
];

describe("what a peer speaks", () => {
  /** What the bytes are as they arrive one by one. */
  const byLength = (bytes: Uint8Array): (Detected | undefined)[] =>
    Array.from({ length: 9 }, (_, end) => detect(hex`ffff ${bytes}`, 2, 2 + end, MAX));

  it.each(THRIFT)("%s is told as soon as it can be", (_name, bytes, needed, transport, protocol) => {
    byLength(bytes).forEach((detected, length) => {
      expect(detected && [detected.transport, detected.protocol]).toEqual(
        length < needed ? undefined : [transport, protocol],
      );
    });
  });

  it.each(FOREIGN)("%s is no Thrift", (_name, bytes, needed, wording) => {
    byLength(bytes).forEach((detected, length) => {
      expect(detected?.transport).toBe(length < needed ? undefined : "foreign");
      if (detected !== undefined) expect(detected.wording).toMatch(wording);
    });
  });

  it("takes what looks like text for a length where the limit allows such lengths and Thrift follows", () => {
    const bytes = hex`${text("GET ")} 80010001`;
    expect(detect(bytes, 0, 8, MAX)?.wording).toMatch(/^HTTP/);
    expect(detect(bytes, 0, 8, Infinity)?.wording).toBe("framed binary");
    expect(detect(text("GET / HT"), 0, 8, Infinity)?.wording).toMatch(/^HTTP/);
  });

  it("has a wording for a log for each", () => {
    const wordings = THRIFT.map(([, bytes]) => detect(bytes, 0, bytes.length, MAX)?.wording);
    expect([...new Set(wordings)]).toEqual([
      "binary without frames",
      "framed binary",
      "binary without frames and with the header that Thrift had before 2008",
      "framed binary with the header that Thrift had before 2008",
      "compact without frames",
      "framed compact",
      "TJSON without frames",
      "framed TJSON",
      "TTHeader",
    ]);
  });
});
