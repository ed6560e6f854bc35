/**
 * Field masks: a type with fewer fields. What a mask leaves out is unknown to the type that it gives, so conversions step
 * over it: without looking at its types, and without asking for required fields.
 */

import { resolveType, type FieldDescriptor, type StructDescriptor, type Type } from "../schema/descriptor.js";

/** Names that a path goes on with; none where it ends, and all of the value is taken. */
type Mask = Map<string, Mask>;

/**
 * The type with the fields that some paths lead to.
 *
 * @param paths names of fields with dots between: `user.name`. Elements of lists and sets and values of maps have no part
 * of the path: `friends.name` takes the name of each. Of an enclosing struct nothing else is left.
 * @throws RangeError on a path that leads to no field.
 */
export function maskStruct(descriptor: StructDescriptor, paths: readonly string[]): StructDescriptor {
  const mask = newMask();
  for (const path of paths) addPath(mask, path.split("."));
  return new Masking().struct(descriptor, mask);
}

function addPath(mask: Mask, names: readonly string[]): void {
  let at = mask;
  for (const name of names.slice(0, -1)) {
    const known = at.get(name);
    // What is taken whole stays so, whichever path comes first.
    if (known?.size === 0) return;
    const next: Mask = known ?? newMask();
    at.set(name, next);
    at = next;
  }
  at.set(names[names.length - 1], newMask());
}

function newMask(): Mask {
  return new Map<string, Mask>();
}

class Masking {
  readonly #known = new Map<Mask, StructDescriptor>();

  struct(descriptor: StructDescriptor, mask: Mask): StructDescriptor {
    const known = this.#known.get(mask);
    if (known !== undefined) return known;
    for (const name of mask.keys()) {
      if (!descriptor.fields.some((field) => field.name === name)) {
        throw new RangeError(`option fields names a field that ${descriptor.name} does not have`);
      }
    }
    const fields = descriptor.fields.filter(({ name }) => mask.has(name)).map((field) => this.#field(field, mask));
    // Which field of a union is set may be what was left out.
    const variant = descriptor.variant === "union" ? "struct" : descriptor.variant;
    const masked: StructDescriptor = { ...descriptor, variant, fields };
    this.#known.set(mask, masked);
    return masked;
  }

  #field(field: FieldDescriptor, mask: Mask): FieldDescriptor {
    const inner = mask.get(field.name)!;
    return inner.size === 0 ? field : { ...field, type: this.#type(field.type, inner), defaultValue: undefined };
  }

  #type(declared: Type, mask: Mask): Type {
    const type = resolveType(declared);
    switch (type.kind) {
      case "list":
      case "set":
        return { ...type, element: this.#type(type.element, mask) };
      case "map":
        return { ...type, value: this.#type(type.value, mask) };
      case "struct":
        return this.struct(type, mask);
      default:
        throw new RangeError("option fields names a field of what has no fields");
    }
  }
}
