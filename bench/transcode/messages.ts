/** What is converted: Frugal's messages, and dynamicgo's, which are of the same types without the enum. */

import { nesting, simple, texts } from "../workload/frugal.js";
import type { Value } from "../workload/value.js";
import { readIdl } from "../workload/workload.js";

export interface TranscodeMessage {
  readonly name: string;
  readonly idl: string;
  readonly struct: "Simple" | "Nesting";
  readonly value: Value;
  /** A value deep inside, near the end. */
  readonly path: string;
}

const FRUGAL = readIdl("frugal", "thrift");
const DYNAMICGO = FRUGAL.replace(/^.*EnumField.*\n/m, "");
const DEEP = 'MapStringSimple["7"].I32Field';

/** Texts of 34 bytes, binary of 32, 16 elements in each container: 114 and 6,455 bytes. */
function dynamicgo(value: Value): Value {
  const short = (item: Value): Value => {
    if (typeof item === "string") return item.length > 18 ? item.slice(0, 18) : item;
    if (item instanceof Uint8Array) return item.slice(0, 32);
    if (Array.isArray(item)) return [...item, ...item].map(short);
    if (item instanceof Map) return new Map([...item, ...moreKeys(item)].map(([key, inner]) => [key, short(inner)]));
    if (typeof item !== "object" || item === null) return item;
    const fields = Object.entries(item).filter(([name]) => name !== "EnumField");
    return Object.fromEntries(fields.map(([name, inner]) => [name, short(inner)]));
  };
  return short(value);
}

/** Entries 8 to 15, made of 0 to 7. */
function moreKeys(map: Map<Value, Value>): [Value, Value][] {
  return [...map].map(([key, value]) => {
    if (typeof key === "bigint") return [key + 8n, value];
    return [typeof key === "number" ? key + 8 : String(Number(key) + 8), value];
  });
}

export const transcodeMessages: readonly TranscodeMessage[] = [
  {
    name: "dynamicgo-small",
    idl: DYNAMICGO,
    struct: "Simple",
    value: dynamicgo(simple(texts.chinese)),
    path: "I32Field",
  },
  { name: "dynamicgo-medium", idl: DYNAMICGO, struct: "Nesting", value: dynamicgo(nesting(texts.chinese)), path: DEEP },
  { name: "frugal-small-ascii", idl: FRUGAL, struct: "Simple", value: simple(texts.ascii), path: "I32Field" },
  { name: "frugal-medium-ascii", idl: FRUGAL, struct: "Nesting", value: nesting(texts.ascii), path: DEEP },
  { name: "frugal-medium-chinese", idl: FRUGAL, struct: "Nesting", value: nesting(texts.chinese), path: DEEP },
];
