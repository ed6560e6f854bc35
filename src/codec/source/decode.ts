/** Plan → JavaScript source of a decoder: one function a struct, in the dialect of a protocol. */

import {
  type ContainerCost,
  type FieldPlan,
  type Plan,
  type StructPlan,
  type ValueKind,
  type ValuePlan,
} from "../plan.js";
import type { TypedKind } from "../typed-list.js";
import { join, js, Names, NOTHING, quote, type Code } from "./code.js";
import type { Constants } from "./constants.js";
import { NO_DECODE_PUNCTUATION, type DecodeDialect, type DecodePunctuation } from "./dialect.js";
import { addEntry, EMPTY_MAP, presenceChecks, structResult } from "./result.js";

/**
 * Structs of up to so many fields are read by a chain of comparisons in the order of the fields, which is the order
 * in which they come: each field costs one comparison that holds. Longer ones switch on the id.
 */
const LONGEST_CHAIN = 32;

/** Arrays are made in full length up to here; beyond it they grow with what is really read. */
const PRESIZED_LENGTH = 4096;

/** What the functions of all structs of a unit share. */
interface DecodeUnit {
  readonly plan: Plan;
  readonly constants: Constants;
  readonly dialect: DecodeDialect;
}

/** `function decode3(p)`: reads the struct at p and returns its value; `input.position` is then behind it. */
export function decodeFunction(struct: StructPlan, unit: DecodeUnit): Code {
  return new StructDecoder(struct, unit).emit();
}

class StructDecoder {
  readonly #names = new Names();
  readonly #struct: StructPlan;
  readonly #plan: Plan;
  readonly #constants: Constants;
  readonly #dialect: DecodeDialect;
  readonly #punctuation: DecodePunctuation;
  /** Places of the fields in the decoded object, after which their local variables are called. */
  readonly #indexOf: ReadonlyMap<FieldPlan, number>;

  constructor(struct: StructPlan, { plan, constants, dialect }: DecodeUnit) {
    this.#struct = struct;
    this.#plan = plan;
    this.#constants = constants;
    this.#dialect = dialect;
    this.#punctuation = dialect.punctuation ?? NO_DECODE_PUNCTUATION;
    this.#indexOf = new Map(struct.properties.map((field, index) => [field, index]));
  }

