/**
 * Defaults inside defaults: a struct that is given as a default gets the defaults of its own fields when a message is
 * decoded. That must end, and must not multiply beyond reason.
 */

import type { FieldSyntax } from "../idl/syntax.js";
import { MAX_DEPTH, MAX_VALUES } from "./constant.js";
import { resolveType, type ConstantValue, type FieldDescriptor, type Type } from "./descriptor.js";
import type { Problems } from "./problems.js";
import type { Draft, Scope } from "./scope.js";

/** A field or argument that has a default. */
export interface DefaultEntry {
  readonly scope: Scope;
  readonly syntax: FieldSyntax;
  readonly field: Draft<FieldDescriptor>;
}

/** How much a default comes to once those inside it are filled in. */
interface Extent {
  readonly values: number;
  readonly depth: number;
}

const NOTHING: Extent = { values: 0, depth: 0 };

/** Records defaults that contain themselves, nest too deep or come to too many values. */
export function checkDefaults(entries: readonly DefaultEntry[], problems: Problems): void {
  const expansion = new Expansion(entries, problems);
  for (const { field } of entries) expansion.ofDefault(field, 0);
}

class Expansion {
  readonly #entries: ReadonlyMap<FieldDescriptor, DefaultEntry>;
  readonly #problems: Problems;
  readonly #known = new Map<FieldDescriptor, Extent>();
  readonly #path: FieldDescriptor[] = [];

  constructor(entries: readonly DefaultEntry[], problems: Problems) {
    this.#entries = new Map(entries.map((entry) => [entry.field, entry]));
    this.#problems = problems;
  }

  /** `depth` is how deep the recursion is already. */
  ofDefault(field: FieldDescriptor, depth: number): Extent {
    const known = this.#known.get(field);
    if (known !== undefined) return known;
    if (field.defaultValue === undefined) return NOTHING;
    if (this.#path.includes(field)) {
      const path = [...this.#path.slice(this.#path.indexOf(field)), field].map((step) => step.name).join(" -> ");
      return this.#fail(field, "ERR_THRIFT_CYCLE", `a default contains itself: ${path}`);
    }
    this.#path.push(field);
    const extent = this.#ofValue(field.type, field.defaultValue, depth + 1);
    this.#path.pop();
    if (extent.depth > MAX_DEPTH)
      return this.#fail(field, "ERR_THRIFT_BAD_CONSTANT", `defaults nest deeper than ${String(MAX_DEPTH)}`);
    if (extent.values > MAX_VALUES) {
      return this.#fail(
        field,
        "ERR_THRIFT_BAD_CONSTANT",
        `defaults inside the default of "${field.name}" add up to more than ${String(MAX_VALUES)} values`,
      );
    }
    this.#known.set(field, extent);
    return extent;
  }

  #ofValue(declared: Type, value: ConstantValue, depth: number): Extent {
    // The caller sees the depth and reports it.
    if (depth > MAX_DEPTH) return { values: 1, depth };
    const type = resolveType(declared);
    switch (type.kind) {
      case "list":
      case "set":
        return enclose(
          Array.from(value as Iterable<ConstantValue>, (item) => this.#ofValue(type.element, item, depth + 1)),
        );
      case "map": {
        const entries = value as Map<ConstantValue, ConstantValue>;
        return enclose(
          Array.from(entries, ([key, item]) => [
            this.#ofValue(type.key, key, depth + 1),
            this.#ofValue(type.value, item, depth + 1),
          ]).flat(),
        );
      }
      case "struct": {
        const given = value as Record<string, ConstantValue>;
        return enclose(
          type.fields.map((field) => {
            if (Object.hasOwn(given, field.name)) return this.#ofValue(field.type, given[field.name], depth + 1);
            return this.ofDefault(field, depth + 1);
          }),
        );
      }
      default:
        return { values: 1, depth: 1 };
    }
  }

  /** Recorded once: afterwards the default counts as nothing. */
  #fail(field: FieldDescriptor, code: "ERR_THRIFT_CYCLE" | "ERR_THRIFT_BAD_CONSTANT", message: string): Extent {
    const { scope, syntax } = this.#entries.get(field)!;
    this.#problems.error(code, { document: scope.document, span: syntax.name }, message);
    this.#known.set(field, NOTHING);
    return NOTHING;
  }
}

function enclose(items: readonly Extent[]): Extent {
  let values = 1;
  let depth = 0;
  for (const item of items) {
    values += item.values;
    depth = Math.max(depth, item.depth);
  }
  return { values, depth: depth + 1 };
}
