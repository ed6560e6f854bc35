/**
 * Syntax trees → descriptors. Every name of every file is declared first, then every reference is resolved, so that types
 * may refer to each other in any order and in circles.
 */

import type { Problem, SourceLocation } from "../errors.js";
import type {
  ConstSyntax,
  DefinitionSyntax,
  Document,
  EnumSyntax,
  FieldSyntax,
  MethodSyntax,
  Name,
  StructSyntax,
  TypedefSyntax,
} from "../idl/syntax.js";
import { Constants } from "./constant.js";
import type {
  ConstantDescriptor,
  Described,
  EnumDescriptor,
  EnumMemberDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MethodDescriptor,
  NamespaceDescriptor,
  ServiceDescriptor,
  StructDescriptor,
  Type,
  TypedefDescriptor,
} from "./descriptor.js";
import { checkDefaults, type DefaultEntry } from "./default.js";
import { Problems } from "./problems.js";
import {
  enumNumbers,
  findType,
  newScope,
  warnIfLater,
  type ConstantEntry,
  type Draft,
  type Scope,
  type TypeEntry,
} from "./scope.js";
import { BROKEN_TYPE, NO_ANNOTATIONS, linkAnnotations, linkType } from "./type.js";
import {
  checkExtendsCycles,
  checkFields,
  checkInfiniteStructs,
  checkInherited,
  checkMethod,
  checkTypedefCycles,
  checkUnion,
  checkUnique,
  duplicate,
  fieldIds,
  type ServiceEntry,
  type StructEntry,
  type TypedefEntry,
} from "./validate.js";

/** A file to link. */
export interface LinkFile {
  readonly document: Document;
  /** The documents that it includes, in the order of its includes; each must be among the files to link. */
  readonly includes: readonly Document[];
}

/** What can be changed about how IDL is given its meaning. All are optional. */
export interface LinkOptions {
  /** Takes field ids of 0 and less as they are written. Default false: they are replaced, counting down from -1, as compilers do. */
  keepNegativeIds?: boolean;
}

/** A linked set of files. */
export interface LinkResult {
  /** In the order given. */
  readonly files: FileDescriptor[];
  /** What compilers let pass or change; made when asked for. */
  readonly warnings: () => Problem[];
}

/** What is linked in one go. */
interface Work {
  readonly problems: Problems;
  readonly constants: Constants;
  readonly keepNegativeIds: boolean;
  readonly typedefs: TypedefEntry[];
  readonly structs: (StructEntry & { syntax: StructSyntax })[];
  readonly services: ServiceEntry[];
  readonly typedefSyntax: TypedefSyntax[];
  /** Defaults wait until all constants have types. */
  readonly defaults: DefaultEntry[];
}

/** Links files that include each other. Throws a SchemaError that tells of every mistake in all of them. */
export function link(files: readonly LinkFile[], options: LinkOptions = {}): LinkResult {
  const problems = new Problems(files.map((file) => file.document));
  const work: Work = {
    problems,
    constants: new Constants(problems),
    keepNegativeIds: options.keepNegativeIds ?? false,
    typedefs: [],
    structs: [],
    services: [],
    typedefSyntax: [],
    defaults: [],
  };
  const scopes = linkIncludes(files);
  for (const scope of scopes) for (const definition of scope.document.definitions) declare(scope, definition, work);
  for (const scope of scopes) checkPrefixes(scope, problems);
  resolveTypes(work);
  resolveServices(work);
  resolveConstants(scopes, work);
  checkInfiniteStructs(work.structs, problems);
  problems.throwIfAny();
  return { files: scopes.map((scope) => scope.file), warnings: () => problems.warnings() };
}

