/** Plan → JavaScript source of an encoder: one function a struct, in the dialect of a protocol. */

import type { FieldPlan, Plan, StructPlan, ValueKind, ValuePlan } from "../plan.js";
import { join, js, Names, NOTHING, quote, type Code } from "./code.js";
import { isTypedKind, typedArrayOf } from "../typed-list.js";
import type { Constants } from "./constants.js";
import { NO_ENCODE_PUNCTUATION, STOP_BYTES, type EncodeDialect, type EncodePunctuation } from "./dialect.js";
import { SLACK } from "./output.js";

/** What the functions of all structs of a unit share. */
interface EncodeUnit {
  readonly plan: Plan;
  readonly constants: Constants;
  readonly dialect: EncodeDialect;
}

/** `function encode3(o, p)`: writes the struct at p, where SLACK bytes are free, and returns the position behind it, where they are again. */
export function encodeFunction(struct: StructPlan, unit: EncodeUnit): Code {
  return new StructEncoder(struct, unit).emit();
}

class StructEncoder {
  readonly #names = new Names();
  readonly #struct: StructPlan;
  readonly #plan: Plan;
  readonly #constants: Constants;
  readonly #dialect: EncodeDialect;
  readonly #punctuation: EncodePunctuation;
  /** Id of the field written last, where it is the same for all values; 0 for none. */
  #previousId: number | undefined = 0;
  /** Most bytes that may have been written since SLACK bytes were last known to be free. */
  #used = 0;

  constructor(struct: StructPlan, { plan, constants, dialect }: EncodeUnit) {
    this.#struct = struct;
    this.#plan = plan;
    this.#constants = constants;
    this.#dialect = dialect;
    this.#punctuation = dialect.punctuation ?? NO_ENCODE_PUNCTUATION;
  }

  emit(): Code {
    const struct = this.#struct;
    const isUnion = struct.descriptor.variant === "union";
    const fields = struct.fields.map((field) => this.#field(field, isUnion));
    const counts = struct.countsDepth;
    return js`var encode${struct.index} = { ${quote(`encode ${struct.descriptor.name}`)}: function (o, p) {
  checkStruct(o);
${counts ? js`  if (++output.depth > ${this.#constants.of(this.#plan.options.limits.maxDepth)}) fail();\n` : NOTHING}  var view = output.view, v${this.#dialect.locals}${isUnion ? js`, set = 0` : NOTHING};
${join(fields, "\n")}
${isUnion ? this.#exactlyOne() : this.#unknown()}${this.#room(STOP_BYTES)}${this.#dialect.stop}${counts ? js`  output.depth--;\n` : NOTHING}  if (p > output.limit) grow(p);
  return p;
} }[${quote(`encode ${struct.descriptor.name}`)}];`;
  }

  /** Unknown fields follow the known ones. */
  #unknown(): Code {
    if (this.#plan.keeps === undefined) return NOTHING;
    const call = this.#call(js`putUnknown(v, p, ${this.#dialect.previousId})`);
    return js`  v = o[unknownFields]; if (v !== undefined) {\n${call}  }\n`;
  }

  /** A union whose field is unknown has kept it. */
  #exactlyOne(): Code {
    if (this.#plan.keeps === undefined) return js`  if (set !== 1) fail();\n`;
    return js`  if (set === 0) {\n${this.#call(js`putUnionUnknown(o[unknownFields], p)`)}  } else if (set !== 1) fail();\n`;
  }

  #field(field: FieldPlan, inUnion: boolean): Code {
    const name = quote(field.name);
    const read = field.ownOnly ? js`v = own(o, ${name});` : js`v = o[${name}];`;
    const write = (): Code => this.#write(field);
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
    this.#previousId = undefined;
    return block;
  }

  /** Header and value of a field, the value of which is in v. */
  #write(field: FieldPlan): Code {
    const dialect = this.#dialect;
    const v = js`v`;
    const room = this.#room(dialect.headerBytes + this.#mostBytes(field.value));
    const header = dialect.header(field, this.#previousId, v);
    this.#previousId = field.id;
    const value = dialect.fieldValue(field) ?? this.#value(field.value, v);
    return js`${this.#check(field.value, v)}${room}${header}${value}${this.#mark(this.#punctuation.fieldEnd)}`;
  }

  /** Room for `bytes` more: nothing where the run of fixed-size fields so far leaves it, else a check. */
  #room(bytes: number): Code {
    this.#used += bytes;
    if (this.#used <= SLACK) return NOTHING;
    this.#used = bytes;
    return js`  if (p > output.limit) { grow(p); view = output.view; }\n`;
  }

  /** Punctuation behind what has been written. */
  #mark(punctuation: Code): Code {
    return js`${this.#room(this.#punctuation.bytes)}${punctuation}`;
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

  /** Refuses what is no number of the kind. Nothing but a number may meet an operator: others throw (bigint, symbol) or run a valueOf of the caller's. */
  #check(value: ValuePlan, v: Code): Code {
    switch (value.kind) {
      case "i8":
        return js`  if (typeof ${v} !== "number" || (${v} << 24 >> 24) !== ${v}) fail();\n`;
      case "i16":
        return js`  if (typeof ${v} !== "number" || (${v} << 16 >> 16) !== ${v}) fail();\n`;
      case "i32":
        return js`  if (typeof ${v} !== "number" || (${v} | 0) !== ${v}) fail();\n`;
      case "double":
        return js`  if (typeof ${v} !== "number") fail();\n`;
      case "enum":
        return js`  if (typeof ${v} !== "number" || (${v} | 0) !== ${v}) ${v} = toEnumNumber(${v}, ${this.#constants.of(value.descriptor)});\n`;
      default:
        return NOTHING;
    }
  }

  readonly #emitters: { [kind in ValueKind]: (value: Extract<ValuePlan, { kind: kind }>, from: Code) => Code } = {
    bool: (_value, v) => this.#dialect.scalars.bool(v),
    i8: (_value, v) => this.#dialect.scalars.i8(v),
    i16: (_value, v) => this.#dialect.scalars.i16(v),
    i32: (_value, v) => this.#dialect.scalars.i32(v),
    enum: (_value, v) => this.#dialect.scalars.i32(v),
    i64: (_value, v) => this.#dialect.i64(v),
    double: (_value, v) => this.#dialect.scalars.double(v),
    string: (_value, v) => this.#call(js`writeText(${v}, p)`),
    binary: (_value, v) => this.#call(js`writeBytes(${v}, p)`),
    uuid: (_value, v) => this.#dialect.uuid(v),
    // A struct counts on all of SLACK, so the run before it ends here.
    struct: ({ struct }, v) => js`${this.#restore()}${this.#call(js`encode${struct.index}(${v}, p)`)}`,
    list: ({ element }, v) => this.#elements(js`toList(${v})`, element),
    set: ({ element }, v) => this.#elements(js`toSet(${v})`, element),
    map: ({ key, value }, v) => this.#map(v, key, value),
  };

  #elements(from: Code, element: ValuePlan): Code {
    const names = this.#names;
    const [list, count, i, item] = [names.fresh`a`, names.fresh`n`, names.fresh`i`, names.fresh`e`];
    const { elementBegin, listEnd, bytes } = this.#punctuation;
    const each = this.#mostBytes(element) > 0 ? bytes + this.#mostBytes(element) : 0;
    const head = js`  var ${list} = ${from}, ${count} = ${list}.length;
${this.#room(this.#dialect.containerBytes)}${this.#dialect.listHeader(element, count)}`;
    const body = (): Code => {
      const begin = this.#mark(elementBegin);
      return js`var ${item} = ${list}[${i}];\n${this.#check(element, item)}${begin}${this.#value(element, item)}`;
    };
    const turns = js`  for (var ${i} = 0; ${i} < ${count}; ${i}++) { `;
    if (each > 0) {
      // One check for all: none takes more.
      this.#used = 0;
      return js`${head}  if (p + ${count} * ${each} > output.limit) { grow(p + ${count} * ${each}); view = output.view; }
${this.#typedArray(list, element)}${turns}${body()}  }\n${this.#mark(listEnd)}`;
    }
    return js`${head}${this.#restore()}${turns}${body()}${this.#restore()}  }\n${this.#mark(listEnd)}`;
  }

