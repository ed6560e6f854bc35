/**
 * Walks a message as it stands on the wire, beside its schema: a row for each header and value, unknown fields too.
 * Bytes that do not decode give every row up to the mistake, and a last one for the value in which it stands.
 */

import { typeText } from "../codec/print.js";
import type { FieldPlan, Plan, StructPlan, ValuePlan } from "../codec/plan.js";
import { ProtocolError, type ProtocolReader } from "../protocol/protocol.js";
import { PROTOCOLS } from "../protocol/protocols.js";
import { TType, isValueTType, ttypeName, type ValueTType } from "../protocol/ttype.js";
import { hexOf, offsetText } from "./bytes.js";
import { quote } from "./json.js";
import type { Paint } from "./shell.js";

/** One line of the dump: the bytes from `offset` up to `end` and what they say. */
export interface TreeRow {
  offset: number;
  end: number;
  /** How deep it is nested. */
  level: number;
  /** `1 name`, `[0]`, `{key 0}`, `STOP`. */
  label: string;
  /** As in the IDL; the wire type where the schema does not know the field. */
  type: string;
  value: string;
  kind: "value" | "unknown" | "broken";
}

/** A value about to be read. */
interface Item {
  /** Where its bytes start, a field header included. */
  offset: number;
  level: number;
  label: string;
  ttype: ValueTType;
  /** What the schema says of it; undefined for what it does not know. */
  plan: ValuePlan | undefined;
  /** Structs around a known value, structs and containers around one inside an unknown field: each has its limit. */
  depth: number;
}

