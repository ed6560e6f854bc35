/** Messages in the bytes of each protocol under test. */

import type { ProtocolUnderTest } from "../backends.js";
import type { Random } from "../random-value.js";
import { BinarySpeller } from "./binary.js";
import { CompactSpeller } from "./compact.js";
import type { Struct } from "./node.js";
import type { Speller, Spelling } from "./speller.js";
import { TJsonSpeller } from "./tjson.js";

const SPELLERS: Readonly<Record<ProtocolUnderTest, new (style: Random | undefined) => Speller>> = {
  binary: BinarySpeller,
  compact: CompactSpeller,
  tjson: TJsonSpeller,
};

/** Writes a message. Without a style in the form that writers use; with one in any of those that mean the same. */
export function spell(protocol: ProtocolUnderTest, message: Struct, style?: Random): Spelling {
  return new SPELLERS[protocol](style).spell(message);
}
