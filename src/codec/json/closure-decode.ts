/** A plan as closures that read plain JSON: one kind of value, one function that compiles it. The mapping is that of encoding. */

import { GrowingGuard } from "../../protocol/hash-guard.js";
import type { JsonScanner } from "../../protocol/json/scanner.js";
import { ProtocolError } from "../../protocol/protocol.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import { compileCreate, enterStruct, fillAbsent } from "../closure/decode-struct.js";
import { flood, locate, overBudget, secondOfUnion } from "../closure/failure.js";
import { mapTarget, type CountKey } from "../closure/map-target.js";
import {
  type ContainerCost,
  type FieldPlan,
  type Plan,
  type StructPlan,
  type ValueKind,
  type ValuePlan,
} from "../plan.js";
import { toTypedArray } from "../typed-list.js";
import { enumFromText, isScalar, takesText } from "./value.js";

/** What one run of a decoder needs. */
export interface DecodeContext {
  readonly reader: JsonScanner;
  /** Structs around the value being read. */
  depth: number;
  /** What is left of the heap budget, in bytes. */
  heap: number;
  /** Where a failure stands, innermost part first; empty until there is one. */
  readonly path: string[];
}

/** Reads a value, before which blanks may stand. */
export type Read = (context: DecodeContext) => unknown;

/** Compiles the root of a plan. */
export function compileDecoder(plan: Plan): Read {
  const compiler: Compiler = { readers: [], plan };
  // Structs refer to each other by index, so recursive and deeply linked types need no recursion here.
  compiler.readers.push(...plan.structs.map((struct) => compileStruct(struct, compiler)));
  const read = compiler.readers[plan.root.index];
  return (context) => {
    const value = read(context);
    context.reader.skipSpace();
    return value;
  };
}

interface Compiler {
  /** By index of the struct; filled when the first message is read. */
  readonly readers: Read[];
  readonly plan: Plan;
}

type PlanOf<K extends ValueKind> = ValuePlan & { kind: K };

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function compileValue(value: ValuePlan, compiler: Compiler): Read {
  const compile = COMPILE[value.kind] as (value: ValuePlan, compiler: Compiler) => Read;
  return compile(value, compiler);
}

const COMPILE: { readonly [K in ValueKind]: (value: PlanOf<K>, compiler: Compiler) => Read } = {
  bool: () => (context) => context.reader.readBool(),
  i8: compileNumber,
  i16: compileNumber,
  i32: compileNumber,
  i64: compileNumber,
  double: compileNumber,
  string: () => (context) => context.reader.readString(),
  uuid: () => readUuid,
  binary: (_, { plan }) =>
    plan.options.json.noBase64Binary
      ? (context) => context.reader.readTextBytes()
      : (context) => context.reader.readBase64(),
  enum: (value, compiler) => {
    const takesDigits = takesText(value, compiler.plan.options.json);
    return (context) => {
      if (context.reader.peek() === QUOTE) return readEnumText(context, value, takesDigits);
      return represent(value, context.reader.readInteger(I32_MIN, I32_MAX));
    };
  },
  list: (value, compiler) => {
    const read = compileArray(value, compiler);
    const { typed } = value;
    return typed === undefined ? read : (context) => toTypedArray(typed, read(context));
  },
  set: (value, compiler) => (value.as === "array" ? compileArray(value, compiler) : compileSet(value, compiler)),
  map: (value, compiler) => (isScalar(value.key) ? compileObject(value, compiler) : compilePairs(value, compiler)),
  struct:
    ({ struct: { index } }, { readers }) =>
    (context) =>
      readers[index](context),
};

type NumberKind = "i8" | "i16" | "i32" | "i64" | "double";

/** A number, which may stand in quotes where the options say so. */
function compileNumber(value: PlanOf<NumberKind>, { plan }: Compiler): Read {
  const { json } = plan.options;
  const read = digitReader(value, plan);
  const quoted = value.kind === "double" ? doubleInQuotes(read, plan) : inQuotes(read);
  const isNonFiniteText = value.kind === "double" && json.nonFinite === "string";
  const takesDigits = value.kind === "i64" || takesText(value, json);
  if (takesDigits) return ({ reader }) => (reader.peek() === QUOTE ? quoted(reader) : read(reader));
  if (!isNonFiniteText) return ({ reader }) => (reader.skipSpace(), read(reader));
  return ({ reader }) => (reader.peek() === QUOTE ? readNonFinite(reader) : read(reader));
}

