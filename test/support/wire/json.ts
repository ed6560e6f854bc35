/**
 * Plain JSON, which has names instead of ids and says nothing about types: it takes the schema to spell a message. What the
 * schema does not know, or knows with another type, becomes a member that no struct has. Members may stand in any order,
 * blanks between tokens, characters may be escaped, an i64 may be text, `null` may stand for what is unset.
 */

import { TType, type ValueTType } from "../../../src/protocol/ttype.js";
import { resolveType, type ResolvedType, type StructDescriptor, type Type } from "../../../src/schema/descriptor.js";
import type { Random } from "../random-value.js";
import {
  ttypeOf,
  typeOf,
  type Elements,
  type Entries,
  type Field,
  type Node,
  type Scalar,
  type Struct,
  type Text,
} from "./node.js";
import { JsonTextSpeller } from "./json-text.js";

const NESTED: readonly ValueTType[] = [TType.STRUCT, TType.LIST, TType.SET, TType.MAP];

/** Maps with such keys are arrays of pairs. */
const NOT_NAMES: readonly ResolvedType["kind"][] = ["binary", "list", "set", "map", "struct"];

export class JsonSpeller extends JsonTextSpeller {
  /** Type of the next value; undefined where the schema does not know it. */
  #type: ResolvedType | undefined;
  readonly #around: (StructDescriptor | undefined)[] = [];
  #isKey = false;

  constructor(style: Random | undefined, descriptor: StructDescriptor) {
    super(style);
    this.#type = descriptor;
  }

  protected override scalar({ value }: Scalar): void {
    const isKey = this.#takeKey();
    const isWord = typeof value === "string" || (typeof value === "number" && !Number.isFinite(value));
    if (isWord || (isKey && typeof value === "boolean")) {
      return this.string(new TextEncoder().encode(String(value)));
    }
    const digits = this.#digits(value);
    this.token(isKey && !digits.startsWith('"') ? `"${digits}"` : digits);
  }

  protected override text(node: Text): void {
    this.#takeKey();
    this.mark(node, "size");
    const isBinary = this.#type === undefined ? node.isBinary : this.#type.kind === "binary";
    if (!isBinary) return this.string(node.bytes);
    const base64 = Buffer.from(node.bytes).toString("base64");
    this.token(`"${this.isOdd() ? base64.replace(/=+$/, "") : base64}"`);
  }

  protected override elements(node: Elements): void {
    const type = this.#type;
    const element = type?.kind === "list" || type?.kind === "set" ? type.element : undefined;
    this.token("[");
    let isFirst = true;
    for (let n = node.times ?? 1; n > 0; n--) {
      for (const item of node.items) {
        if (!isFirst) this.token(",");
        isFirst = false;
        // No count says how many will come: it is the last one that is one too many.
        this.mark(node, "size");
        this.#valueOf(item, element);
      }
    }
    this.token("]");
  }

  protected override map(node: Entries): void {
    const { entries, keyType } = node;
    const type = this.#type?.kind === "map" ? this.#type : undefined;
    // The schema decides which form a map has, in particular an empty one.
    const isObject = type === undefined ? !NESTED.includes(keyType) : !NOT_NAMES.includes(resolveType(type.key).kind);
    this.token(isObject ? "{" : "[");
    for (const [i, [key, value]] of entries.entries()) {
      if (i > 0) this.token(",");
      this.mark(node, "size");
      if (!isObject) this.token("[");
      this.#isKey = isObject;
      this.#valueOf(key, type?.key);
      this.#isKey = false;
      this.token(isObject ? ":" : ",");
      this.#valueOf(value, type?.value);
      if (!isObject) this.token("]");
    }
    this.token(isObject ? "}" : "]");
  }

  protected override *structBegin({ fields }: Struct): Iterable<Field> {
    const descriptor = this.#type?.kind === "struct" ? this.#type : undefined;
    this.#around.push(descriptor);
    this.token("{");
    for (const [i, field] of this.#ordered(fields).entries()) {
      if (i > 0) this.token(",");
      this.mark(field, "start");
      yield field;
    }
  }

  protected override field(field: Field): void {
    this.mark(field, "type");
    const known = this.#around.at(-1)?.fields.find(({ id }) => id === field.id);
    const isKnown = known !== undefined && ttypeOf(known.type) === typeOf(field.value);
    const name = isKnown ? known.name : `unknown ${String(field.id)}`;
    this.string(new TextEncoder().encode(name));
    this.token(":");
    this.#valueOf(field.value, isKnown ? known.type : undefined);
  }

  protected override structEnd(): void {
    this.#around.pop();
    this.token("}");
  }

  #valueOf(node: Node, declared: Type | undefined): void {
    const outer = this.#type;
    this.#type = declared === undefined ? undefined : resolveType(declared);
    this.value(node);
    this.#type = outer;
  }

  /** Writers follow the order of declaration; of members of one name the last stays the last. */
  #ordered(fields: readonly Field[]): readonly Field[] {
    const descriptor = this.#around.at(-1);
    if (descriptor === undefined || this.isOdd()) return fields;
    const rank = ({ id }: Field): number => descriptor.fields.findIndex((field) => field.id === id) >>> 0;
    return fields.toSorted((a, b) => rank(a) - rank(b));
  }

  #digits(value: Scalar["value"]): string {
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    const isText = typeof value === "bigint" && (!Number.isSafeInteger(Number(value)) || this.isOdd());
    return isText ? `"${String(value)}"` : String(value);
  }

  #takeKey(): boolean {
    const isKey = this.#isKey;
    this.#isKey = false;
    return isKey;
  }
}
