/**
 * The rules of Thrift that linking itself does not enforce. Where Apache's compiler only warns, so do we, and apply what
 * it applies.
 */

import type { FieldSyntax, MethodSyntax, Name, ServiceSyntax } from "../idl/syntax.js";
import {
  resolveType,
  type ServiceDescriptor,
  type StructDescriptor,
  type Type,
  type TypedefDescriptor,
} from "./descriptor.js";
import type { Problems } from "./problems.js";
import type { Draft, Scope } from "./scope.js";
import { BROKEN_TYPE } from "./type.js";

/** Records names that appear twice in one list; true for those that do not. */
export function checkUnique(scope: Scope, names: readonly Name[], owner: string, problems: Problems): void {
  const seen = new Map<string, Name>();
  for (const name of names) {
    const first = seen.get(name.text);
    if (first === undefined) seen.set(name.text, name);
    else duplicate(scope, { name, first }, owner, problems);
  }
}

/** Records that a name is taken, and by which line. */
export function duplicate(
  scope: Scope,
  { name, first }: { name: Name; first: Name | undefined },
  owner: string,
  problems: Problems,
): void {
  const line = first === undefined ? 0 : problems.locate(scope.document, first.start).line;
  const where = line === 0 ? "" : ` on line ${String(line)}`;
  problems.error(
    "ERR_THRIFT_DUPLICATE_NAME",
    { document: scope.document, span: name },
    `"${name.text}" is already defined${where} in ${owner}`,
  );
}

/**
 * The ids of fields. Those left out count down from -1, and so do ids written as 0 or less, which Apache's compiler
 * replaces; both are warnings. `keepNegative` takes ids as they are.
 */
export function fieldIds(
  scope: Scope,
  fields: readonly FieldSyntax[],
  keepNegative: boolean,
  problems: Problems,
): number[] {
  let next = -1;
  return fields.map((field) => {
    if (field.id !== undefined && (keepNegative || field.id > 0n)) {
      const id = Number(field.id);
      if (id >= -32768 && id <= 32767) return id;
      badId(scope, field, `the id of "${field.name.text}" is not between -32768 and 32767`, problems);
      return 0;
    }
    const id = next--;
    if (id < -32768)
      badId(scope, field, `"${field.name.text}" needs an id: there are too many fields without one`, problems);
    const reason = field.id === undefined ? "has no id" : "has an id that is not positive, which compilers replace";
    if (BigInt(id) !== field.id) {
      problems.warn(
        "ERR_THRIFT_BAD_FIELD_ID",
        { document: scope.document, span: field.name },
        `"${field.name.text}" ${reason}: it gets ${String(id)}`,
      );
    }
    return id;
  });
}

function badId(scope: Scope, field: FieldSyntax, message: string, problems: Problems): void {
  problems.error("ERR_THRIFT_BAD_FIELD_ID", { document: scope.document, span: field.name }, message);
}

/** Names and ids of one list of fields. A field that repeats both is one mistake. */
export function checkFields(
  scope: Scope,
  { fields, ids }: { fields: readonly FieldSyntax[]; ids: readonly number[] },
  owner: string,
  problems: Problems,
): void {
  if (fields.length < 2) return;
  // Names are strings and ids are numbers, so one table serves both.
  const seen = new Map<string | number, FieldSyntax>();
  for (const [index, field] of fields.entries()) {
    const id = ids[index];
    const sameName = seen.get(field.name.text);
    // 0 stands in for an id with a mistake.
    const sameId = id === 0 && field.id !== 0n ? undefined : seen.get(id);
    if (sameName !== undefined) {
      duplicate(scope, { name: field.name, first: sameName.name }, owner, problems);
    } else if (sameId !== undefined) {
      const message = `id ${String(id)} of "${field.name.text}" is already used by "${sameId.name.text}" in ${owner}`;
      problems.error("ERR_THRIFT_DUPLICATE_ID", { document: scope.document, span: field.name }, message);
    }
    if (sameName === undefined) seen.set(field.name.text, field);
    if (sameId === undefined) seen.set(id, field);
  }
}