/** The rows of a message, made as they are asked for. What closes a struct or container belongs to the row before it. */
export function* treeRows(bytes: Uint8Array, plan: Plan): Generator<TreeRow, void, void> {
  const walker = new Walker(bytes, plan);
  let last: TreeRow | undefined;
  try {
    for (const row of walker.root(plan.root)) {
      if (last !== undefined) yield { ...last, end: row.offset };
      last = row;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { label, type, level, offset: begun } = walker.current;
    const offset = Math.max(begun, last?.end ?? 0);
    if (last !== undefined) yield { ...last, end: offset };
    last = { offset, end: bytes.length, level, label, type, value: error.message, kind: "broken" };
  }
  if (last !== undefined) yield last;
}

class Walker {
  /** What is being read: where a mistake will stand. */
  current: Omit<TreeRow, "end" | "value">;
  readonly #length: number;
  readonly #reader: ProtocolReader;
  readonly #plan: Plan;
  readonly #isJson: boolean;
  readonly #fieldsOf = new Map<StructPlan, ReadonlyMap<number, FieldPlan>>();

  constructor(bytes: Uint8Array, plan: Plan) {
    const { protocol, limits } = plan.options;
    if (protocol === "json") throw new RangeError("plain JSON has no field ids and wire types to show");
    this.#reader = PROTOCOLS[protocol].createReader({ maxStringBytes: limits.maxStringBytes, strictUtf8: false });
    this.#reader.reset(bytes);
    this.#isJson = protocol === "tjson";
    this.#length = bytes.length;
    this.#plan = plan;
    this.current = { offset: 0, level: 0, label: "", type: "", kind: "value" };
  }

  *root(root: StructPlan): Generator<TreeRow, void, void> {
    const { name, variant } = root.descriptor;
    yield { offset: 0, end: 0, level: 0, label: name, type: variant, value: "", kind: "value" };
    yield* this.#fields(root, 1, 1);
    const end = this.#reader.position;
    const left = this.#length - end;
    if (left > 0) {
      yield {
        offset: end,
        end: this.#length,
        level: 0,
        label: "",
        type: "",
        value: `${String(left)} bytes after the value`,
        kind: "broken",
      };
    }
  }

  *#fields(struct: StructPlan | undefined, level: number, depth: number): Generator<TreeRow, void, void> {
    const reader = this.#reader;
    const known = struct && this.#fieldsById(struct);
    reader.readStructBegin();
    for (;;) {
      const offset = reader.position;
      this.current = { offset, level, label: "", type: "field header", kind: "value" };
      if (!reader.readFieldBegin()) break;
      const { fieldId, fieldType } = reader;
      const field = known?.get(fieldId);
      const isKnown = field?.value.ttype === fieldType;
      const label = `${String(fieldId)} ${field?.name ?? "?"}`;
      // What is skipped is counted anew, as decoders do.
      const inner = isKnown || struct === undefined ? depth : 0;
      yield* this.#value({
        offset,
        level,
        label,
        ttype: fieldType,
        plan: isKnown ? field.value : undefined,
        depth: inner,
      });
      reader.readFieldEnd();
    }
    const stop = { ...this.current, label: "STOP", type: "" };
    reader.readStructEnd();
    yield this.#row(stop, "");
  }

  *#value(item: Item): Generator<TreeRow, void, void> {
    const { ttype, plan, offset, level, label } = item;
    const type = plan === undefined ? ttypeName(ttype) : typeText(plan);
    this.current = { offset, level, label, type, kind: plan === undefined ? "unknown" : "value" };
    switch (ttype) {
      case TType.STRUCT:
        yield this.#row(this.current, "");
        return yield* this.#fields(plan?.kind === "struct" ? plan.struct : undefined, level + 1, this.#deeper(item));
      case TType.LIST:
      case TType.SET:
        return yield* this.#elements(item);
      case TType.MAP:
        return yield* this.#entries(item);
      default:
        yield this.#row(this.current, this.#scalar(ttype, plan));
    }
  }

  /** The depth inside of a struct or container. @throws ProtocolError where a decoder would give up. */
  #deeper({ plan, depth, ttype }: Item): number {
    const { maxDepth, maxSkipDepth } = this.#plan.options.limits;
    const isCounted = plan === undefined || ttype === TType.STRUCT;
    const limit = plan === undefined ? maxSkipDepth : maxDepth;
    if (isCounted && depth >= limit)
      throw new ProtocolError("ERR_THRIFT_DEPTH_LIMIT", this.#reader.position, "nested deeper than the limit");
    return isCounted ? depth + 1 : depth;
  }

  *#elements(item: Item): Generator<TreeRow, void, void> {
    const reader = this.#reader;
    const depth = this.#deeper(item);
    if (item.ttype === TType.SET) reader.readSetBegin();
    else reader.readListBegin();
    const { size, elementType } = reader;
    const expected = item.plan?.kind === "list" || item.plan?.kind === "set" ? item.plan.element : undefined;
    this.#checkHeader([elementType]);
    yield this.#row(this.current, countText(size, "element", [elementType]));
    for (let i = 0; i < size; i++) {
      yield* this.#value(
        this.#inner(item, { label: `[${String(i)}]`, ttype: elementType as ValueTType, expected, depth }),
      );
    }
    if (item.ttype === TType.SET) reader.readSetEnd();
    else reader.readListEnd();
  }

  *#entries(item: Item): Generator<TreeRow, void, void> {
    const reader = this.#reader;
    const depth = this.#deeper(item);
    reader.readMapBegin();
    const { size, keyType, elementType } = reader;
    const expected = item.plan?.kind === "map" ? item.plan : undefined;
    this.#checkHeader([keyType, elementType]);
    yield this.#row(this.current, countText(size, "entry", [keyType, elementType]));
    for (let i = 0; i < size; i++) {
      const key = { label: `{key ${String(i)}}`, ttype: keyType as ValueTType, expected: expected?.key, depth };
      yield* this.#value(this.#inner(item, key));
      const value = { label: `{${String(i)}}`, ttype: elementType as ValueTType, expected: expected?.value, depth };
      yield* this.#value(this.#inner(item, value));
    }
    reader.readMapEnd();
  }

  #inner(
    outer: Item,
    inner: { label: string; ttype: ValueTType; expected: ValuePlan | undefined; depth: number },
  ): Item {
    const { label, ttype, expected, depth } = inner;
    const plan = expected?.ttype === ttype ? expected : undefined;
    const isSkipped = outer.plan !== undefined && plan === undefined;
    return { offset: this.#reader.position, level: outer.level + 1, label, ttype, plan, depth: isSkipped ? 0 : depth };
  }

  /** Holds the container just begun to wire types that exist and to a count that the rest of the message can hold. */
  #checkHeader(types: readonly number[]): void {
    const reader = this.#reader;
    if (reader.size === 0) return;
    const known = types.filter(isValueTType);
    if (known.length < types.length) {
      throw new ProtocolError(
        "ERR_THRIFT_INVALID_DATA",
        this.current.offset,
        `elements of ${types.map(ttypeName).join(" and ")}`,
      );
    }
    reader.checkSize(
      known.reduce((sum, type) => sum + reader.minimumBytes[type], 0),
      Infinity,
    );
  }

  #scalar(ttype: ValueTType, plan: ValuePlan | undefined): string {
    const reader = this.#reader;
    switch (ttype) {
      case TType.BOOL:
        return String(reader.readBool());
      case TType.I8:
        return String(reader.readI8());
      case TType.I16:
        return String(reader.readI16());
      case TType.I32:
        return enumText(reader.readI32(), plan);
      case TType.I64:
        return String(reader.readI64());
      case TType.DOUBLE:
        return String(reader.readDouble());
      case TType.UUID:
        return reader.readUuid();
      default:
        return this.#text(plan);
    }
  }

  #text(plan: ValuePlan | undefined): string {
    const reader = this.#reader;
    // Read as bytes, of which but a few are decoded; JSON has them as text, in which an unknown binary is base64.
    if (this.#isJson && plan?.kind !== "binary") return textOf(new TextEncoder().encode(reader.readString()));
    return plan?.kind === "string" ? textOf(reader.readBinary()) : bytesText(reader.readBinary(), plan);
  }

  #row(at: Omit<TreeRow, "end" | "value">, value: string): TreeRow {
    return { ...at, end: this.#reader.position, value };
  }

  #fieldsById(struct: StructPlan): ReadonlyMap<number, FieldPlan> {
    let fields = this.#fieldsOf.get(struct);
    if (fields === undefined) {
      fields = new Map(struct.fields.map((field) => [field.id, field]));
      this.#fieldsOf.set(struct, fields);
    }
    return fields;
  }
}