/** Reads what stands right at the position. */
type ReadDigits = (reader: JsonScanner) => unknown;

function digitReader(value: ValuePlan, { options }: Plan): ReadDigits {
  switch (value.kind) {
    case "i8":
      return options.json.byteAsUint8
        ? (reader) => (reader.readInteger(-0x80, 0xff) << 24) >> 24
        : (reader) => reader.readInteger(-0x80, 0x7f);
    case "i16":
      return (reader) => reader.readInteger(-0x8000, 0x7fff);
    case "i32":
      return (reader) => reader.readInteger(I32_MIN, I32_MAX);
    case "i64":
      return READ_I64[value.as];
    default:
      return (reader) => reader.readDouble();
  }
}

const I32_MIN = -0x8000_0000;
const I32_MAX = 0x7fff_ffff;

const READ_I64: Readonly<Record<PlanOf<"i64">["as"], ReadDigits>> = {
  bigint: (reader) => reader.readI64(),
  string: (reader) => reader.readI64().toString(),
  number: (reader) => {
    const offset = reader.position;
    const number = Number(reader.readI64());
    if (Number.isSafeInteger(number)) return number;
    throw new ProtocolError(
      "ERR_THRIFT_OUT_OF_RANGE",
      offset,
      "expected an i64 that a number holds exactly, found one beyond 2^53 - 1",
    );
  },
};

/** Reads digits between quotes, without blanks. */
function inQuotes(read: ReadDigits): ReadDigits {
  return (reader) => {
    reader.position++;
    const value = read(reader);
    if (reader.next() !== QUOTE) throw reader.unexpected("the end of the text behind a number");
    reader.position++;
    return value;
  };
}

function doubleInQuotes(read: ReadDigits, { options }: Plan): ReadDigits {
  const quoted = inQuotes(read);
  if (options.json.nonFinite !== "string") return quoted;
  return (reader) => (spellsDigits(reader) ? quoted(reader) : readNonFinite(reader));
}

/** True at the quote of text that spells digits: anything else is a word, or wrong. */
function spellsDigits(reader: JsonScanner): boolean {
  const first = reader.byteAt(reader.position + 1);
  const digit = first === MINUS ? reader.byteAt(reader.position + 2) : first;
  return digit >= 0x30 && digit <= 0x39;
}

function readNonFinite(reader: JsonScanner): number {
  const start = reader.position;
  // A word, not a string that is kept: no limit but that of the message.
  const value = NON_FINITE.get(reader.readName());
  if (value === undefined) throw invalid(start, "expected a number, NaN or an infinity, found other text");
  return value;
}

const NON_FINITE: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

function readUuid({ reader }: DecodeContext): string {
  reader.skipSpace();
  const start = reader.position;
  if (!parseUuid(reader.readString(), uuidBytes, 0)) throw invalid(start, "expected uuid, found other text");
  return formatUuid(uuidBytes, 0);
}

const uuidBytes = new Uint8Array(16);

function represent({ as, descriptor }: PlanOf<"enum">, number: number): unknown {
  return as === "name" ? (descriptor.nameOf.get(number) ?? number) : number;
}

function readEnumText({ reader }: DecodeContext, value: PlanOf<"enum">, takesDigits: boolean): unknown {
  const start = reader.position;
  const number = enumFromText(reader.readString(), value.descriptor, takesDigits);
  if (number === undefined) throw invalid(start, `expected a member of ${value.descriptor.name}, found another name`);
  return represent(value, number);
}

/** The name of a member as the key that it stands for. */
function compileKey(key: ValuePlan, compiler: Compiler): Read {
  const read = compileKeyText(key, compiler);
  return (context) => {
    if (context.reader.peek() !== QUOTE) throw context.reader.unexpected("the name of a member");
    const value = read(context);
    context.reader.expect(COLON, '":"');
    return value;
  };
}

