/**
 * What peers do wrong. A message that a row applies to is not held against the peer; and the peer must still get the
 * row's own example wrong, or the row has to go.
 */

import { resolveType, type ResolvedType, type StructDescriptor } from "../../../src/schema/descriptor.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import { PROTOCOLS, type PeerName } from "./peer.js";
import { visit } from "./value.js";

export interface KnownBug {
  peer: PeerName;
  protocols: readonly ProtocolName[];
  /** What is wrong, and why it is the peer that is. */
  reason: string;
  /** True for a node of a value that the peer gets wrong. */
  applies(type: ResolvedType, value: unknown): boolean;
  /** Fields of a struct, and a value of it. */
  example: { fields: string; value: Record<string, unknown> };
}

/** Kinds whose values are told from each other by the name of a property. */
const KINDS_WITH_NAMES: readonly string[] = ["string", "i8", "i16", "i32", "enum", "double"];

export const KNOWN_BUGS: readonly KnownBug[] = [
  {
    peer: "npm",
    protocols: PROTOCOLS,
    reason: "maps are objects, so a key that is no string or number is lost: i64, binary, containers and structs",
    applies: (type) => type.kind === "map" && ![...KINDS_WITH_NAMES, "bool"].includes(resolveType(type.key).kind),
    example: { fields: "1: map<i64, string> f", value: { f: new Map([[10n, "ten"]]) } },
  },
  {
    peer: "npm",
    protocols: ["binary", "tjson"],
    reason: 'maps are objects, so the key false is the text "false", which is written as true',
    applies: (type, value) =>
      type.kind === "map" && resolveType(type.key).kind === "bool" && (value as Map<unknown, unknown>).has(false),
    example: { fields: "1: map<bool, i32> f", value: { f: new Map([[false, 1]]) } },
  },
  {
    peer: "npm",
    protocols: PROTOCOLS,
    reason: "maps are plain objects: a value under the key __proto__ becomes the prototype, or nothing",
    applies: (type, value) => type.kind === "map" && (value as Map<unknown, unknown>).has("__proto__"),
    example: { fields: "1: map<string, i32> f", value: { f: new Map([["__proto__", 1]]) } },
  },
  {
    peer: "npm",
    protocols: ["binary", "compact"],
    reason: "writes the sign of a double as `v < 0`, which minus zero is not",
    applies: (_type, value) => Object.is(value, -0),
    example: { fields: "1: double f", value: { f: -0 } },
  },
  {
    peer: "npm",
    protocols: ["compact"],
    reason: "reads a bool in a container as the property `value` of a number, so every one is false",
    applies: (type, value) => elementTypes(type).some(({ kind }) => kind === "bool") && sizeOf(value) > 0,
    example: { fields: "1: list<bool> f", value: { f: [true, false, true] } },
  },
  {
    peer: "npm",
    protocols: ["tjson"],
    reason: "makes text of a double by joining it to text, for which minus zero is 0",
    applies: (_type, value) => Object.is(value, -0),
    example: { fields: "1: double f", value: { f: -0 } },
  },
  {
    peer: "npm",
    protocols: ["tjson"],
    reason: "reads the element after an empty list or set in a container out of that list or set",
    applies: (type, value) => childrenOf(type, value).some((child) => isCollection(child) && sizeOf(child) === 0),
    example: { fields: "1: list<list<i32>> f", value: { f: [[], [], [1]] } },
  },
];

function elementTypes(type: ResolvedType): ResolvedType[] {
  if (type.kind === "map") return [resolveType(type.key), resolveType(type.value)];
  return type.kind === "list" || type.kind === "set" ? [resolveType(type.element)] : [];
}

function childrenOf(type: ResolvedType, value: unknown): unknown[] {
  if (type.kind === "map") return [...(value as Map<unknown, unknown>).values()];
  return type.kind === "list" || type.kind === "set" ? [...(value as Iterable<unknown>)] : [];
}

function isCollection(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set;
}

function sizeOf(value: unknown): number {
  return Array.isArray(value) ? value.length : (value as { size: number }).size;
}

/** The known bugs that stand between a peer and a value. */
export function bugsIn(peer: PeerName, protocol: ProtocolName, type: StructDescriptor, value: unknown): KnownBug[] {
  const candidates = KNOWN_BUGS.filter((bug) => bug.peer === peer && bug.protocols.includes(protocol));
  const found = new Set<KnownBug>();
  visit(type, value, (at, node) => {
    for (const bug of candidates) if (bug.applies(at, node)) found.add(bug);
  });
  return [...found];
}
