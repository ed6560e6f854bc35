import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { isValidUtf8 } from "../../src/protocol/text.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { forEachSeed, type Random } from "../support/random-value.js";

/** The judge: the platform's own decoder and encoder, which take another route than the codec. */
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

/** Lengths around those at which text takes another route. */
const LENGTHS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 24, 25, 27, 28, 29, 31, 32, 33, 64, 127, 128, 129, 130, 300, 2000, 17_000,
];
const LEADS = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5,
  0xff,
];
const PIECES = ["a", "hello world ", "é", "你好", "🙂", "\ufeff", "\u0000", "\u07ff", "\u0800", "\uffff", "\u{10ffff}"];
const SURROGATES = ["\ud800", "\udfff", "\udc00\ud800"];

/** Bytes that are mostly UTF-8: of one kind of text or of all, with a wrong byte here and there, sometimes cut off. */
function randomBytes(random: Random): Uint8Array {
  const pieces = random.chance(0.5) ? [random.pick(PIECES)] : PIECES;
  const damage = random.pick([0, 0.002, 0.1]);
  const length = random.pick(LENGTHS);
  const bytes: number[] = [];
  while (bytes.length < length) {
    if (random.chance(damage)) bytes.push(random.pick(LEADS));
    else bytes.push(...encoder.encode(random.pick(pieces)));
  }
  return Uint8Array.from(random.chance(0.3) ? bytes.slice(0, length) : bytes);
}

function randomText(random: Random): string {
  const pieces = random.pick([["a"], PIECES, [...PIECES, ...SURROGATES]]);
  const length = random.pick(LENGTHS);
  let text = "";
  while (text.length < length) text += random.pick(pieces);
  return text;
}

/** A struct whose field 1 is a list of strings of these bytes. */
function messageOf(texts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(9 + texts.reduce((sum, text) => sum + 4 + text.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x0f, 0, 1, 0x0b]);
  view.setInt32(4, texts.length);
  let at = 8;
  for (const text of texts) {
    view.setInt32(at, text.length);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** Messages for each test. */
const COUNT = process.env["SCRIMP_LONG"] === "1" ? 1000 : 25;

const S = parseSchema({ "a.thrift": "struct S { 1: list<string> l }" }).struct("S");

forEachBackend((backend) => {
  describe("text", () => {
    const codec = compile<any>(S, { backend });

    it("decodes as the platform's decoder says, sound or not, many in one message", () => {
      forEachSeed(COUNT, (random) => {
        const texts = Array.from({ length: 12 }, () => randomBytes(random));
        const { l } = codec.decode(messageOf(texts));
        for (const [i, text] of texts.entries()) {
          if (l[i] !== lossy.decode(text)) throw new Error(`decodes otherwise: ${toHex(text)}`);
        }
      });
    });

    it("encodes as the platform's encoder does, lone surrogates too", () => {
      forEachSeed(COUNT, (random) => {
        const texts = Array.from({ length: 12 }, () => randomText(random));
        expect(toHex(codec.encode({ l: texts }))).toBe(toHex(messageOf(texts.map((text) => encoder.encode(text)))));
      });
    });
  });
});

it("is called UTF-8 where the platform calls it so", () => {
  forEachSeed(10 * COUNT, (random) => {
    const bytes = randomBytes(random);
    let isSound = true;
    try {
      strict.decode(bytes);
    } catch {
      isSound = false;
    }
    if (isValidUtf8(bytes, 0, bytes.length) !== isSound) throw new Error(`judged otherwise: ${toHex(bytes)}`);
  });
});