function compileKeyText(key: ValuePlan, compiler: Compiler): Read {
  switch (key.kind) {
    case "bool":
      return readBoolText;
    case "enum":
      return (context) => readEnumText(context, key, true);
    case "i8":
    case "i16":
    case "i32":
    case "i64":
    case "double": {
      const quoted = digitReader(key, compiler.plan);
      const read = key.kind === "double" ? doubleInQuotes(quoted, compiler.plan) : inQuotes(quoted);
      return ({ reader }) => read(reader);
    }
    default:
      return compileValue(key, compiler);
  }
}

function readBoolText({ reader }: DecodeContext): boolean {
  const start = reader.position;
  const text = reader.readString();
  if (text !== "true" && text !== "false") throw invalid(start, "expected true or false, found other text");
  return text === "true";
}

function compileArray(plan: PlanOf<"list" | "set">, compiler: Compiler): (context: DecodeContext) => unknown[] {
  const read = compileValue(plan.element, compiler);
  return (context) => {
    const elements: unknown[] = [];
    readElements(context, plan, () => elements.push(read(context)));
    return elements;
  };
}

function compileSet(plan: PlanOf<"set">, compiler: Compiler): Read {
  const read = compileValue(plan.element, compiler);
  return (context) => {
    const elements = new Set<unknown>();
    const guard = plan.guarded ? new GrowingGuard() : undefined;
    readElements(context, plan, (offset) => {
      const element = read(context);
      if (guard?.add(element, elements) === true) throw flood(offset);
      elements.add(element);
    });
    return elements;
  };
}

/** Reads `[`, elements, `]`; `add` reads one, whose offset it gets. */
function readElements(
  context: DecodeContext,
  plan: { kind: string; maxLength: number; cost: ContainerCost },
  add: (offset: number) => void,
): void {
  const { reader } = context;
  openContainer(context, OPEN_BRACKET, "an array", plan.cost);
  if (reader.take(CLOSE_BRACKET)) return;
  let i = 0;
  try {
    do {
      add(beginElement(context, plan, i));
      i++;
    } while (reader.take(COMMA));
    i--;
    reader.expect(CLOSE_BRACKET, '"," or "]"');
  } catch (error) {
    throw locate(error, context, `[${String(i)}]`);
  }
}

function openContainer(context: DecodeContext, bracket: number, what: string, cost: ContainerCost): void {
  const { reader } = context;
  if (reader.peek() !== bracket) throw reader.unexpected(what);
  if ((context.heap -= cost.own) < 0) throw overBudget(reader.position);
  reader.position++;
}

/** Before each element: JSON does not say how many will come. @returns where it starts. */
function beginElement(context: DecodeContext, plan: { maxLength: number; cost: ContainerCost }, index: number): number {
  const { reader } = context;
  reader.skipSpace();
  const offset = reader.position;
  if (index >= plan.maxLength) {
    const message = "expected no more elements than the limit allows, found one more";
    throw new ProtocolError("ERR_THRIFT_SIZE_LIMIT", offset, message);
  }
  if ((context.heap -= plan.cost.each) < 0) throw overBudget(offset);
  return offset;
}

function keyCounter(): CountKey {
  const guard = new GrowingGuard();
  return (key, entries) => guard.add(key, entries);
}

function compileObject(plan: PlanOf<"map">, compiler: Compiler): Read {
  return compileMap(plan, {
    readKey: compileKey(plan.key, compiler),
    readValue: compileValue(plan.value, compiler),
    brackets: [OPEN_BRACE, CLOSE_BRACE],
    what: ["an object", '"," or "}"'],
    isPairs: false,
  });
}

function compilePairs(plan: PlanOf<"map">, compiler: Compiler): Read {
  return compileMap(plan, {
    readKey: compileValue(plan.key, compiler),
    readValue: compileValue(plan.value, compiler),
    brackets: [OPEN_BRACKET, CLOSE_BRACKET],
    what: ["an array of pairs", '"," or "]"'],
    isPairs: true,
  });
}

/** What the two forms of a map differ in. */
interface MapForm {
  readonly readKey: Read;
  readonly readValue: Read;
  readonly brackets: readonly [open: number, close: number];
  readonly what: readonly [open: string, close: string];
  readonly isPairs: boolean;
}

