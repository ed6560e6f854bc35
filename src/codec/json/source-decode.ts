/** Plan → JavaScript source of a decoder of plain JSON: one function a struct. */

import type { ContainerCost, FieldPlan, Plan, StructPlan, ValueKind, ValuePlan } from "../plan.js";
import { join, js, Names, NOTHING, quote, type Code } from "../source/code.js";
import type { Constants } from "../source/constants.js";
import { addEntry, EMPTY_MAP, presenceChecks, structResult } from "../source/result.js";
import { isScalar, takesText } from "./value.js";

/**
 * In structs of up to so many fields a member is compared with all that follow the one before; in longer ones with the
 * next alone, then it is looked up: no order of members shall cost more than another.
 */
const LONGEST_CHAIN = 32;

/** Names longer than this are always looked up. */
const LONGEST_PREDICTED_NAME = 64;

/** `function decode3(p)`: reads the struct whose brace stands at p and returns its value; `input.position` is then behind it. */
export function decodeFunction(struct: StructPlan, plan: Plan, constants: Constants): Code {
  return new StructDecoder(struct, plan, constants).emit();
}

const SKIP_BLANKS = js`if (b[p] <= 32) p = blank(p);`;

class StructDecoder {
  readonly #names = new Names();
  readonly #struct: StructPlan;
  readonly #plan: Plan;
  readonly #constants: Constants;

  constructor(struct: StructPlan, plan: Plan, constants: Constants) {
    this.#struct = struct;
    this.#plan = plan;
    this.#constants = constants;
  }

