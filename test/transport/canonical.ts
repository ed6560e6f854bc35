/** A frame of each shape that peers send, as it is on the wire and as it is handed out. */

import type { Frame } from "../../src/transport/reassembly.js";
import { hex } from "../support/hex.js";
import { CAPTURES, VECTORS } from "./kitex.js";

export interface Canonical {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly frame: Frame;
}

const COMPACT = hex`82 21 05 04 6563686f 1c 18 02 6869 00 00`;
const TJSON = new Uint8Array(Buffer.from(`[1,"echo",1,5,{"1":{"rec":{"1":{"str":"h]}i"}}}}]`));
const length = (bytes: Uint8Array): string => bytes.length.toString(16).padStart(8, "0");

function buffered(name: string, protocol: "binary" | "compact" | "tjson", wire: Uint8Array): Canonical {
  return { name, wire, frame: { transport: "buffered", protocol, bytes: wire } };
}

function framed(name: string, protocol: "binary" | "compact" | "tjson", bytes: Uint8Array): Canonical {
  return { name, wire: hex`${length(bytes)} ${bytes}`, frame: { transport: "framed", protocol, bytes } };
}

function ttheader(name: string, wire: Uint8Array): Canonical {
  return { name, wire, frame: { transport: "ttheader", protocol: undefined, bytes: wire.slice(4) } };
}

const MESSAGES = ["CALL", "REPLY", "EXC", "DECL", "VOID", "ONEWAY"] as const;
const CAPTURED_FRAMES = ["framed C>S", "framed S>C", "buffered C>S", "buffered S>C"];

export const CANONICAL: readonly Canonical[] = [
  ...MESSAGES.map((name) => buffered(name, "binary", VECTORS[name])),
  ...MESSAGES.map((name) => framed(`framed ${name}`, "binary", VECTORS[name])),
  framed("framed NONSTRICT", "binary", VECTORS.NONSTRICT),
  ...CAPTURED_FRAMES.map((name) => framed(`captured ${name}`, "binary", CAPTURES[name].slice(4))),
  buffered("captured request without its frame", "binary", CAPTURES["framed C>S"].slice(4)),
  buffered("compact", "compact", COMPACT),
  buffered("shortest compact", "compact", hex`82 21 00 01 78 00`),
  framed("framed compact", "compact", COMPACT),
  buffered("TJSON", "tjson", TJSON),
  framed("framed TJSON", "tjson", TJSON),
  framed("shortest frame", "binary", hex`80010001`),
  ...["TTH_MIN", "TTH_FULL", "TTH_ACL", "TTH_BIZ", "MUX_REQ", "MUX_CTL"].map((name) => ttheader(name, VECTORS[name])),
  ...["ttheader C>S", "ttheader S>C"].map((name) => ttheader(`captured ${name}`, CAPTURES[name])),
];