function countText(size: number, what: "element" | "entry", types: readonly number[]): string {
  const noun = size === 1 ? what : what === "entry" ? "entries" : "elements";
  return size === 0 ? `0 ${noun}` : `${String(size)} ${noun} of ${types.map(ttypeName).join(", ")}`;
}

function enumText(number: number, plan: ValuePlan | undefined): string {
  const name = plan?.kind === "enum" ? plan.descriptor.nameOf.get(number) : undefined;
  return name === undefined ? String(number) : `${name} (${String(number)})`;
}

/** Text is shown up to here, bytes up to half of it. */
const MAX_SHOWN = 48;

function textOf(bytes: Uint8Array): string {
  // Decoding no more than is shown: at most four bytes a character.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, MAX_SHOWN * 4));
  const shown = Array.from(text).slice(0, MAX_SHOWN).join("");
  return shown.length < text.length || bytes.length > MAX_SHOWN * 4
    ? `${quote(shown)}… ${String(bytes.length)} bytes`
    : quote(text);
}

/** A binary; also what an unknown field holds, which may be text. */
function bytesText(bytes: Uint8Array, plan: ValuePlan | undefined): string {
  const isText =
    plan === undefined && !/[\0-\x1f\x7f-\uffff]/.test(Buffer.from(bytes.subarray(0, MAX_SHOWN)).toString("latin1"));
  if (isText) return textOf(bytes);
  return `${String(bytes.length)} bytes: ${hexOf(bytes, MAX_SHOWN / 2)}`;
}

const WIDTHS = { bytes: 31, label: 28, type: 20 };
const SHOWN_BYTES = 10;

/** The dump as lines, a heading first. */
export function* treeLines(bytes: Uint8Array, plan: Plan, paint: Paint): Generator<string, void, void> {
  const { bytes: hex, label, type } = WIDTHS;
  yield paint("dim", `offset  ${"bytes".padEnd(hex)}  ${"field".padEnd(label)}  ${"type".padEnd(type)}  value`);
  for (const row of treeRows(bytes, plan)) yield treeLine(row, bytes, paint);
}

function treeLine({ offset, end, level, label, type, value, kind }: TreeRow, bytes: Uint8Array, paint: Paint): string {
  const hex = hexOf(bytes.subarray(offset, end), SHOWN_BYTES).padEnd(WIDTHS.bytes);
  const name = `${"  ".repeat(level)}${label}`.padEnd(WIDTHS.label);
  const [labelStyle, valueStyle] = STYLES[kind];
  const cells = [
    paint("dim", offsetText(offset)),
    hex,
    paint(labelStyle, name),
    paint("dim", type.padEnd(WIDTHS.type)),
    value === "" ? "" : paint(valueStyle, value),
  ];
  return cells.join("  ").trimEnd();
}

const STYLES = {
  value: ["cyan", "green"],
  unknown: ["yellow", "yellow"],
  broken: ["red", "red"],
} as const;
