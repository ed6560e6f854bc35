/** A linked schema: what the names of a set of IDL files mean. */

import { SchemaError, type Problem } from "../errors.js";
import {
  copyConstant,
  type ConstantDescriptor,
  type ConstantValue,
  type Definition,
  type EnumDescriptor,
  type FileDescriptor,
  type NamespaceDescriptor,
  type ServiceDescriptor,
  type StructDescriptor,
  type TypedefDescriptor,
} from "./descriptor.js";
import { exceptionClass, type ExceptionClass } from "./exception.js";
import { didYouMean } from "./problems.js";
import { writeSnapshot, type SchemaSnapshot } from "./snapshot.js";

/** What a {@link Schema} is made of; the work of the linker. */
export interface SchemaParts {
  /** Included files come before the files that include them. */
  readonly files: readonly FileDescriptor[];
  readonly entry: FileDescriptor;
  readonly warnings: () => Problem[];
}

type Kind = Definition["kind"];
type DefinitionOf<K extends Kind> = Extract<Definition, { kind: K }>;

/** The definitions of one file by name. Constants have names of their own, as in Apache's compiler. */
interface Names {
  readonly file: FileDescriptor;
  readonly types: ReadonlyMap<string, Definition>;
  readonly constants: ReadonlyMap<string, Definition>;
}

/**
 * A linked schema, made by `parseSchema`, `loadSchema` or `schemaFromJSON`.
 *
 * A plain name (`"Tree"`) is looked up in the entry file; `"base.Point"` is `Point` of the file `base.thrift`, whether the
 * entry file includes it itself or by way of others. Where two files differ only in their folder, `"v2/base.Point"` names
 * the file by its path. A name that is not there throws a SchemaError (`ERR_THRIFT_UNKNOWN_NAME`).
 */
export class Schema {
  /** Every file, included ones first. */
  readonly files: readonly FileDescriptor[];
  /** The file that was asked for. */
  readonly entry: FileDescriptor;
  readonly #findWarnings: () => Problem[];
  #warnings: readonly Problem[] | undefined;
  readonly #names = new Map<FileDescriptor, Names>();

  /** Called by the functions that make schemas. */
  constructor(parts: SchemaParts) {
    this.files = parts.files;
    this.entry = parts.entry;
    this.#findWarnings = parts.warnings;
  }

  /** A struct, union or exception. */
  struct(name: string): StructDescriptor {
    return this.#find("struct", name);
  }

  /** An enum. */
  enum(name: string): EnumDescriptor {
    return this.#find("enum", name);
  }

  /** A service. */
  service(name: string): ServiceDescriptor {
    return this.#find("service", name);
  }

  /** A typedef. */
  typedef(name: string): TypedefDescriptor {
    return this.#find("typedef", name);
  }

  /** The value of a constant, the caller's own copy. Its type is in {@link Schema.constants}. */
  constant(name: string): ConstantValue {
    return copyConstant(this.#find("const", name).value);
  }

  /** The class of an exception, the same on each call: `throw new NotFound({ message: "no such user" })`. */
  exception(name: string): ExceptionClass {
    const descriptor = this.#find("struct", name);
    if (descriptor.variant !== "exception")
      throw this.#lookupError(`"${name}" is a ${descriptor.variant}, not an exception`);
    return exceptionClass(descriptor);
  }

  /** Structs, unions and exceptions of all files, in the order written. */
  get structs(): readonly StructDescriptor[] {
    return this.#all("struct");
  }

  /** Enums of all files. */
  get enums(): readonly EnumDescriptor[] {
    return this.#all("enum");
  }

  /** Services of all files. */
  get services(): readonly ServiceDescriptor[] {
    return this.#all("service");
  }

  /** Typedefs of all files. */
  get typedefs(): readonly TypedefDescriptor[] {
    return this.#all("typedef");
  }

  /** Constants of all files. Their values are the schema's own: do not change them. */
  get constants(): readonly ConstantDescriptor[] {
    return this.#all("const");
  }

  /** Namespaces of the entry file by language; those of other files are in {@link Schema.files}. */
  get namespaces(): ReadonlyMap<string, NamespaceDescriptor> {
    return this.entry.namespaces;
  }

  /** What compilers let pass or silently change, for example a field without an id. Empty for a schema from a snapshot of a sound one. */
  get warnings(): readonly Problem[] {
    return (this.#warnings ??= this.#findWarnings());
  }

  /** A snapshot as plain JSON, which `schemaFromJSON` turns into a schema again without the IDL text. */
  toJSON(): SchemaSnapshot {
    return writeSnapshot(this.files, this.entry);
  }

  #all<K extends Kind>(kind: K): DefinitionOf<K>[] {
    return this.files.flatMap((file) =>
      file.definitions.filter((definition) => definition.kind === kind),
    ) as DefinitionOf<K>[];
  }

  #find<K extends Kind>(kind: K, name: string): DefinitionOf<K> {
    const table = kind === "const" ? "constants" : "types";
    const local = this.#namesOf(this.entry)[table].get(name);
    const found = local === undefined ? this.#findQualified(table, name) : [local];
    if (found.length > 1)
      throw this.#lookupError(
        `"${name}" is defined by several files; write the path of one without its extension: "folder/${name}"`,
      );
    const definition = found[0];
    if (definition === undefined)
      throw this.#lookupError(
        `no ${LABELS[kind].replace(/^an? /, "")} is called "${name}"${didYouMean(name, this.#candidates(kind))}`,
      );
    if (definition.kind !== kind)
      throw this.#lookupError(`"${name}" is ${LABELS[definition.kind]}, not ${LABELS[kind]}`);
    return definition as DefinitionOf<K>;
  }

  /** Names of files may hold dots, so every split is tried. */
  #findQualified(table: "types" | "constants", name: string): Definition[] {
    const found: Definition[] = [];
    for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
      const prefix = name.slice(0, dot);
      for (const file of this.files) {
        if (file.name !== prefix && !isPathOf(file, prefix)) continue;
        const definition = this.#namesOf(file)[table].get(name.slice(dot + 1));
        if (definition !== undefined) found.push(definition);
      }
    }
    return found;
  }

  #namesOf(file: FileDescriptor): Names {
    let names = this.#names.get(file);
    if (names === undefined) {
      const byName = (isConstant: boolean): ReadonlyMap<string, Definition> =>
        new Map(
          file.definitions
            .filter((definition) => (definition.kind === "const") === isConstant)
            .map((definition) => [definition.name, definition]),
        );
      names = { file, types: byName(false), constants: byName(true) };
      this.#names.set(file, names);
    }
    return names;
  }

  *#candidates(kind: Kind): Iterable<string> {
    for (const file of this.files) {
      for (const definition of file.definitions) {
        if (definition.kind !== kind) continue;
        if (file === this.entry) yield definition.name;
        yield definition.qualifiedName;
      }
    }
  }

  #lookupError(message: string): SchemaError {
    const location = { file: this.entry.path, line: 0, column: 0 };
    return new SchemaError([{ code: "ERR_THRIFT_UNKNOWN_NAME", message, location, frame: "" }]);
  }
}

const LABELS: Record<Kind, string> = {
  const: "a constant",
  enum: "an enum",
  service: "a service",
  struct: "a struct",
  typedef: "a typedef",
};

/** `v2/base` and `idl/v2/base` are `idl/v2/base.thrift`. */
function isPathOf(file: FileDescriptor, prefix: string): boolean {
  if (!prefix.includes("/")) return false;
  const path = file.path.slice(0, file.path.lastIndexOf("."));
  return path === prefix || path.endsWith(`/${prefix}`);
}