/** Members of a union are optional whatever they say, and one of them at most has a default. */
export function checkUnion(scope: Scope, fields: readonly FieldSyntax[], name: string, problems: Problems): void {
  let hasDefault = false;
  for (const field of fields) {
    const place = { document: scope.document, span: field.name };
    if (field.requiredness === "required") {
      problems.warn(
        "ERR_THRIFT_UNION_NOT_ONE",
        place,
        `"${field.name.text}" is required, but every member of a union is optional`,
      );
    }
    if (field.defaultValue === undefined) continue;
    if (hasDefault)
      problems.error(
        "ERR_THRIFT_BAD_CONSTANT",
        place,
        `"${field.name.text}" is the second default of union ${name}; it can have one`,
      );
    hasDefault = true;
  }
}

/** What a method promises must be possible: `oneway` has no reply, and only exceptions are thrown. */
export function checkMethod(scope: Scope, method: MethodSyntax, throwTypes: readonly Type[], problems: Problems): void {
  const at = (name: Name): { document: Scope["document"]; span: Name } => ({ document: scope.document, span: name });
  if (method.oneway && method.throws.length > 0) {
    problems.error(
      "ERR_THRIFT_BAD_SERVICE",
      at(method.name),
      `"${method.name.text}" is oneway and cannot throw: nobody would hear of it`,
    );
  }
  if (method.oneway && method.returnType !== undefined) {
    problems.warn(
      "ERR_THRIFT_BAD_SERVICE",
      at(method.name),
      `"${method.name.text}" is oneway and should return void: no result is sent`,
    );
  }
  for (const [index, field] of method.throws.entries()) {
    const type = resolveType(throwTypes[index]);
    if (type === BROKEN_TYPE || (type.kind === "struct" && type.variant === "exception")) continue;
    const place = { document: scope.document, span: field.type };
    problems.error(
      "ERR_THRIFT_BAD_SERVICE",
      place,
      `"${field.name.text}" cannot be thrown: its type is not an exception`,
    );
  }
  const success =
    method.returnType === undefined ? undefined : method.throws.find((field) => field.name.text === "success");
  if (success !== undefined)
    duplicate(scope, { name: success.name, first: undefined }, `the result of ${method.name.text}`, problems);
  for (const field of [...method.args, ...method.throws]) {
    if (field.requiredness !== "optional") continue;
    problems.warn(
      "ERR_THRIFT_BAD_SERVICE",
      at(field.name),
      `"optional" is ignored in argument lists and in throws ("${field.name.text}")`,
    );
  }
}

/** A service and where it is defined. */
export interface ServiceEntry {
  readonly scope: Scope;
  readonly syntax: ServiceSyntax;
  readonly descriptor: Draft<ServiceDescriptor>;
}

/** Services that extend themselves by way of others. They are cut, so that following them ends. */
export function checkExtendsCycles(entries: readonly ServiceEntry[], problems: Problems): void {
  const byDescriptor = new Map<ServiceDescriptor, ServiceEntry>(entries.map((entry) => [entry.descriptor, entry]));
  const bases = ({ descriptor }: ServiceEntry): ServiceEntry[] =>
    descriptor.extends === undefined ? [] : [byDescriptor.get(descriptor.extends)!];
  for (const cycle of findCycles(entries, bases)) {
    const { scope, syntax } = cycle[0];
    const path = [...cycle, cycle[0]].map((entry) => entry.descriptor.name).join(" -> ");
    problems.error(
      "ERR_THRIFT_CYCLE",
      { document: scope.document, span: syntax.extends! },
      `services extend each other in a circle: ${path}`,
    );
    for (const entry of cycle) entry.descriptor.extends = undefined;
  }
}

/**
 * Methods that a service inherits cannot be defined again. One walk over the trees of services that keeps the methods of
 * all services above, so that a long chain of services takes linear time.
 */
export function checkInherited(entries: readonly ServiceEntry[], problems: Problems): void {
  const heirs = new Map<ServiceDescriptor | undefined, ServiceEntry[]>();
  for (const entry of entries) {
    const siblings = heirs.get(entry.descriptor.extends);
    if (siblings === undefined) heirs.set(entry.descriptor.extends, [entry]);
    else siblings.push(entry);
  }
  const owners = new Map<string, ServiceDescriptor>();
  const stack: { entry: ServiceEntry; leave: boolean }[] = (heirs.get(undefined) ?? []).map((entry) => ({
    entry,
    leave: false,
  }));
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { scope, syntax, descriptor } = step.entry;
    if (!step.leave) {
      stack.push({ entry: step.entry, leave: true });
      for (const entry of heirs.get(descriptor) ?? []) stack.push({ entry, leave: false });
    }
    for (const { name } of syntax.methods) {
      const owner = owners.get(name.text);
      if (step.leave) {
        if (owner === descriptor) owners.delete(name.text);
      } else if (owner === undefined) {
        owners.set(name.text, descriptor);
      } else if (owner !== descriptor) {
        duplicate(
          scope,
          { name, first: undefined },
          `service ${owner.name}, which ${descriptor.name} extends`,
          problems,
        );
      }
    }
  }
}