  /**
   * `k` is the member that is expected next. One that was looked up is entered by way of the switch again, with `m` set:
   * so the code that reads a value stands there once.
   */
  emit(): Code {
    const { properties, countsDepth, heapBytes, index, descriptor } = this.#struct;
    const name = quote(`decode ${descriptor.name}`);
    const locals = properties.map((_, i) => js`, f${i}`);
    const indexOf = new Map(properties.map(({ member }, i) => [member, i]));
    return js`var decode${index} = { ${name}: function (p) {
  var b = input.bytes, view = input.view, end = input.end, k = 0, m = false, q${join(locals, "")};
  if (b[p] !== 123 || (input.heap -= ${heapBytes}) < 0) fail();
${countsDepth ? js`  if (++input.depth > ${this.#constants.of(this.#plan.options.limits.maxDepth)}) fail();\n` : NOTHING}  p++; ${SKIP_BLANKS}
  if (b[p] === 125) p++; else for (;;) {
    members: {
      if (m === false && (b[p] !== 34 || p >= end)) fail();
      switch (k) {
${join(
  properties.map((field, i) => this.#member(field, i)),
  "",
)}      }
      q = findMember(p, ${this.#constants.of(indexOf)}); p = input.position;
      if (q >= 0) { k = q; m = true; continue; }
      ${SKIP_BLANKS} skipUnknown(p); p = input.position;
    }
    ${SKIP_BLANKS}
    if (b[p] === 44) { p++; ${SKIP_BLANKS} continue; }
    if (b[p] !== 125) fail();
    p++; break;
  }
${presenceChecks(this.#struct)}${countsDepth ? js`  input.depth--;\n` : NOTHING}  input.position = p;
  return ${structResult(this.#struct, this.#constants)};
} }[${name}];`;
  }

  #member({ member, value }: FieldPlan, i: number): Code {
    const { length } = this.#struct.properties;
    const to = js`f${i}`;
    const leave = length <= LONGEST_CHAIN ? NOTHING : js`        break;\n`;
    return js`        case ${i}: if (${this.#isAt(member)}) {
          m = false; ${SKIP_BLANKS}
          if (b[p] === 110) { p = readNull(p); ${to} = undefined; } else {\n${this.#read(value, to)}          }
          k = ${i + 1}; break members;
        }\n${leave}`;
  }

  /** Condition that `"name":` stands at p, which is then behind it. A quote does stand there, and a value behind the name, so the memory holds all that is compared. */
  #isAt(member: string): Code {
    const bytes = new TextEncoder().encode(`${JSON.stringify(member)}:`);
    const { length } = bytes;
    if (length > LONGEST_PREDICTED_NAME) return js`m`;
    const view = new DataView(bytes.buffer);
    const tests: Code[] = [];
    for (let i = 0; i < length; i += 4) {
      const at = Math.min(i, length - 4);
      tests.push(js`view.getInt32(p + ${at}) === ${view.getInt32(at)} && `);
    }
    return js`m || ${join(tests, "")}(p += ${length}, true)`;
  }

  /** Statements that read a value, which starts right at p, into a variable. */
  #read(value: ValuePlan, to: Code): Code {
    const emit = this.#emitters[value.kind] as (value: ValuePlan, to: Code) => Code;
    return emit(value, to);
  }

  readonly #emitters: { [kind in ValueKind]: (value: Extract<ValuePlan, { kind: kind }>, to: Code) => Code } = {
    bool: (_value, to) => call(to, js`readBool(p)`),
    i8: (value, to) => this.#number(value, to),
    i16: (value, to) => this.#number(value, to),
    i32: (value, to) => this.#number(value, to),
    i64: (value, to) => this.#number(value, to),
    double: (value, to) => {
      const text = js`readDoubleText(p, ${takesText(value, this.#plan.options.json) ? TRUE : FALSE})`;
      return call(to, js`b[p] === 34 ? ${text} : readDouble(p)`);
    },
    enum: (value, to) => {
      const text = this.#enumText(value, takesText(value, this.#plan.options.json));
      const number = js`b[p] === 34 ? ${text} : ${DIGITS.i32}`;
      return value.as === "name"
        ? call(to, js`enumName(${this.#constants.of(value.descriptor.nameOf)}, ${number})`)
        : call(to, number);
    },
    string: (_value, to) => call(to, js`readText(p)`),
    binary: (_value, to) => call(to, js`readBytes(p)`),
    uuid: (_value, to) => call(to, js`readUuid(p)`),
    struct: ({ struct }, to) => call(to, js`decode${struct.index}(p)`),
    list: (value, to) => this.#list(value, to),
    set: (value, to) => (value.as === "array" ? this.#array(value, to) : this.#set(value, to)),
    map: (value, to) => this.#map(value, to),
  };

  /** A number, which may stand in quotes where the options say so. */
  #number(value: ValuePlan, to: Code): Code {
    const bare = call(to, this.#digits(value));
    if (value.kind !== "i64" && !takesText(value, this.#plan.options.json)) return bare;
    return js`          if (b[p] === 34) {\n${this.#inQuotes(value, to)}          } else {\n${bare}          }\n`;
  }

  #inQuotes(value: ValuePlan, to: Code): Code {
    return js`          p++;\n${call(to, this.#digits(value))}          p = behindQuote(p);\n`;
  }

  #digits(value: ValuePlan): Code {
    switch (value.kind) {
      case "i8":
        return this.#plan.options.json.byteAsUint8 ? js`readInteger(p, -128, 255) << 24 >> 24` : DIGITS.i8;
      case "i16":
        return DIGITS.i16;
      case "i64":
        return DIGITS[value.as];
      default:
        return DIGITS.i32;
    }
  }

  #enumText({ descriptor }: Extract<ValuePlan, { kind: "enum" }>, takesDigits: boolean): Code {
    return js`readEnumText(p, ${this.#constants.of(descriptor)}, ${takesDigits ? TRUE : FALSE})`;
  }

  #list(value: Extract<ValuePlan, { kind: "list" }>, to: Code): Code {
    if (value.typed === undefined) return this.#array(value, to);
    const array = this.#names.fresh`t`;
    return js`          var ${array};\n${this.#array(value, array)}          ${to} = toTypedArray(${quote(value.typed)}, ${array});\n`;
  }

  #array(value: { element: ValuePlan; maxLength: number; cost: ContainerCost }, to: Code): Code {
    const [list, item] = [this.#names.fresh`a`, this.#names.fresh`e`];
    const add = js`${this.#read(value.element, item)}          ${list}.push(${item});\n`;
    const loop = this.#loop(value, [91, 93], add);
    return js`          var ${list} = [], ${item};\n${loop}          ${to} = ${list};\n`;
  }

  #set(value: Extract<ValuePlan, { kind: "set" }>, to: Code): Code {
    const [set, item] = [this.#names.fresh`s`, this.#names.fresh`e`];
    const guard = this.#guard(value.guarded, item, set);
    const add = js`${this.#read(value.element, item)}          ${guard.check}${set}.add(${item});\n`;
    const loop = this.#loop(value, [91, 93], add);
    return js`          var ${set} = new Set(), ${item};${guard.make}\n${loop}          ${to} = ${set};\n`;
  }

  #map(map: Extract<ValuePlan, { kind: "map" }>, to: Code): Code {
    const [result, k, e] = [this.#names.fresh`m`, this.#names.fresh`k`, this.#names.fresh`e`];
    const guard = this.#guard(map.guarded, k, result);
    const add = js`          ${guard.check}${addEntry[map.as](result, k, e)}\n`;
    const value = this.#read(map.value, e);
    const isObject = isScalar(map.key);
    const entry = isObject
      ? js`          if (b[p] !== 34) fail();\n${this.#key(map.key, k)}${punctuation(58)}${value}${add}`
      : js`          if (b[p++] !== 91) fail(); ${SKIP_BLANKS}\n${this.#read(map.key, k)}${punctuation(44)}${value}          ${SKIP_BLANKS} if (b[p++] !== 93) fail();\n${add}`;
    const loop = this.#loop(map, isObject ? [123, 125] : [91, 93], entry);
    return js`          var ${result} = ${EMPTY_MAP[map.as]}, ${k}, ${e};${guard.make}\n${loop}          ${to} = ${result};\n`;
  }

  /** The name of a member as the key that it stands for; its quote stands at p. */
  #key(key: ValuePlan, to: Code): Code {
    switch (key.kind) {
      case "bool":
        return call(to, js`readBoolText(p)`);
      case "i8":
      case "i16":
      case "i32":
      case "i64":
        return this.#inQuotes(key, to);
      case "double":
        return call(to, js`readDoubleText(p, true)`);
      case "enum": {
        const number = this.#enumText(key, true);
        const { nameOf } = key.descriptor;
        return call(to, key.as === "name" ? js`enumName(${this.#constants.of(nameOf)}, ${number})` : number);
      }
      default:
        return this.#read(key, to);
    }
  }

  /** A bracket, elements with commas between, a bracket. Each element pays for itself, since nothing says how many will come. */
  #loop(
    { maxLength, cost }: { maxLength: number; cost: ContainerCost },
    [open, close]: readonly [number, number],
    element: Code,
  ): Code {
    const n = this.#names.fresh`n`;
    const isLimited = maxLength !== Infinity;
    return js`          if (b[p++] !== ${open} || (input.heap -= ${cost.own}) < 0) fail();
          ${SKIP_BLANKS}
          if (b[p] === ${close}) p++; else for (${isLimited ? js`var ${n} = 0` : NOTHING};;) {
          if (p >= end || (input.heap -= ${cost.each}) < 0${isLimited ? js` || ++${n} > ${maxLength}` : NOTHING}) fail();
${element}          ${SKIP_BLANKS}
          if (b[p] === 44) { p++; ${SKIP_BLANKS} continue; }
          if (b[p++] !== ${close}) fail();
          break;
          }\n`;
  }

  #guard(guarded: boolean, key: Code, collection: Code): { make: Code; check: Code } {
    if (!guarded) return { make: NOTHING, check: NOTHING };
    const guard = this.#names.fresh`g`;
    return {
      make: js` var ${guard} = newGuard();`,
      check: js`if (${guard}.add(${key}, ${collection})) fail(); `,
    };
  }
}

const TRUE = js`true`;
const FALSE = js`false`;

/** Reads with a function that leaves `input.position` behind the value. */
function call(to: Code, read: Code): Code {
  return js`          ${to} = ${read}; p = input.position;\n`;
}

/** One character with blanks around. */
function punctuation(character: number): Code {
  return js`          ${SKIP_BLANKS} if (b[p++] !== ${character}) fail(); ${SKIP_BLANKS}\n`;
}

const DIGITS = {
  i8: js`readInteger(p, -128, 127)`,
  i16: js`readInteger(p, -32768, 32767)`,
  i32: js`readInteger(p, -2147483648, 2147483647)`,
  bigint: js`readI64(p)`,
  number: js`readI64Number(p)`,
  string: js`readI64String(p)`,
} as const;