function linkIncludes(files: readonly LinkFile[]): Scope[] {
  const scopes = new Map(files.map(({ document }) => [document, newScope(document)]));
  for (const { document, includes } of files) {
    const scope = scopes.get(document)!;
    // A file included twice is one file.
    const included = [...new Set(includes)].map((target) => scopes.get(target)!);
    scope.file.includes = included.map((target) => target.file);
    for (const target of included) {
      const sameName = scope.includes.get(target.file.name);
      if (sameName === undefined) scope.includes.set(target.file.name, [target]);
      else sameName.push(target);
    }
    scope.file.namespaces = new Map(
      document.namespaces.map((syntax): [string, NamespaceDescriptor] => [
        syntax.scope,
        { scope: syntax.scope, name: syntax.name, annotations: linkAnnotations(syntax.annotations) },
      ]),
    );
  }
  return [...scopes.values()];
}

function declare(scope: Scope, syntax: DefinitionSyntax, work: Work): void {
  // Spread first in what follows: V8 copies an object quickly only into an empty one.
  const base: Base = {
    doc: syntax.doc,
    annotations: linkAnnotations(syntax.annotations),
    location: work.problems.locate(scope.document, syntax.name.start),
    name: syntax.name.text,
    qualifiedName: `${scope.file.name}.${syntax.name.text}`,
  };
  const definitions = scope.file.definitions as FileDescriptor["definitions"][number][];
  switch (syntax.kind) {
    case "const": {
      const entry = declareConstant(scope, syntax, base);
      definitions.push(entry.descriptor);
      return define(scope, { table: scope.constants, name: syntax.name, entry }, work.problems);
    }
    case "typedef": {
      const descriptor: Draft<TypedefDescriptor> = { ...base, kind: "typedef", target: BROKEN_TYPE };
      work.typedefs.push({ scope, name: syntax.name, descriptor });
      work.typedefSyntax.push(syntax);
      return defineType(scope, syntax.name, descriptor, work.problems);
    }
    case "enum":
      return defineType(scope, syntax.name, declareEnum(scope, syntax, base, work.problems), work.problems);
    case "struct": {
      const descriptor: Draft<StructDescriptor> = { ...base, kind: "struct", variant: syntax.variant, fields: [] };
      work.structs.push({ scope, name: syntax.name, descriptor, syntax });
      return defineType(scope, syntax.name, descriptor, work.problems);
    }
    case "service": {
      const descriptor: Draft<ServiceDescriptor> = { ...base, kind: "service", extends: undefined, methods: [] };
      work.services.push({ scope, syntax, descriptor });
      return defineType(scope, syntax.name, descriptor, work.problems);
    }
  }
}

/** What all definitions have. */
interface Base extends Described {
  readonly name: string;
  readonly qualifiedName: string;
}

function declareConstant(scope: Scope, syntax: ConstSyntax, base: Base): ConstantEntry {
  const descriptor: Draft<ConstantDescriptor> = { ...base, kind: "const", type: BROKEN_TYPE, value: false };
  return { scope, syntax, descriptor, state: "new", value: undefined, weight: 0 };
}

function declareEnum(scope: Scope, syntax: EnumSyntax, base: Base, problems: Problems): EnumDescriptor {
  const numbers = enumNumbers(scope, syntax, problems);
  const members: EnumMemberDescriptor[] = [];
  const numberOf = new Map<string, number>();
  const nameOf = new Map<number, string>();
  checkUnique(
    scope,
    syntax.members.map((member) => member.name),
    `enum ${base.name}`,
    problems,
  );
  for (const [index, member] of syntax.members.entries()) {
    // 0 stands in for a number with a mistake: nothing is made of it in the end.
    const value = numbers[index] ?? 0;
    members.push({
      doc: member.doc,
      annotations: linkAnnotations(member.annotations),
      location: problems.locate(scope.document, member.name.start),
      name: member.name.text,
      value,
    });
    numberOf.set(member.name.text, value);
    const first = nameOf.get(value);
    if (first === undefined) nameOf.set(value, member.name.text);
    else if (numbers[index] !== undefined) warnSameNumber(scope, member.name, first, problems);
  }
  return { ...base, kind: "enum", members, numberOf, nameOf };
}