  emit(): Code {
    const struct = this.#struct;
    const name = quote(`decode ${struct.descriptor.name}`);
    const locals = struct.properties.map((_, index) => js`, f${index}`);
    const counts = struct.countsDepth;
    const result = structResult(struct, this.#constants);
    return js`var decode${struct.index} = { ${name}: function (p) {
  if (p >= input.end || (input.heap -= ${struct.heapBytes}) < 0) fail();
${counts ? js`  if (++input.depth > ${this.#constants.of(this.#plan.options.limits.maxDepth)}) fail();\n` : NOTHING}  var view = input.view, end = input.end${this.#dialect.locals}${join(locals, "")}${this.#plan.keeps ? js`, kept` : NOTHING};
  ${this.#dialect.readHeader}
  for (;;) {
${struct.fields.length <= LONGEST_CHAIN ? this.#chain() : this.#switch()}    if (${this.#dialect.isStop}) break;
${this.#skip()}    // A truncated message must not make the loop run on through the memory behind it.
    if (p >= end) fail();
    ${this.#dialect.readHeader}
  }
${presenceChecks(struct)}${counts ? js`  input.depth--;\n` : NOTHING}  input.position = ${this.#dialect.structEnd};
  return ${this.#plan.keeps ? js`withUnknown(${result}, kept)` : result};
} }[${name}];`;
  }

  #skip(): Code {
    if (this.#plan.keeps === undefined) return js`    p = skipField(p, h);\n`;
    return js`    var from = p; p = skipField(p, h); kept = keepField(kept, h, from, p);\n`;
  }

  #chain(): Code {
    const tests = this.#struct.fields.map(
      (field) => js`    if (${this.#dialect.isHeader(field)}) {\n${this.#field(field)}    }\n`,
    );
    // A field out of order, or seen before, starts the chain anew; only when nothing matched is the field unknown.
    return js`    var start = p;\n${join(tests, "")}    if (p !== start && !(${this.#dialect.isStop}) && p < end) continue;\n`;
  }

  #switch(): Code {
    const cases = this.#struct.fields.map(
      (field) =>
        js`    case ${this.#dialect.idBits(field)}: if (${this.#dialect.isHeader(field)}) {\n${this.#field(field)}      if (!(${this.#dialect.isStop}) && p >= end) fail();\n      continue; } break;\n`,
    );
    return js`    switch (h & 65535) {\n${join(cases, "")}    }\n`;
  }

  /** Reads the value of the field whose header is h, then the next header. */
  #field(field: FieldPlan): Code {
    const { enterField, readHeader } = this.#dialect;
    const to = this.#local(field);
    const read = this.#dialect.fieldValue(field, to) ?? this.#read(field.value, to);
    return js`      ${enterField}\n${read}      ${readHeader}\n`;
  }

  #local(field: FieldPlan): Code {
    return js`f${this.#indexOf.get(field)!}`;
  }

  /** Statements that read a value at p into a variable or element. */
  #read(value: ValuePlan, to: Code): Code {
    const emit = this.#emitters[value.kind] as (value: ValuePlan, to: Code) => Code;
    return emit(value, to);
  }

  readonly #emitters: { [kind in ValueKind]: (value: Extract<ValuePlan, { kind: kind }>, to: Code) => Code } = {
    bool: (_value, to) => this.#dialect.scalars.bool(to),
    i8: (_value, to) => this.#dialect.scalars.i8(to),
    i16: (_value, to) => this.#dialect.scalars.i16(to),
    i32: (_value, to) => this.#dialect.scalars.i32(to),
    i64: ({ as }, to) => this.#dialect.i64(as, to),
    double: (_value, to) => this.#dialect.scalars.double(to),
    enum: ({ as, descriptor }, to) => {
      const number = this.#dialect.scalars.i32(to);
      if (as === "number") return number;
      return js`${number}      ${to} = enumName(${this.#constants.of(descriptor.nameOf)}, ${to});\n`;
    },
    string: (_value, to) => {
      if (this.#dialect.text !== undefined) return this.#dialect.text.string(to);
      const n = this.#names.fresh`n`;
      const check = this.#plan.options.utf8 === "strict" ? js` checkUtf8(p, ${n});` : NOTHING;
      return js`${this.#length(n)}${check} ${to} = readText(p, ${n}); p += ${n};\n`;
    },
    binary: ({ as }, to) => {
      if (this.#dialect.text !== undefined) return this.#dialect.text.binary(to);
      const n = this.#names.fresh`n`;
      return js`${this.#length(n)} ${to} = ${as === "view" ? js`viewBytes` : js`copyBytes`}(p, ${n}); p += ${n};\n`;
    },
    uuid: (_value, to) =>
      this.#dialect.text?.uuid(to) ?? js`      if (end - p < 16) fail(); ${to} = readUuid(input.bytes, p); p += 16;\n`,
    struct: ({ struct }, to) => js`      ${to} = decode${struct.index}(p); p = input.position;\n`,
    list: ({ typed, element, maxLength, cost }, to) => {
      const head = this.#header(element, maxLength, cost);
      return typed === undefined ? this.#list(element, head, to) : this.#typedList(typed, head, to);
    },
    set: (value, to) => this.#set(value, to),
    map: (value, to) => this.#map(value, to),
  };

  /** Length of a string, neither negative nor more than what is left. */
  #length(n: Code): Code {
    const { maxStringBytes } = this.#plan.options.limits;
    const limit = maxStringBytes === Infinity ? NOTHING : js` || ${n} > ${maxStringBytes}`;
    return js`${this.#dialect.length(n)} if (${n} < 0 || ${n} > end - p${limit}) fail();`;
  }

  #header(element: ValuePlan, maxLength: number, cost: ContainerCost): { count: Code; code: Code } {
    const [count, type] = [this.#names.fresh`n`, this.#names.fresh`t`];
    const { read, isOther } = this.#dialect.listHeader({ count, type }, element);
    const check = this.#checkCount(count, isOther, { maxLength, minBytes: element.minBytes, cost });
    return { count, code: js`${read}${check}` };
  }

  /** A count is checked by division against what is left of the message, before anything is allocated for it. */
  #checkCount(
    count: Code,
    isOther: Code,
    { maxLength, minBytes, cost }: { maxLength: number; minBytes: number; cost: ContainerCost },
  ): Code {
    const limit = maxLength === Infinity ? NOTHING : js` || ${count} > ${maxLength}`;
    return js`      if (${count} !== 0 && (${isOther} || ${count} < 0${limit} || ${count} > (end - p) / ${minBytes})) fail();
      if ((input.heap -= ${cost.own} + ${count} * ${cost.each}) < 0) fail();\n`;
  }

  #list(element: ValuePlan, { count, code }: { count: Code; code: Code }, to: Code): Code {
    const [list, i] = [this.#names.fresh`a`, this.#names.fresh`i`];
    return js`${code}      var ${list} = ${count} <= ${PRESIZED_LENGTH} ? new Array(${count}) : [];
      for (var ${i} = 0; ${i} < ${count}; ${i}++) {\n${this.#element(element, js`${list}[${i}]`)}      }
${this.#punctuation.listEnd}      ${to} = ${list};\n`;
  }

  #element(element: ValuePlan, to: Code): Code {
    return js`${this.#punctuation.elementBegin}${this.#read(element, to)}`;
  }

  #typedList(kind: TypedKind, { count, code }: { count: Code; code: Code }, to: Code): Code {
    const read = this.#constants.of(this.#dialect.readNumbers[kind]);
    return js`${code}      ${to} = ${read}(p, ${count}); p = input.position;\n${this.#punctuation.listEnd}`;
  }

