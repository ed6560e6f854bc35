/** Plan → JavaScript source of an encoder: one function a struct, in TBinaryProtocol. */

import type { FieldPlan, Plan, StructPlan, ValueKind, ValuePlan } from "../plan.js";
import { join, js, Names, NOTHING, quote, type Code } from "./code.js";
import { SLACK } from "./output.js";
import type { Constants } from "./constants.js";

/** Longest type and id of a field. */
const FIELD_HEADER_BYTES = 3;

/** `function encode3(o, p)`: writes the struct at p, where SLACK bytes are free, and returns the position behind it, where they are again. */
export function encodeFunction(struct: StructPlan, plan: Plan, constants: Constants): Code {
  return new StructEncoder(struct, plan, constants).emit();
}

class StructEncoder {
  readonly #names = new Names();
  readonly #struct: StructPlan;
  readonly #plan: Plan;
  readonly #constants: Constants;
  /** Most bytes that may have been written since SLACK bytes were last known to be free. */
  #used = 0;

  constructor(struct: StructPlan, plan: Plan, constants: Constants) {
    this.#struct = struct;
    this.#plan = plan;
    this.#constants = constants;
  }

  emit(): Code {
    const struct = this.#struct;
    const isUnion = struct.descriptor.variant === "union";
    const fields = struct.fields.map((field) => this.#field(field, isUnion));
    const counts = struct.countsDepth;
    return js`var encode${struct.index} = { ${quote(`encode ${struct.descriptor.name}`)}: function (o, p) {
  checkStruct(o);
${counts ? js`  if (++output.depth > ${this.#constants.of(this.#plan.options.limits.maxDepth)}) fail();\n` : NOTHING}  var view = output.view, v${isUnion ? js`, set = 0` : NOTHING};
${join(fields, "\n")}
${isUnion ? js`  if (set !== 1) fail();\n` : NOTHING}${this.#room(1)}  view.setInt8(p++, 0);
${counts ? js`  output.depth--;\n` : NOTHING}  if (p > output.limit) grow(p);
  return p;
} }[${quote(`encode ${struct.descriptor.name}`)}];`;
  }

  #field(field: FieldPlan, inUnion: boolean): Code {
    const name = quote(field.name);
    const read = field.ownOnly ? js`v = own(o, ${name});` : js`v = o[${name}];`;
    const write = (): Code => js`${this.#header(field)}${this.#value(field.value, js`v`)}`;
    switch (field.whenUnset) {
      case "error":
        return js`  ${read} if (v === undefined || v === null) fail();\n${write()}`;
      case "default":
        return js`  ${read} if (v === undefined || v === null) v = ${this.#constants.of(field.makeWritten)}();\n${write()}`;
      case "skip":
        return this.#optional(read, () => js`${inUnion ? js`  set++;\n` : NOTHING}${write()}`);
    }
  }

  /** Either branch may be taken, so the longer run since the last check counts. */
  #optional(read: Code, body: () => Code): Code {
    const before = this.#used;
    const block = js`  ${read} if (v !== undefined && v !== null) {\n${body()}  }`;
    this.#used = Math.max(before, this.#used);
    return block;
  }

  /**
   *     ┌──────┬───────────┐
   *     │ type │ id (i16)  │   written as four bytes, the last of which the value overwrites
   *     └──────┴───────────┘
   */
  #header(field: FieldPlan): Code {
    const header = (field.value.ttype << 24) | ((field.id & 0xffff) << 8);
    return js`${this.#room(FIELD_HEADER_BYTES + 1 + fixedBytes(field.value))}  view.setInt32(p, ${header}); p += 3;\n`;
  }

  /** Room for `bytes` more: nothing where the run of fixed-size fields so far leaves it, else a check. */
  #room(bytes: number): Code {
    this.#used += bytes;
    if (this.#used <= SLACK) return NOTHING;
    this.#used = bytes;
    return js`  if (p > output.limit) { grow(p); view = output.view; }\n`;
  }

  #value(value: ValuePlan, from: Code): Code {
    const emit = this.#emitters[value.kind] as (value: ValuePlan, from: Code) => Code;
    return emit(value, from);
  }