/** A typedef and where it is defined. */
export interface TypedefEntry {
  readonly scope: Scope;
  readonly name: Name;
  readonly descriptor: Draft<TypedefDescriptor>;
}

/** Typedefs that lead back to themselves, also by way of containers. They are cut, so that resolving them ends. */
export function checkTypedefCycles(entries: readonly TypedefEntry[], problems: Problems): void {
  const byDescriptor = new Map<TypedefDescriptor, TypedefEntry>(entries.map((entry) => [entry.descriptor, entry]));
  const edges = new Map(
    entries.map((entry) => [
      entry,
      [...typedefsIn(entry.descriptor.target)].map((target) => byDescriptor.get(target)!),
    ]),
  );
  for (const cycle of findCycles(entries, (entry) => edges.get(entry)!)) {
    const first = cycle[0];
    const path = [...cycle, first].map((entry) => entry.descriptor.name).join(" -> ");
    problems.error(
      "ERR_THRIFT_CYCLE",
      { document: first.scope.document, span: first.name },
      `a typedef leads back to itself: ${path}`,
    );
    for (const entry of cycle) entry.descriptor.target = BROKEN_TYPE;
  }
}

function* typedefsIn(type: Type): Iterable<TypedefDescriptor> {
  if (type.kind === "typedef") yield type;
  else if (type.kind === "list" || type.kind === "set") yield* typedefsIn(type.element);
  else if (type.kind === "map") {
    yield* typedefsIn(type.key);
    yield* typedefsIn(type.value);
  }
}

/** A struct and where it is defined. */
export interface StructEntry {
  readonly scope: Scope;
  readonly name: Name;
  readonly descriptor: Draft<StructDescriptor>;
}

/** A struct that requires itself can never be sent. Compilers do not mind, so this is a warning. */
export function checkInfiniteStructs(entries: readonly StructEntry[], problems: Problems): void {
  const byDescriptor = new Map<StructDescriptor, StructEntry>(entries.map((entry) => [entry.descriptor, entry]));
  const required = ({ descriptor }: StructEntry): StructEntry[] => {
    const types = descriptor.fields
      .filter((field) => field.requiredness === "required")
      .map((field) => resolveType(field.type));
    return types.filter((type) => type.kind === "struct").map((type) => byDescriptor.get(type)!);
  };
  for (const cycle of findCycles(entries, required)) {
    const first = cycle[0];
    const path = [...cycle, first].map((entry) => entry.descriptor.name).join(" -> ");
    problems.warn(
      "ERR_THRIFT_CYCLE",
      { document: first.scope.document, span: first.name },
      `a struct requires itself, so no value of it can be sent: ${path}`,
    );
  }
}

/** Each node on at most one cycle. With a stack of its own: a chain of definitions may be longer than the call stack. */
function findCycles<T>(nodes: readonly T[], edgesOf: (node: T) => readonly T[]): T[][] {
  const cycles: T[][] = [];
  const state = new Map<T, "open" | "done">();
  for (const start of nodes) {
    if (state.has(start)) continue;
    const path: { node: T; edges: readonly T[]; next: number }[] = [{ node: start, edges: edgesOf(start), next: 0 }];
    state.set(start, "open");
    while (path.length > 0) {
      const top = path[path.length - 1];
      const target = top.edges[top.next++];
      if (target === undefined) {
        state.set(top.node, "done");
        path.pop();
      } else if (state.get(target) === "open") {
        cycles.push(path.slice(path.findIndex((step) => step.node === target)).map((step) => step.node));
      } else if (!state.has(target)) {
        state.set(target, "open");
        path.push({ node: target, edges: edgesOf(target), next: 0 });
      }
    }
  }
  return cycles;
}