/** Aliases are legal, and now and then a slip. */
function warnSameNumber(scope: Scope, name: Name, first: string, problems: Problems): void {
  problems.warn(
    "ERR_THRIFT_DUPLICATE_ID",
    { document: scope.document, span: name },
    `"${name.text}" has the number of "${first}"`,
  );
}

function defineType(scope: Scope, name: Name, entry: TypeEntry, problems: Problems): void {
  (scope.file.definitions as TypeEntry[]).push(entry);
  define(scope, { table: scope.types, name, entry }, problems);
}

function define<T extends object>(
  scope: Scope,
  { table, name, entry }: { table: Map<string, T>; name: Name; entry: T },
  problems: Problems,
): void {
  const first = table.get(name.text);
  if (first === undefined) {
    table.set(name.text, entry);
    scope.starts.set(entry, name.start);
    return;
  }
  duplicate(
    scope,
    { name, first: { text: name.text, start: scope.starts.get(first)!, end: 0 } },
    "this file",
    problems,
  );
}

/** As in Apache's compiler, an enum that is called like an include must not have members called like constants of that file. */
function checkPrefixes(scope: Scope, problems: Problems): void {
  for (const [prefix, files] of scope.includes) {
    const own = scope.types.get(prefix);
    if (own?.kind !== "enum") continue;
    const syntax = scope.document.definitions.find(
      (definition) => definition.kind === "enum" && definition.name.text === prefix,
    ) as EnumSyntax;
    for (const { name } of syntax.members) {
      if (files.some((file) => file.constants.has(name.text)))
        duplicate(scope, { name, first: undefined }, `the included file ${prefix}`, problems);
    }
  }
}

function resolveTypes(work: Work): void {
  for (const [index, { scope, descriptor }] of work.typedefs.entries()) {
    descriptor.target = linkType(scope, work.typedefSyntax[index].type, work.problems);
  }
  checkTypedefCycles(work.typedefs, work.problems);
  for (const { scope, syntax, descriptor } of work.structs) {
    descriptor.fields = linkFields(scope, syntax.fields, `${descriptor.variant} ${descriptor.name}`, work);
    if (descriptor.variant !== "union") continue;
    checkUnion(scope, syntax.fields, descriptor.name, work.problems);
    for (const field of descriptor.fields as Draft<FieldDescriptor>[]) field.requiredness = "optional";
  }
}

function linkFields(scope: Scope, fields: readonly FieldSyntax[], owner: string, work: Work): FieldDescriptor[] {
  const ids = fieldIds(scope, fields, work.keepNegativeIds, work.problems);
  checkFields(scope, { fields, ids }, owner, work.problems);
  return fields.map((syntax, index) => {
    // Spelt out: spreading what descriptors share made linking twice as slow.
    const field: Draft<FieldDescriptor> = {
      doc: syntax.doc,
      annotations: linkAnnotations(syntax.annotations),
      location: work.problems.locate(scope.document, syntax.name.start),
      name: syntax.name.text,
      id: ids[index],
      requiredness: syntax.requiredness,
      type: linkType(scope, syntax.type, work.problems),
      defaultValue: undefined,
    };
    if (syntax.defaultValue !== undefined) work.defaults.push({ scope, syntax, field });
    return field;
  });
}

function resolveServices(work: Work): void {
  for (const { scope, syntax, descriptor } of work.services) {
    descriptor.extends = syntax.extends && findBase(scope, syntax.extends, work.problems);
    descriptor.methods = syntax.methods.map((method) => linkMethod(scope, method, work));
    checkUnique(
      scope,
      syntax.methods.map((method) => method.name),
      `service ${descriptor.name}`,
      work.problems,
    );
  }
  checkExtendsCycles(work.services, work.problems);
  checkInherited(work.services, work.problems);
}

