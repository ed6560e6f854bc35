/**
 * What the names of a file refer to. As in Apache's compiler, types and services share one table of names and constants
 * have another; what an included file defines is known as `prefix.Name`, where the prefix is that file's name without
 * folder and extension, and an include of an include is not seen.
 */

import type { ErrorCode } from "../errors.js";
import type { ConstSyntax, Document, EnumSyntax, Name, Span } from "../idl/syntax.js";
import type {
  ConstantDescriptor,
  ConstantValue,
  EnumDescriptor,
  FileDescriptor,
  ServiceDescriptor,
  StructDescriptor,
  TypedefDescriptor,
} from "./descriptor.js";
import type { Problems } from "./problems.js";

/** A descriptor while it is being made. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What can stand where a type is expected, and services, which share the table. */
export type TypeEntry = Draft<TypedefDescriptor> | EnumDescriptor | Draft<StructDescriptor> | Draft<ServiceDescriptor>;

/** A constant, evaluated when first needed. */
export interface ConstantEntry {
  readonly scope: Scope;
  readonly syntax: ConstSyntax;
  readonly descriptor: Draft<ConstantDescriptor>;
  state: "new" | "busy" | "done";
  /** Undefined while not done, and when the constant has a mistake. */
  value: ConstantValue | undefined;
  /** How many values it holds, itself included. */
  weight: number;
}

/** The names of one file. */
export interface Scope {
  readonly document: Document;
  readonly file: Draft<FileDescriptor>;
  readonly types: Map<string, TypeEntry>;
  readonly constants: Map<string, ConstantEntry>;
  /** By prefix; several files when their names differ in the folder only. */
  readonly includes: Map<string, Scope[]>;
  /** Where each name of `types` and `constants` is defined: to tell a use before its definition. */
  readonly starts: Map<object, number>;
}

/** An enum member, as a constant may refer to it. */
export interface MemberReference {
  readonly kind: "member";
  readonly enum: EnumDescriptor;
  readonly value: number;
}

/** What an identifier in a constant refers to. */
export type ValueReference = MemberReference | { readonly kind: "constant"; readonly entry: ConstantEntry };

export function newScope(document: Document): Scope {
  const file: Draft<FileDescriptor> = {
    path: document.file,
    name: fileName(document.file),
    doc: document.doc,
    includes: [],
    namespaces: new Map(),
    definitions: [],
  };
  return { document, file, types: new Map(), constants: new Map(), includes: new Map(), starts: new Map() };
}

/** The path without folder and extension; only the last dot counts: `idl/a.b.thrift` is `a.b`. */
export function fileName(path: string): string {
  const base = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  return dot > 0 ? base.slice(0, dot) : base;
}

/** Finds what a dotted or plain name refers to among types and services. Undefined after an error was recorded. */
export function findType(
  scope: Scope,
  wanted: "type" | "service",
  name: Name,
  problems: Problems,
): TypeEntry | undefined {
  const local = scope.types.get(name.text);
  if (local !== undefined) return local;
  const found = findIncluded(scope, name.text, (file, rest) => file.types.get(rest));
  if (found.length === 1) return found[0];
  const place = { document: scope.document, span: name };
  if (found.length > 1) {
    problems.error("ERR_THRIFT_DUPLICATE_NAME", place, ambiguous(name.text));
    return undefined;
  }
  const code = wanted === "type" ? "ERR_THRIFT_UNKNOWN_TYPE" : "ERR_THRIFT_BAD_SERVICE";
  if (scope.constants.has(name.text)) {
    problems.error(code, place, `"${name.text}" is a constant, not a ${wanted}`);
    return undefined;
  }
  const hint = problems.didYouMean(name.text, typeNames(scope, wanted === "service"));
  problems.error(code, place, `${wanted} "${name.text}" is not defined${hint}`);
  return undefined;
}

/**
 * Finds what an identifier in a constant refers to: `NAME`, `Enum.MEMBER`, and both behind the prefix of an include.
 * Records nothing: the caller knows what was expected.
 */
