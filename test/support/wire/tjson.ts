/** TJSONProtocol. Blanks may stand between tokens, characters may be escaped, base64 may be padded. */

import { TType, type ValueTType } from "../../../src/protocol/ttype.js";
import type { Elements, Entries, Field, Node, Scalar, Struct, Text } from "./node.js";
import { JsonTextSpeller } from "./json-text.js";
import { countOf } from "./speller.js";

const NAMES: Readonly<Record<ValueTType, string>> = {
  [TType.BOOL]: "tf",
  [TType.I8]: "i8",
  [TType.I16]: "i16",
  [TType.I32]: "i32",
  [TType.I64]: "i64",
  [TType.DOUBLE]: "dbl",
  [TType.STRING]: "str",
  [TType.STRUCT]: "rec",
  [TType.MAP]: "map",
  [TType.SET]: "set",
  [TType.LIST]: "lst",
  [TType.UUID]: "uid",
};

export class TJsonSpeller extends JsonTextSpeller {
  /** What stands before the next value. */
  #separator = "";
  /** The next value is a key, whose numbers stand in quotes. */
  #isKey = false;

  protected override begin(node: Node): void {
    // In a container the comma or colon in front of a value is read with it.
    super.begin(node);
    if (this.#separator !== "") this.token(this.#separator);
    this.#separator = "";
  }

  protected override scalar({ type, value }: Scalar): void {
    const isKey = this.#isKey;
    this.#isKey = false;
    if (type === TType.UUID) return this.string(new TextEncoder().encode(value as string));
    const digits = this.#digits(type, value);
    this.token(isKey && !digits.startsWith('"') ? `"${digits}"` : digits);
  }

  protected override text(node: Text): void {
    const { bytes, isBinary } = node;
    this.#isKey = false;
    // There is no length: it is the string itself that is too long.
    this.mark(node, "size");
    if (!isBinary) return this.string(bytes);
    const base64 = Buffer.from(bytes).toString("base64");
    this.token(`"${this.isOdd() ? base64 : base64.replace(/=+$/, "")}"`);
  }

  protected override elements(node: Elements): void {
    this.#isKey = false;
    this.token("[");
    this.token(`"${NAMES[node.elementType]}"`);
    this.#count(node);
    this.items(node);
    this.token("]");
  }

  protected override beforeItem(): void {
    this.#separator = ",";
  }

  protected override map(node: Entries): void {
    this.#isKey = false;
    this.token("[");
    this.token(`"${NAMES[node.keyType]}"`);
    this.token(",");
    this.token(`"${NAMES[node.valueType]}"`);
    this.#count(node);
    this.token(",");
    this.token("{");
    this.#entries(node.entries);
    this.token("}");
    this.token("]");
  }

  protected override *structBegin({ fields }: Struct): Iterable<Field> {
    this.#isKey = false;
    this.token("{");
    for (const [i, field] of fields.entries()) {
      this.mark(field, "start");
      if (i > 0) this.token(",");
      yield field;
    }
  }

  protected override field(field: Field): void {
    this.token(`"${String(field.id)}"`);
    this.token(":");
    this.token("{");
    this.mark(field, "type");
    this.token(`"${NAMES[field.type]}"`);
    this.token(":");
    this.value(field.value);
    this.token("}");
  }

  protected override structEnd(): void {
    this.token("}");
  }

  #digits(type: Scalar["type"], value: Scalar["value"]): string {
    if (typeof value === "boolean") return value ? "1" : "0";
    if (type !== TType.DOUBLE) return String(value);
    if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
    return `"${String(value)}"`;
  }

  #entries(entries: readonly [Node, Node][]): void {
    for (const [i, [key, value]] of entries.entries()) {
      this.#separator = i === 0 ? "" : ",";
      this.#isKey = true;
      this.value(key);
      this.#separator = ":";
      this.value(value);
    }
  }

  #count(node: Elements | Entries): void {
    this.token(",");
    this.size(node, countOf(node), (ink, size) => {
      ink.ascii(String(size));
    });
    this.blank();
  }
}