  #set(value: Extract<ValuePlan, { kind: "set" }>, to: Code): Code {
    const { element, maxLength, cost } = value;
    const head = this.#header(element, maxLength, cost);
    if (value.as === "array") return this.#list(element, head, to);
    const [set, i, item] = [this.#names.fresh`s`, this.#names.fresh`i`, this.#names.fresh`e`];
    const guard = this.#guard(value.guarded, head.count, { key: item, collection: set });
    return js`${head.code}      var ${set} = new Set(), ${item};${guard.make}
      for (var ${i} = 0; ${i} < ${head.count}; ${i}++) {\n${this.#element(element, item)}      ${guard.check}${set}.add(${item});\n      }
${this.#punctuation.listEnd}      ${to} = ${set};\n`;
  }

  #map(map: Extract<ValuePlan, { kind: "map" }>, to: Code): Code {
    const { key, value, maxLength, cost } = map;
    const names = this.#names;
    const [count, type, result] = [names.fresh`n`, names.fresh`t`, names.fresh`m`];
    const [i, k, e] = [names.fresh`i`, names.fresh`k`, names.fresh`e`];
    const guard = this.#guard(map.guarded, count, { key: k, collection: result });
    const { read, isOther } = this.#dialect.mapHeader({ count, type }, key, value);
    const check = this.#checkCount(count, isOther, { maxLength, minBytes: key.minBytes + value.minBytes, cost });
    const readKey = this.#punctuation.key(key, { to: k, index: i, read: this.#read(key, k) });
    return js`${read}${check}      var ${result} = ${EMPTY_MAP[map.as]}, ${k}, ${e};${guard.make}
      for (var ${i} = 0; ${i} < ${count}; ${i}++) {\n${readKey}${this.#read(value, e)}      ${guard.check}${addEntry[map.as](result, k, e)}\n      }
${this.#punctuation.mapEnd}      ${to} = ${result};\n`;
  }

  /** See protocol/hash-guard.ts; small containers need none. */
  #guard(
    guarded: boolean,
    count: Code,
    { key, collection }: { key: Code; collection: Code },
  ): { make: Code; check: Code } {
    if (!guarded) return { make: NOTHING, check: NOTHING };
    const guard = this.#names.fresh`g`;
    return {
      make: js` var ${guard} = guardFor(${count});`,
      check: js`if (${guard} !== undefined && ${guard}.add(${key}, ${collection}.size)) fail(); `,
    };
  }
}