export function findValue(scope: Scope, text: string): ValueReference[] {
  const local = localValue(scope, text);
  return local === undefined ? findIncluded(scope, text, localValue) : [local];
}

/** Records that an identifier names nothing, or several things. */
export function reportValue(scope: Scope, text: string, span: Span, problems: Problems): void {
  const place = { document: scope.document, span };
  const several = findValue(scope, text).length > 1;
  const code: ErrorCode = several ? "ERR_THRIFT_DUPLICATE_NAME" : "ERR_THRIFT_UNKNOWN_NAME";
  const message = several
    ? ambiguous(text)
    : `no constant or enum member is called "${text}"${problems.didYouMean(text, valueNames(scope))}`;
  problems.error(code, place, message);
}

/** Warns where a name is used above its definition, which Apache's compiler refuses in the places that call this. */
export function warnIfLater(scope: Scope, used: Name, target: object, problems: Problems): void {
  const start = scope.starts.get(target);
  if (start === undefined || start <= used.start) return;
  problems.warn(
    "ERR_THRIFT_UNKNOWN_NAME",
    { document: scope.document, span: used },
    `"${used.text}" is used here before it is defined; Apache's compiler refuses that`,
  );
}

/** The numbers of an enum: one more than the member before where none is given. Members with mistakes are undefined. */
export function enumNumbers(scope: Scope, syntax: EnumSyntax, problems: Problems): (number | undefined)[] {
  let next = 0n;
  return syntax.members.map((member) => {
    const value = member.value ?? next;
    const inRange = value >= -0x8000_0000n && value <= 0x7fff_ffffn;
    // Only the first of a run that overflows is the mistake.
    if (!inRange && (member.value !== undefined || value === 0x8000_0000n)) {
      const message = `the number of "${member.name.text}" does not fit 32 bits`;
      problems.error("ERR_THRIFT_BAD_CONSTANT", { document: scope.document, span: member.name }, message);
    }
    next = value + 1n;
    return inRange ? Number(value) : undefined;
  });
}

function localValue(scope: Scope, text: string): ValueReference | undefined {
  const entry = scope.constants.get(text);
  if (entry !== undefined) return { kind: "constant", entry };
  const dot = text.lastIndexOf(".");
  if (dot < 0) return undefined;
  const owner = scope.types.get(text.slice(0, dot));
  if (owner?.kind !== "enum") return undefined;
  const value = owner.numberOf.get(text.slice(dot + 1));
  return value === undefined ? undefined : { kind: "member", enum: owner, value };
}

/** Prefixes and names may hold dots themselves (`a.b.thrift`), so every split is tried. */
function findIncluded<T>(scope: Scope, text: string, find: (file: Scope, name: string) => T | undefined): T[] {
  const found: T[] = [];
  for (let dot = text.lastIndexOf("."); dot > 0; dot = text.lastIndexOf(".", dot - 1)) {
    for (const file of scope.includes.get(text.slice(0, dot)) ?? []) {
      const item = find(file, text.slice(dot + 1));
      if (item !== undefined) found.push(item);
    }
  }
  return found;
}

function ambiguous(text: string): string {
  return `"${text}" is defined by several included files of that name; rename one of the files`;
}

function* typeNames(scope: Scope, services: boolean): Iterable<string> {
  for (const [name, entry] of scope.types) if ((entry.kind === "service") === services) yield name;
  for (const [prefix, files] of scope.includes) {
    for (const { types } of files) {
      for (const [name, entry] of types) if ((entry.kind === "service") === services) yield `${prefix}.${name}`;
    }
  }
}

function* valueNames(scope: Scope): Iterable<string> {
  yield* localValueNames(scope);
  for (const [prefix, files] of scope.includes) {
    for (const file of files) for (const name of localValueNames(file)) yield `${prefix}.${name}`;
  }
}

function* localValueNames(scope: Scope): Iterable<string> {
  yield* scope.constants.keys();
  for (const entry of scope.types.values()) {
    if (entry.kind === "enum") for (const member of entry.members) yield `${entry.name}.${member.name}`;
  }
}