function compileMap(plan: PlanOf<"map">, form: MapForm): Read {
  const { brackets, what } = form;
  return (context) => {
    const { reader } = context;
    const { entries, add } = mapTarget(plan.as, plan.guarded ? keyCounter() : undefined);
    openContainer(context, brackets[0], what[0], plan.cost);
    if (reader.take(brackets[1])) return entries;
    const at = { index: 0, part: "" };
    try {
      do {
        at.part = "key ";
        const offset = beginElement(context, plan, at.index);
        readEntry(context, form, at, (key, value) => add(key, value, offset));
        at.index++;
      } while (reader.take(COMMA));
      at.index--;
      reader.expect(brackets[1], what[1]);
    } catch (error) {
      throw locate(error, context, `{${at.part}${String(at.index)}}`);
    }
    return entries;
  };
}

function readEntry(
  context: DecodeContext,
  { readKey, readValue, isPairs }: MapForm,
  at: { part: string },
  add: (key: unknown, value: unknown) => void,
): void {
  const { reader } = context;
  if (isPairs) reader.expect(OPEN_BRACKET, "a pair");
  const key = readKey(context);
  at.part = "";
  if (isPairs) reader.expect(COMMA, '","');
  add(key, readValue(context));
  if (isPairs) reader.expect(CLOSE_BRACKET, '"]"');
}

interface FieldReader {
  readonly plan: FieldPlan;
  readonly read: Read;
}

function compileStruct(struct: StructPlan, compiler: Compiler): Read {
  const { maxDepth } = compiler.plan.options.limits;
  const { countsDepth } = struct;
  const readFields = compileFields(struct, compiler);
  return (context) => {
    const { reader } = context;
    if (reader.peek() !== OPEN_BRACE) throw reader.unexpected("an object");
    enterStruct(context, struct, maxDepth, reader.position);
    reader.position++;
    const object = readFields(context);
    if (countsDepth) context.depth--;
    return object;
  };
}

/** Reads from behind `{` to behind `}`. */
function compileFields(struct: StructPlan, compiler: Compiler): Read {
  const { properties } = struct;
  const absent = properties.filter((field) => field.whenAbsent !== "undefined");
  const byMember = new Map(
    properties.map((plan): [string, FieldReader] => [plan.member, { plan, read: compileValue(plan.value, compiler) }]),
  );
  const create = compileCreate(struct);
  const isUnion = struct.descriptor.variant === "union";
  return (context) => {
    const { reader } = context;
    const object = create();
    let lastOffset = reader.position;
    if (!reader.take(CLOSE_BRACE)) {
      do {
        const offset = nextOffset(reader);
        const field = byMember.get(reader.readName());
        reader.expect(COLON, '":"');
        if (field === undefined) passUnknown(reader, offset, compiler.plan);
        else if (readMember(context, object, field)) lastOffset = offset;
      } while (reader.take(COMMA));
      reader.expect(CLOSE_BRACE, '"," or "}"');
    }
    if (isUnion && countSet(object, properties) > 1) throw secondOfUnion(lastOffset);
    if (absent.length > 0) fillAbsent(context, object, absent, reader.position - 1);
    return object;
  };
}

function nextOffset(reader: JsonScanner): number {
  reader.skipSpace();
  return reader.position;
}

/** @returns false for `null`: the field is unset, whatever it was before. */
function readMember(context: DecodeContext, object: Record<string, unknown>, { plan, read }: FieldReader): boolean {
  try {
    const isNull = context.reader.takeNull();
    object[plan.name] = isNull ? undefined : read(context);
    return !isNull;
  } catch (error) {
    throw locate(error, context, `.${plan.name}`);
  }
}

function passUnknown(reader: JsonScanner, offset: number, { options }: Plan): void {
  if (options.unknownFields === "refuse") {
    throw new ProtocolError("ERR_THRIFT_UNKNOWN_NAME", offset, "expected the name of a field, found another");
  }
  reader.skipValue(options.limits.maxSkipDepth);
}

function countSet(object: Record<string, unknown>, fields: readonly FieldPlan[]): number {
  return fields.reduce((count, { name }) => count + (object[name] === undefined ? 0 : 1), 0);
}

function invalid(offset: number, message: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_INVALID_DATA", offset, message);
}
