/** Plan → JavaScript source of an encoder of plain JSON: one function a struct. */

import { JSON_DOUBLE_BYTES, JSON_INTEGER_BYTES } from "../../protocol/json/printer.js";
import type { FieldPlan, Plan, StructPlan, ValueKind, ValuePlan } from "../plan.js";
import { join, js, Names, NOTHING, quote, type Code } from "../source/code.js";
import type { Constants } from "../source/constants.js";
import { SLACK } from "../source/output.js";
import { isScalar } from "./value.js";

/** `function encode3(o, p)`: writes the struct at p, where SLACK bytes are free, and returns the position behind it, where they are again. */
export function encodeFunction(struct: StructPlan, plan: Plan, constants: Constants): Code {
  return new StructEncoder(struct, plan, constants).emit();
}

/** Names longer than this are copied from an array, not written as integers. */
const LONGEST_INLINE_NAME = 64;

const QUOTE_BYTE = js`b[p++] = 34;`;

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

  /** Every member is written with a comma in front; the first of these then becomes the brace. */
  emit(): Code {
    const struct = this.#struct;
    const isUnion = struct.descriptor.variant === "union";
    const fields = struct.properties.map((field) => this.#field(field, isUnion));
    const counts = struct.countsDepth;
    const name = quote(`encode ${struct.descriptor.name}`);
    return js`var encode${struct.index} = { ${name}: function (o, p) {
  checkStruct(o);
${counts ? js`  if (++output.depth > ${this.#constants.of(this.#plan.options.limits.maxDepth)}) fail();\n` : NOTHING}  var b = output.bytes, view = output.view, start = p, v${isUnion ? js`, set = 0` : NOTHING};
${join(fields, "\n")}
${isUnion ? js`  if (set !== 1) fail();\n` : NOTHING}${this.#room(2)}  if (p === start) p++;
  b[start] = 123; b[p++] = 125;
${counts ? js`  output.depth--;\n` : NOTHING}  if (p > output.limit) grow(p);
  return p;
} }[${name}];`;
  }

  #field(field: FieldPlan, inUnion: boolean): Code {
    const name = quote(field.name);
    const read = field.ownOnly ? js`v = own(o, ${name});` : js`v = o[${name}];`;
    const write = (): Code => js`${this.#member(field.member)}${this.#value(field.value, js`v`)}`;
    switch (field.whenUnset) {
      case "error":
        return js`  ${read} if (v === undefined || v === null) fail();\n${write()}`;
      case "default":
        return js`  ${read} if (v === undefined || v === null) v = ${this.#constants.of(field.makeWritten)}();\n${write()}`;
      case "skip":
        return this.#optional(field, read, () => js`${inUnion ? js`  set++;\n` : NOTHING}${write()}`);
    }
  }

  /** Either branch may be taken, so the longer run since the last check counts. */
  #optional(field: FieldPlan, read: Code, body: () => Code): Code {
    const before = this.#used;
    const block = js`  ${read} if (v !== undefined && v !== null) {\n${body()}  }`;
    const after = this.#used;
    if (!field.nullWhenUnset) {
      this.#used = Math.max(before, after);
      return block;
    }
    this.#used = before;
    const other = js`${this.#member(field.member)}${this.#room(4)}  view.setInt32(p, ${0x6e756c6c}); p += 4;\n`;
    this.#used = Math.max(this.#used, after);
    return js`${block} else {\n${other}  }`;
  }

  /** `,"name":` as 32-bit integers, the last of which overlaps the one before. */
  #member(name: string): Code {
    const bytes = new TextEncoder().encode(`,${JSON.stringify(name)}:`);
    const { length } = bytes;
    const room = this.#room(length);
    if (length > LONGEST_INLINE_NAME) return js`${room}  b.set(${this.#constants.of(bytes)}, p); p += ${length};\n`;
    const view = new DataView(bytes.buffer);
    const writes: Code[] = [];
    for (let i = 0; i < length; i += 4) {
      const at = Math.min(i, length - 4);
      writes.push(js`view.setInt32(p + ${at}, ${view.getInt32(at)}); `);
    }
    return js`${room}  ${join(writes, "")}p += ${length};\n`;
  }

  /** Room for `bytes` more: nothing where what was written so far leaves it, else a check. */
  #room(bytes: number): Code {
    if (bytes > SLACK) {
      this.#used = 0;
      return js`  if (p + ${bytes} > output.limit) { grow(p + ${bytes}); b = output.bytes; view = output.view; }\n`;
    }
    this.#used += bytes;
    if (this.#used <= SLACK) return NOTHING;
    this.#used = bytes;
    return js`  if (p > output.limit) { grow(p); b = output.bytes; view = output.view; }\n`;
  }

  #value(value: ValuePlan, from: Code): Code {
    const emit = this.#emitters[value.kind] as (value: ValuePlan, from: Code) => Code;
    return emit(value, from);
  }

  /** A call that writes an unknown amount; it leaves SLACK bytes free and may have moved the buffer. */
  #call(call: Code): Code {
    this.#used = 0;
    return js`  p = ${call}; b = output.bytes; view = output.view;\n`;
  }

  /** Nothing but a number may meet an operator: others throw (bigint, symbol) or run a valueOf of the caller's. */
  readonly #emitters: { [kind in ValueKind]: (value: Extract<ValuePlan, { kind: kind }>, from: Code) => Code } = {
    bool: (_value, v) => this.#bool(v),
    i8: ({ asText }, v) => {
      const check = js`typeof ${v} !== "number" || (${v} << 24 >> 24) !== ${v}`;
      return this.#integer(check, this.#plan.options.json.byteAsUint8 ? js`${v} & 255` : v, asText);
    },
    i16: ({ asText }, v) => this.#integer(js`typeof ${v} !== "number" || (${v} << 16 >> 16) !== ${v}`, v, asText),
    i32: ({ asText }, v) => this.#integer(js`typeof ${v} !== "number" || (${v} | 0) !== ${v}`, v, asText),
    i64: ({ asText }, v) =>
      js`${this.#room(JSON_INTEGER_BYTES + 2)}  p = ${asText ? js`writeI64Text` : js`writeI64`}(${v}, b, p);\n`,
    double: ({ asText }, v) =>
      js`${this.#room(JSON_DOUBLE_BYTES + 2)}  p = ${asText ? js`writeDoubleText` : js`writeDouble`}(${v}, b, p);\n`,
    enum: ({ as, descriptor }, v) => {
      if (as === "name") {
        return this.#call(js`writeEnumName(${v}, ${this.#constants.of(descriptor)}, p, false)`);
      }
      return js`${this.#room(JSON_INTEGER_BYTES)}  p = writeInteger(${this.#enumNumber(v, descriptor)}, b, p);\n`;
    },
    string: (_value, v) => this.#call(js`writeText(${v}, p)`),
    binary: (_value, v) => this.#call(js`writeBytes(${v}, p)`),
    uuid: (_value, v) => js`${this.#room(38)}  p = writeUuid(${v}, b, p);\n`,
    struct: ({ struct }, v) => js`${this.#restore()}${this.#call(js`encode${struct.index}(${v}, p)`)}`,
    list: ({ element }, v) => this.#elements(js`toList(${v})`, element),
    set: ({ element }, v) => this.#elements(js`toSet(${v})`, element),
    map: ({ key, value }, v) => this.#map(v, key, value),
  };

  #bool(v: Code): Code {
    return js`${this.#room(5)}  if (${v} === true) { view.setInt32(p, ${0x74727565}); p += 4; }
  else if (${v} === false) { view.setInt32(p, ${0x66616c73}); b[p + 4] = 101; p += 5; } else fail();\n`;
  }

  #integer(isOther: Code, number: Code, asText: boolean): Code {
    const room = this.#room(JSON_INTEGER_BYTES + 2);
    const mark = asText ? QUOTE_BYTE : NOTHING;
    return js`${room}  if (${isOther}) fail(); ${mark} p = writeInteger(${number}, b, p); ${mark}\n`;
  }

  #enumNumber(v: Code, descriptor: unknown): Code {
    return js`typeof ${v} === "number" && (${v} | 0) === ${v} ? ${v} : toEnumNumber(${v}, ${this.#constants.of(descriptor)})`;
  }

  /** Every element has a comma behind it; the last of these then becomes the bracket. */
  #elements(from: Code, element: ValuePlan): Code {
    const names = this.#names;
    const [list, count, i, item] = [names.fresh`a`, names.fresh`n`, names.fresh`i`, names.fresh`e`];
    const head = js`  var ${list} = ${from}, ${count} = ${list}.length;\n${this.#room(2)}  b[p++] = 91;\n${this.#restore()}`;
    const body = js`${this.#value(element, item)}${this.#room(1)}  b[p++] = 44;\n${this.#restore()}`;
    return js`${head}  for (var ${i} = 0; ${i} < ${count}; ${i}++) { var ${item} = ${list}[${i}];\n${body}  }
  if (${count} > 0) p--;\n${this.#room(1)}  b[p++] = 93;\n`;
  }

  /** As elements: `{"key": value,` or `[[key, value],`. A Map may change under a getter of its own values, so nothing counts before. */
  #map(from: Code, key: ValuePlan, value: ValuePlan): Code {
    const names = this.#names;
    const [first, pair, k, e] = [names.fresh`s`, names.fresh`m`, names.fresh`k`, names.fresh`e`];
    const isObject = isScalar(key);
    const head = js`${this.#room(2)}  b[p++] = ${isObject ? 123 : 91}; var ${first} = p;\n${this.#restore()}`;
    const entry = isObject
      ? js`${this.#key(key, k)}${this.#room(1)}  b[p++] = 58;\n${this.#value(value, e)}${this.#room(1)}  b[p++] = 44;\n`
      : js`${this.#room(1)}  b[p++] = 91;\n${this.#value(key, k)}${this.#room(1)}  b[p++] = 44;\n${this.#value(value, e)}${this.#room(2)}  b[p++] = 93; b[p++] = 44;\n`;
    const body = js`${entry}${this.#restore()}`;
    return js`${head}  for (var ${pair} of toEntries(${from}, ${this.#constants.of(key)})) { var ${k} = ${pair}[0], ${e} = ${pair}[1];\n${body}  }
  if (p !== ${first}) p--;\n${this.#room(1)}  b[p++] = ${isObject ? 125 : 93};\n`;
  }

  /** A key as the name of a member: what it holds, in quotes if it has none. */
  #key(key: ValuePlan, k: Code): Code {
    switch (key.kind) {
      case "bool":
        return js`${this.#room(7)}  ${QUOTE_BYTE}\n${this.#bool(k)}  ${QUOTE_BYTE}\n`;
      case "i8":
      case "i16":
      case "i32":
      case "i64":
        return this.#value({ ...key, asText: true }, k);
      case "double":
        return js`${this.#room(JSON_DOUBLE_BYTES + 2)}  p = writeDoubleName(${k}, b, p);\n`;
      case "enum": {
        const { as, descriptor } = key;
        if (as === "name") return this.#call(js`writeEnumName(${k}, ${this.#constants.of(descriptor)}, p, true)`);
        const number = this.#enumNumber(k, descriptor);
        return js`${this.#room(JSON_INTEGER_BYTES + 2)}  ${QUOTE_BYTE} p = writeInteger(${number}, b, p); ${QUOTE_BYTE}\n`;
      }
      default:
        return this.#value(key, k);
    }
  }

  /** A loop begins and ends its turns in the same state: SLACK bytes free. */
  #restore(): Code {
    if (this.#used === 0) return NOTHING;
    this.#used = 0;
    return js`  if (p > output.limit) { grow(p); b = output.bytes; view = output.view; }\n`;
  }
}