  /** A typed array needs no look at its elements. */
  #typedArray(list: Code, { kind }: ValuePlan): Code {
    if (!isTypedKind(kind)) return NOTHING;
    const [type, write] = [
      this.#constants.of(typedArrayOf(kind)),
      this.#constants.of(this.#dialect.writeNumbers[kind]),
    ];
    return js`  if (${list} instanceof ${type}) p = ${write}(${list}, p); else\n`;
  }

  #map(from: Code, key: ValuePlan, value: ValuePlan): Code {
    const names = this.#names;
    const [spare, count, entries] = [names.fresh`s`, names.fresh`n`, names.fresh`m`];
    const [pair, k, e] = [names.fresh`q`, names.fresh`k`, names.fresh`e`];
    const variables = { entries, count, spare };
    const head = js`  var ${entries} = toEntries(${from}, ${this.#constants.of(key)}), ${count} = 0;
${this.#room(this.#dialect.containerBytes)}${this.#dialect.mapBegin(variables, key, value)}`;
    const before = this.#restore();
    const writeKey = this.#key(key, k, count);
    const writeValue = js`${this.#check(value, e)}${this.#room(this.#mostBytes(value))}${this.#value(value, e)}`;
    const body = js`${writeKey}${writeValue}${this.#restore()}`;
    return js`${head}${before}  for (var ${pair} of ${entries}) { var ${k} = ${pair}[0], ${e} = ${pair}[1]; ${count}++;\n${body}  }
${this.#mark(this.#dialect.mapEnd(variables))}`;
  }

  #key(key: ValuePlan, from: Code, count: Code): Code {
    const room = this.#room(this.#punctuation.bytes + this.#mostBytes(key));
    const write = this.#punctuation.key(key, { from, count, write: this.#value(key, from) });
    return js`${this.#check(key, from)}${room}${write}${this.#room(this.#punctuation.bytes)}`;
  }

  /** A loop begins and ends its turns in the same state: SLACK bytes free. */
  #restore(): Code {
    if (this.#used === 0) return NOTHING;
    this.#used = 0;
    return js`  if (p > output.limit) { grow(p); view = output.view; }\n`;
  }

  /** Most bytes of a value; 0 where nothing bounds them. */
  #mostBytes(value: ValuePlan): number {
    return this.#dialect.mostBytes[value.kind] ?? 0;
  }
}
