/** Wrong messages made of right ones, by what they say: every protocol spells the result in its own way. */

import { resolveType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import { TType, type ValueTType } from "../../src/protocol/ttype.js";
import type { Random } from "../support/random-value.js";
import * as wire from "../support/wire/node.js";
import { typeOf, type Field, type Node, type Scalar, type Struct } from "../support/wire/node.js";

/** A changed message. */
export interface Changed {
  message: Struct;
  /** It says nothing that it does not keep: it means the same, or nothing, in every protocol. */
  isHonest: boolean;
}

/** Applies 1 to 3 changes to a message, which stays as it is. */
export function changeMessage(message: Struct, descriptor: StructDescriptor, random: Random): Changed {
  const copy = structuredClone(message);
  let isHonest = true;
  for (let n = 1 + random.below(3); n > 0; n--) {
    const isLie = random.chance(0.3);
    const parts = partsOf(copy);
    random.pick(isLie ? LIES : HONEST_CHANGES)(parts, random);
    isHonest &&= !isLie;
  }
  fitTexts(descriptor, copy);
  return { message: copy, isHonest };
}

/** All there is in a message, at any depth. */
interface Parts {
  nodes: Node[];
  structs: Struct[];
  /** Each with the struct that it belongs to. */
  fields: [of: Struct, field: Field][];
}

function partsOf(root: Struct): Parts {
  const parts: Parts = { nodes: [], structs: [], fields: [] };
  const visit = (node: Node): void => {
    parts.nodes.push(node);
    if (node.kind === "elements") node.items.forEach(visit);
    else if (node.kind === "map") node.entries.flat().forEach(visit);
    else if (node.kind === "struct") {
      parts.structs.push(node);
      for (const field of node.fields) {
        parts.fields.push([node, field]);
        visit(field.value);
      }
    }
  };
  visit(root);
  return parts;
}

type Change = (parts: Parts, random: Random) => void;

const IDS = [1, 2, 3, 16, 17, 50, 99, 0, -1, 255, 256, 32767, -32768];
const ALL_TYPES = Object.values(TType).filter((type): type is ValueTType => type > TType.VOID);

/** For changes of a field; nothing happens where a message has none. */
const ofField =
  (change: (of: Struct, field: Field, random: Random) => void): Change =>
  ({ fields }, random) => {
    if (fields.length > 0) change(...random.pick(fields), random);
  };

const setValue = (field: Field, value: Node): void => {
  field.value = value;
  field.type = typeOf(value);
};

const HONEST_CHANGES: readonly Change[] = [
  ofField((_of, field, random) => {
    field.id = random.pick(IDS);
  }),
  ofField((of, field, random) => {
    of.fields.splice(random.below(of.fields.length + 1), 0, structuredClone(field));
  }),
  ofField((of, field) => {
    of.fields.splice(of.fields.indexOf(field), 1);
  }),
  ofField((of, field, random) => {
    of.fields.splice(of.fields.indexOf(field), 1);
    of.fields.splice(random.below(of.fields.length + 1), 0, field);
  }),
  ofField((_of, field, random) => {
    setValue(field, stranger(random));
  }),
  ofField((_of, field, random) => {
    setValue(field, nested(field.value, random.chance(0.03) ? 70 : 1 + random.below(3), random));
  }),
  // A part of the message where another one belongs. It is no part of itself, being a copy.
  ({ fields, nodes }, random) => {
    if (fields.length > 0) setValue(random.pick(fields)[1], structuredClone(random.pick(nodes)));
  },
  ({ structs }, random) => {
    const { fields } = random.pick(structs);
    fields.splice(random.below(fields.length + 1), 0, wire.field(random.pick(IDS), stranger(random)));
  },
  ({ nodes }, random) => {
    const node = random.pick(nodes);
    if (node.kind === "scalar") node.value = scalarOf(node.type, random);
    else if (node.kind === "text") node.bytes = random.pick(TEXTS);
    else if (node.kind === "elements") changeElements(node, random);
    else if (node.kind === "map") changeEntries(node, random);
  },
];

const LIES: readonly Change[] = [
  ofField((_of, field, random) => {
    field.type = random.pick(ALL_TYPES);
  }),
  ({ nodes }, random) => {
    const node = random.pick(nodes);
    if (node.kind === "text") node.size = sizeOf(node.bytes.length, random);
    else if (node.kind === "elements") node.size = sizeOf(node.items.length, random);
    else if (node.kind === "map") node.size = sizeOf(node.entries.length, random);
  },
  ({ nodes }, random) => {
    const node = random.pick(nodes);
    if (node.kind === "elements") node.elementType = random.pick(ALL_TYPES);
    else if (node.kind === "map") node.valueType = random.pick(ALL_TYPES);
  },
  ({ nodes }, random) => {
    const node = random.pick(nodes);
    if (node.kind === "elements" && node.items.length > 0)
      node.items[random.below(node.items.length)] = stranger(random);
  },
];

function sizeOf(length: number, random: Random): number {
  return random.pick([length - 1, length + 1, 0, -1, 14, 15, 16, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 30]);
}

const TEXTS: readonly Uint8Array[] = [
  ...["", "x", "plain text of more than twelve bytes", "é你好🙂", '\0\u001f"\\/\b\n\u2028', "1", "null"].map((text) =>
    new TextEncoder().encode(text),
  ),
  Uint8Array.of(0xff),
  Uint8Array.of(0x61, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f),
  new Uint8Array(300).fill(0x7a),
];

const NUMBERS = [0, 1, -1, 63, 64, -64, -65, 127, -128] as const;

function scalarOf(type: Scalar["type"], random: Random): Scalar["value"] {
  switch (type) {
    case TType.BOOL:
      return random.chance(0.5);
    case TType.I8:
      return random.pick(NUMBERS);
    case TType.I16:
      return random.pick([...NUMBERS, 8191, 8192, 32767, -32768]);
    case TType.I32:
      return random.pick([...NUMBERS, 2 ** 20, 2 ** 27, -(2 ** 27), 2 ** 31 - 1, -(2 ** 31)]);
    case TType.I64:
      return random.pick([
        0n,
        1n,
        -1n,
        2n ** 31n,
        -(2n ** 34n),
        2n ** 53n,
        -(2n ** 53n) - 1n,
        2n ** 63n - 1n,
        -(2n ** 63n),
      ]);
    case TType.DOUBLE:
      return random.pick([0, -0, NaN, Infinity, -Infinity, 1e21, 1.5e-7, 5e-324, 2 ** 53, Number.MAX_VALUE, 0.1]);
    case TType.UUID:
      return "00112233-4455-6677-8899-aabbccddeeff";
  }
}

/** A small piece of any type. */
function stranger(random: Random): Node {
  const type = random.pick(ALL_TYPES);
  switch (type) {
    case TType.STRING:
      return wire.text(random.pick(TEXTS));
    case TType.STRUCT:
      return wire.struct(random.chance(0.5) ? [] : [wire.field(random.pick(IDS), wire.bool(random.chance(0.5)))]);
    case TType.LIST:
    case TType.SET: {
      const item = stranger(random);
      const items = Array.from({ length: random.below(4) }, () => structuredClone(item));
      return { kind: "elements", type, elementType: typeOf(item), items };
    }
    case TType.MAP: {
      const [key, value] = [stranger(random), stranger(random)];
      return wire.map([typeOf(key), typeOf(value)], random.chance(0.3) ? [] : [[key, value]]);
    }
    default:
      return { kind: "scalar", type, value: scalarOf(type, random) };
  }
}

/** A piece inside of so many others. */
function nested(node: Node, levels: number, random: Random): Node {
  let inner = node;
  for (let i = 0; i < levels; i++) {
    const kind = random.below(4);
    if (kind === 0) inner = wire.struct([wire.field(random.pick(IDS), inner)]);
    else if (kind === 1) inner = wire.list(typeOf(inner), [inner]);
    else if (kind === 2) inner = wire.map([TType.I32, typeOf(inner)], [[wire.i32(i), inner]]);
    else inner = wire.map([typeOf(inner), TType.BOOL], [[inner, wire.bool(true)]]);
  }
  return inner;
}

function changeElements(node: Extract<Node, { kind: "elements" }>, random: Random): void {
  const kind = random.below(3);
  if (kind === 0) node.items.pop();
  else if (kind === 1 && node.items.length > 0) {
    const item = random.pick(node.items);
    while (node.items.length < 20) node.items.push(structuredClone(item));
  } else {
    const item = stranger(random);
    node.elementType = typeOf(item);
    node.items = [item];
  }
}

function changeEntries(node: Extract<Node, { kind: "map" }>, random: Random): void {
  const kind = random.below(3);
  if (kind === 0) node.entries.pop();
  else if (kind === 1 && node.entries.length > 0) node.entries.push(structuredClone(random.pick(node.entries)));
  else {
    const key = stranger(random);
    node.keyType = typeOf(key);
    node.entries = node.entries.slice(0, 1).map(([, value]) => [key, value]);
  }
}

/** TJSON spells text and binary differently, under one name: what is read as one or the other must be spelled so. */
function fitTexts(declared: Type, node: Node): void {
  const type = resolveType(declared);
  if (node.kind === "text") {
    node.isBinary = type.kind === "binary";
  } else if (node.kind === "elements" && (type.kind === "list" || type.kind === "set")) {
    for (const item of node.items) fitTexts(type.element, item);
  } else if (node.kind === "map" && type.kind === "map") {
    for (const [key, value] of node.entries) {
      fitTexts(type.key, key);
      fitTexts(type.value, value);
    }
  } else if (node.kind === "struct" && type.kind === "struct") {
    for (const { id, value } of node.fields) {
      const field = type.fields.find((known) => known.id === id);
      if (field !== undefined) fitTexts(field.type, value);
    }
  }
}

/** True when every container has elements of the types that the schema says. Known fields of another type are unknown ones. */
export function fits(declared: Type, node: Node): boolean {
  const type = resolveType(declared);
  if (node.kind === "elements" && (type.kind === "list" || type.kind === "set")) {
    return node.items.every((item) => typeOf(item) === wire.ttypeOf(type.element) && fits(type.element, item));
  }
  if (node.kind === "map" && type.kind === "map") {
    const parts = [type.key, type.value];
    return node.entries.every((entry) =>
      entry.every((item, i) => typeOf(item) === wire.ttypeOf(parts[i]) && fits(parts[i], item)),
    );
  }
  if (node.kind !== "struct" || type.kind !== "struct") return true;
  return node.fields.every(({ id, value }) => {
    const field = type.fields.find((known) => known.id === id);
    return field === undefined || wire.ttypeOf(field.type) !== typeOf(value) || fits(field.type, value);
  });
}
