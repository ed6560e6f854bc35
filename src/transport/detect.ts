/**
 * What a peer speaks, told from the first eight bytes of a message, as Kitex does for every message: one connection may
 * change from one to the other.
 *
 *     80 01 ..                  binary              xx xx xx xx  80 01 ..        framed binary
 *     82 .1                     compact             xx xx xx xx  82 .1           framed compact
 *     5b 31 2c 22  [1,"         TJSON               xx xx xx xx  5b 31 2c 22     framed TJSON
 *                                                   xx xx xx xx  10 00 flags     TTHeader
 *
 * What stands behind a TTHeader is told the same way (payload.ts).
 */

import { readUint32 } from "./framed.js";

/** The protocols that announce themselves. */
export type WireProtocol = "binary" | "compact" | "tjson";

/** What a message is by its first bytes. */
export interface Detected {
  /** How its end is found: by a length, with a TTHeader behind it or not, or only by reading it. `"foreign"`: not by Thrift. */
  readonly transport: "framed" | "buffered" | "ttheader" | "foreign";
  /** Absent where the first bytes do not tell: behind a TTHeader, and where nothing is Thrift. */
  readonly protocol: WireProtocol | undefined;
  /** For a log: what the peer speaks and, where it is not for us, what is likely to be wrong. */
  readonly wording: string;
}

const TTHEADER: Detected = { transport: "ttheader", protocol: undefined, wording: "TTHeader" };

const BUFFERED: Readonly<Record<WireProtocol, Detected>> = {
  binary: { transport: "buffered", protocol: "binary", wording: "binary without frames" },
  compact: { transport: "buffered", protocol: "compact", wording: "compact without frames" },
  tjson: { transport: "buffered", protocol: "tjson", wording: "TJSON without frames" },
};

const FRAMED: Readonly<Record<WireProtocol, Detected>> = {
  binary: { transport: "framed", protocol: "binary", wording: "framed binary" },
  compact: { transport: "framed", protocol: "compact", wording: "framed compact" },
  tjson: { transport: "framed", protocol: "tjson", wording: "framed TJSON" },
};

/** Whether these are read is up to the reader's `strictRead`. */
const FRAMED_UNVERSIONED: Detected = {
  transport: "framed",
  protocol: "binary",
  wording: "framed binary with the header that Thrift had before 2008",
};

const BUFFERED_UNVERSIONED: Detected = {
  transport: "buffered",
  protocol: "binary",
  wording: "binary without frames and with the header that Thrift had before 2008",
};

/** Bytes that are like nothing known: random, encrypted, or the middle of a message. */
export const JUNK: Detected = foreign("bytes that are no message of Thrift");

/** Longest method name in a header without a version: such a header begins with that length. */
const MAX_NAME_BYTES = 512;

/** No message is shorter, and fewer bytes could not tell its protocol. */
const MIN_MESSAGE_BYTES = 4;

const TJSON_START = 0x5b31_2c22;

/**
 * @returns what starts at `start`; undefined while `end` is too near to tell, which eight bytes always are enough for,
 * and four for all but what begins with a length.
 */
export function detect(bytes: Uint8Array, start: number, end: number, maxFrameBytes: number): Detected | undefined {
  if (end - start < 4) return undefined;
  const first = readUint32(bytes, start);
  const bare = protocolOf(first);
  if (bare !== undefined) return BUFFERED[bare];
  if (first < MIN_MESSAGE_BYTES || first > maxFrameBytes) return foreignByFirst(first);
  if (end - start < 8) return undefined;
  const second = readUint32(bytes, start + 4);
  const framed = protocolOf(second);
  if (framed !== undefined) return FRAMED[framed];
  if (second >>> 16 === 0x1000) return (second & TTSTREAM_FLAG) === 0 ? TTHEADER : TTSTREAM;
  if (second > 0 && second <= MAX_NAME_BYTES) return FRAMED_UNVERSIONED;
  return foreignBySecond(first, second);
}

function protocolOf(word: number): WireProtocol | undefined {
  if (word >>> 16 === 0x8001) return "binary";
  // Version 1 stands in the lower five bits of the second byte, the type of the message above it.
  if (word >>> 24 === 0x82 && (word & 0x1f_0000) === 0x01_0000) return "compact";
  return word === TJSON_START ? "tjson" : undefined;
}

const TTSTREAM_FLAG = 0x0002;
const TTSTREAM = foreign("TTHeader streaming of Kitex: only calls with one request and one reply are answered here");
const MESH_HEADER = foreign("a MeshHeader of Kitex: have its proxy speak TTHeader");
const KITEX_PROTOBUF = foreign("Protobuf of Kitex: the client has to be made from Thrift IDL");
const APACHE_HEADER = foreign("THeader of Apache Thrift, which is not TTHeader: have the peer use framed");
const HTTP = foreign("HTTP: a browser, a health check or a proxy, or an address that is a web server's");
const HTTP2 = foreign("HTTP/2, as gRPC does");
const TLS = foreign("TLS: one end encrypts and the other does not");
const SSH = foreign("SSH");
const PROXY_PROTOCOL = foreign("the PROXY protocol of a load balancer");
const TELNET = foreign("telnet");

/** The first four bytes of what is not Thrift; as lengths they are all beyond 200 MB. */
const FOREIGN_STARTS: ReadonlyMap<number, Detected> = new Map([
  ...["GET ", "HEAD", "POST", "PUT ", "DELE", "CONN", "OPTI", "TRAC", "PATC", "HTTP"].map(startsWith(HTTP)),
  startsWith(HTTP2)("PRI "),
  startsWith(SSH)("SSH-"),
  startsWith(PROXY_PROTOCOL)("PROX"),
  startsWith(PROXY_PROTOCOL)("\r\n\r\n"),
]);

function foreignByFirst(first: number): Detected {
  const known = FOREIGN_STARTS.get(first);
  if (known !== undefined) return known;
  if (isTls(first)) return TLS;
  if (first >>> 16 === 0xffaf) return MESH_HEADER;
  return isTelnet(first) ? TELNET : JUNK;
}

function foreignBySecond(first: number, second: number): Detected {
  if (second >>> 16 === 0x9001) return KITEX_PROTOBUF;
  if (second >>> 16 === 0x0fff) return APACHE_HEADER;
  if (first <= MAX_NAME_BYTES && isPrintable(second)) return BUFFERED_UNVERSIONED;
  return foreignByFirst(first);
}

/** A record of TLS: alert or handshake, then version 3.0 to 3.4. */
function isTls(word: number): boolean {
  const type = word >>> 24;
  return (type === 0x15 || type === 0x16) && ((word >>> 16) & 0xff) === 3 && ((word >>> 8) & 0xff) <= 4;
}

/** IAC and a command, F0 to FE: what a client sends on its own, or for Ctrl-C. Small negative numbers begin with FF FF. */
function isTelnet(word: number): boolean {
  return word >>> 20 === 0xfff && word >>> 16 !== 0xffff;
}

function isPrintable(word: number): boolean {
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (word >>> shift) & 0xff;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

function foreign(wording: string): Detected {
  return { transport: "foreign", protocol: undefined, wording };
}

function startsWith(detected: Detected): (text: string) => [number, Detected] {
  return (text) => [readUint32(Buffer.from(text, "latin1"), 0), detected];
}