  /** A call that writes an unknown amount; it leaves SLACK bytes free and may have moved the buffer. */
  #call(call: Code): Code {
    this.#used = 0;
    return js`  p = ${call}; view = output.view;\n`;
  }

  /** Nothing but a number may meet an operator: others throw (bigint, symbol) or run a valueOf of the caller's. */
  readonly #emitters: { [kind in ValueKind]: (value: Extract<ValuePlan, { kind: kind }>, from: Code) => Code } = {
    bool: (_value, v) => js`  view.setInt8(p++, ${v} === true ? 1 : ${v} === false ? 0 : fail());\n`,
    i8: (_value, v) =>
      js`  if (typeof ${v} !== "number" || (${v} << 24 >> 24) !== ${v}) fail(); view.setInt8(p++, ${v});\n`,
    i16: (_value, v) =>
      js`  if (typeof ${v} !== "number" || (${v} << 16 >> 16) !== ${v}) fail(); view.setInt16(p, ${v}); p += 2;\n`,
    i32: (_value, v) =>
      js`  if (typeof ${v} !== "number" || (${v} | 0) !== ${v}) fail(); view.setInt32(p, ${v}); p += 4;\n`,
    i64: (_value, v) => js`  writeI64(view, p, ${v}); p += 8;\n`,
    double: (_value, v) => js`  if (typeof ${v} !== "number") fail(); view.setFloat64(p, ${v}); p += 8;\n`,
    enum: ({ descriptor }, v) =>
      js`  view.setInt32(p, typeof ${v} === "number" && (${v} | 0) === ${v} ? ${v} : toEnumNumber(${v}, ${this.#constants.of(descriptor)})); p += 4;\n`,
    string: (_value, v) => this.#call(js`writeText(${v}, p)`),
    binary: (_value, v) => this.#call(js`writeBytes(${v}, p)`),
    uuid: (_value, v) => js`  writeUuid(${v}, output.bytes, p); p += 16;\n`,
    struct: ({ struct }, v) => this.#call(js`encode${struct.index}(${v}, p)`),
    list: ({ element }, v) => this.#elements(js`toList(${v})`, element),
    set: ({ element }, v) => this.#elements(js`toSet(${v})`, element),
    map: ({ key, value }, v) => this.#map(v, key, value),
  };

  /**
   *     ┌──────────────┬─────────────┬──────────
   *     │ element type │ count (i32) │ elements
   *     └──────────────┴─────────────┴──────────
   */
  #elements(from: Code, element: ValuePlan): Code {
    const names = this.#names;
    const [list, count, i, item] = [names.fresh`a`, names.fresh`n`, names.fresh`i`, names.fresh`e`];
    const each = fixedBytes(element);
    const head = js`  var ${list} = ${from}, ${count} = ${list}.length;
${this.#room(5)}  view.setInt8(p, ${element.ttype}); view.setInt32(p + 1, ${count}); p += 5;\n`;
    if (each > 0) {
      // One check for all: they have the same size.
      this.#used = 0;
      return js`${head}  if (p + ${count} * ${each} > output.limit) { grow(p + ${count} * ${each}); view = output.view; }
  for (var ${i} = 0; ${i} < ${count}; ${i}++) { var ${item} = ${list}[${i}];\n${this.#value(element, item)}  }\n`;
    }
    return js`${head}${this.#restore()}  for (var ${i} = 0; ${i} < ${count}; ${i}++) { var ${item} = ${list}[${i}];\n${this.#value(element, item)}${this.#restore()}  }\n`;
  }

  /**
   *     ┌──────────┬────────────┬─────────────┬────────────────
   *     │ key type │ value type │ count (i32) │ key, value, …
   *     └──────────┴────────────┴─────────────┴────────────────
   * The count is written when the entries are: a Map may change under a getter of its own values.
   */
  #map(from: Code, key: ValuePlan, value: ValuePlan): Code {
    const names = this.#names;
    const [start, count, pair, k, e] = [names.fresh`s`, names.fresh`n`, names.fresh`m`, names.fresh`k`, names.fresh`e`];
    const head = js`${this.#room(6)}  view.setInt8(p, ${key.ttype}); view.setInt8(p + 1, ${value.ttype}); var ${start} = p + 2, ${count} = 0; p += 6;\n`;
    const before = this.#restore();
    const entry = js`${this.#value(key, k)}${this.#value(value, e)}`;
    if (fixedBytes(value) > 0) this.#used += fixedBytes(key) + fixedBytes(value);
    const body = js`${entry}${this.#restore()}`;
    return js`${head}${before}  for (var ${pair} of toEntries(${from}, ${this.#constants.of(key)})) { var ${k} = ${pair}[0], ${e} = ${pair}[1]; ${count}++;\n${body}  }
  view.setInt32(${start}, ${count});\n`;
  }

  /** A loop begins and ends its turns in the same state: SLACK bytes free. */
  #restore(): Code {
    if (this.#used === 0) return NOTHING;
    this.#used = 0;
    return js`  if (p > output.limit) { grow(p); view = output.view; }\n`;
  }
}

/** Bytes of a value whose size does not depend on it; 0 for the others. */
function fixedBytes(value: ValuePlan): number {
  return FIXED_BYTES[value.kind] ?? 0;
}

const FIXED_BYTES: { readonly [kind in ValueKind]?: number } = {
  bool: 1,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  double: 8,
  enum: 4,
  uuid: 16,
};