function findBase(scope: Scope, name: Name, problems: Problems): ServiceDescriptor | undefined {
  const entry = findType(scope, "service", name, problems);
  if (entry === undefined) return undefined;
  if (entry.kind === "service") {
    warnIfLater(scope, name, entry, problems);
    return entry;
  }
  const message = `a service extends a service, and "${name.text}" is ${entry.kind === "enum" || (entry.kind === "struct" && entry.variant === "exception") ? "an" : "a"} ${entry.kind === "struct" ? entry.variant : entry.kind}`;
  problems.error("ERR_THRIFT_BAD_SERVICE", { document: scope.document, span: name }, message);
  return undefined;
}

function linkMethod(scope: Scope, syntax: MethodSyntax, work: Work): MethodDescriptor {
  const name = syntax.name.text;
  const location = work.problems.locate(scope.document, syntax.name.start);
  const args = linkFields(scope, syntax.args, `the arguments of ${name}`, work) as Draft<FieldDescriptor>[];
  // "optional" means nothing to an argument: compilers write it whenever it is set.
  for (const field of args) if (field.requiredness === "optional") field.requiredness = "default";
  const throws = linkThrows(scope, syntax, work);
  const returnType = syntax.returnType && linkType(scope, syntax.returnType, work.problems);
  checkMethod(
    scope,
    syntax,
    throws.map((field) => field.type),
    work.problems,
  );
  const success: FieldDescriptor[] = returnType === undefined ? [] : [successField(returnType, location)];
  return {
    doc: syntax.doc,
    annotations: linkAnnotations(syntax.annotations),
    location,
    name,
    oneway: syntax.oneway,
    returnType,
    args: methodStruct(scope, { name: `${name}_args`, fields: args }, location),
    result: syntax.oneway
      ? undefined
      : methodStruct(scope, { name: `${name}_result`, fields: [...success, ...throws] }, location),
    throws,
  };
}

/** Declared exceptions are optional, and a default of one is checked but dropped: it would be thrown by every reply. */
function linkThrows(scope: Scope, syntax: MethodSyntax, work: Work): FieldDescriptor[] {
  const fields = linkFields(scope, syntax.throws, `the exceptions of ${syntax.name.text}`, work);
  for (const field of syntax.throws) warnIfTypeLater(scope, field, work.problems);
  return fields.map((field) => ({ ...field, requiredness: "optional" }));
}

/** Apache's compiler must know what it throws, and what has a default, when it reads of it. */
function warnIfTypeLater(scope: Scope, { type }: FieldSyntax, problems: Problems): void {
  const entry = type.kind === "named" ? scope.types.get(type.name.text) : undefined;
  if (entry !== undefined && type.kind === "named") warnIfLater(scope, type.name, entry, problems);
}

function successField(type: Type, location: SourceLocation): FieldDescriptor {
  return {
    doc: undefined,
    annotations: NO_ANNOTATIONS,
    location,
    name: "success",
    id: 0,
    requiredness: "optional",
    type,
    defaultValue: undefined,
  };
}

function methodStruct(
  scope: Scope,
  { name, fields }: { name: string; fields: FieldDescriptor[] },
  location: SourceLocation,
): StructDescriptor {
  const qualifiedName = `${scope.file.name}.${name}`;
  return {
    kind: "struct",
    variant: "struct",
    doc: undefined,
    annotations: NO_ANNOTATIONS,
    location,
    name,
    qualifiedName,
    fields,
  };
}

function resolveConstants(scopes: readonly Scope[], work: Work): void {
  const entries = scopes.flatMap((scope) => [...scope.constants.values()]);
  for (const { scope, syntax, descriptor } of entries) descriptor.type = linkType(scope, syntax.type, work.problems);
  for (const entry of entries) {
    const value = work.constants.constant(entry);
    if (value !== undefined) entry.descriptor.value = value;
  }
  for (const { scope, syntax, field } of work.defaults) {
    field.defaultValue = work.constants.default(scope, syntax, field.type);
    warnIfTypeLater(scope, syntax, work.problems);
  }
  checkDefaults(work.defaults, work.problems);
}
