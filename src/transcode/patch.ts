/** The value at the end of a path: decoded from its bytes, or put in the place of other bytes. */

import { resolveOptions, type CodecOptions, type CodecProtocol } from "../codec/options.js";
import { planStruct, type FieldPlan } from "../codec/plan.js";
import { EncodeError } from "../errors.js";
import { allocate } from "../protocol/buffer.js";
import { COMPACT_CODES, TType } from "../protocol/ttype.js";
import { MAX_VARINT32, writeVarint32, zigzag32 } from "../protocol/varint.js";
import type { StructDescriptor, Type } from "../schema/descriptor.js";
import type { EntryGap, FieldGap, Found, ValuePlace } from "./find.js";
import { fieldHead } from "./field-head.js";
import { joined, LoneCodec } from "./lone-value.js";
import type { Step } from "./path.js";

const COMMA = Uint8Array.of(0x2c);
const CLOSE_BRACE = Uint8Array.of(0x7d);
const OPEN_BRACE = 0x7b;
const NULL_LETTER = 0x6e;
const NOTHING = new Uint8Array(0);

export class Patch {
  readonly #path: string;
  readonly #last: Step;
  readonly #protocol: CodecProtocol;
  readonly #value: LoneCodec;
  /** Of the field in its own struct: its id, and what stands before its value. */
  readonly #field: FieldPlan | undefined;
  /** Of the map that the path leads into: how it spells an entry. */
  readonly #map: LoneCodec | undefined;

  constructor(
    root: StructDescriptor,
    { path, steps }: { path: string; steps: readonly Step[] },
    options: CodecOptions,
  ) {
    const last = steps[steps.length - 1];
    const resolved = resolveOptions(options);
    this.#path = `${root.name}.${path}`;
    this.#last = last;
    this.#protocol = resolved.protocol;
    // What annotations say of a field goes for the elements in it too.
    const { field } = steps.findLast((step) => step.kind === "field")!;
    const lone = (type: Type): LoneCodec => new LoneCodec({ ...field, name: path, type }, root, options);
    this.#value = lone(last.kind === "field" ? last.field.type : last.type);
    this.#map = last.kind === "key" ? lone(last.map) : undefined;
    if (last.kind === "field") {
      this.#field = planStruct({ ...last.struct, fields: [last.field] }, resolved).root.fields[0];
    }
  }

  /** Decodes what was found. @throws DecodeError, or ProtocolError, with offsets that count from somewhere else. */
  decode(bytes: Uint8Array, place: ValuePlace): unknown {
    // A member that is null is one that is absent.
    const isNull = this.#protocol === "json" && this.#last.kind === "field" && bytes[place.start] === NULL_LETTER;
    return isNull ? undefined : this.#value.decode(bytes, place);
  }

  /** A message with a value put where it was found, or found missing. @throws EncodeError */
  apply(bytes: Uint8Array, found: Found, value: unknown): Uint8Array {
    switch (found.kind) {
      case "value": {
        const encoded = this.#value.encode(value);
        if (found.isFolded) encoded[0] |= bytes[found.start] & 0xf0;
        return spliced(bytes, [{ start: found.start, end: found.end, by: encoded }]);
      }
      case "field":
        return spliced(bytes, [this.#fieldSplice(found, value)]);
      case "entry":
        return spliced(bytes, this.#entrySplices(found, value));
      case "nowhere":
        throw new EncodeError(
          "ERR_THRIFT_REQUIRED_MISSING",
          this.#path,
          "expected a message that has what the path leads through, found one that does not",
        );
    }
  }

  #fieldSplice({ start, end, isEmpty, lastId }: FieldGap, value: unknown): Splice {
    const last = this.#last;
    // A union has one field: this one takes the place of another.
    const replaces = last.kind === "field" && last.struct.variant === "union";
    const isFirst = isEmpty || replaces;
    const field = last.kind === "field" ? this.#spellField(value, isFirst ? 0 : lastId) : this.#spellEntry(value);
    const isJson = this.#protocol === "json" || this.#protocol === "tjson";
    return { start: replaces ? start : end, end, by: isJson && !isFirst ? joined(COMMA, field) : field };
  }

  /** A field with all that is around its value but a comma. */
  #spellField(value: unknown, lastId: number): Uint8Array {
    const field = this.#field!;
    const encoded = this.#value.encode(value);
    switch (this.#protocol) {
      case "compact":
        return compactField(field, encoded, lastId);
      case "tjson":
        return joined(fieldHead("tjson", field), encoded, CLOSE_BRACE);
      default:
        return joined(fieldHead(this.#protocol, field), encoded);
    }
  }

  /** The entry of a map, cut out of a map that has no other. */
  #spellEntry(value: unknown): Uint8Array {
    const map = this.#encodeMap(value);
    switch (this.#protocol) {
      case "binary":
        return map.subarray(6);
      case "compact":
        return map.subarray(2);
      case "tjson":
        return map.subarray(map.indexOf(OPEN_BRACE) + 1, -2);
      case "json":
        return map.subarray(1, -1);
    }
  }

  #encodeMap(value: unknown): Uint8Array {
    return this.#map!.encode([[(this.#last as Step & { kind: "key" }).key, value]]);
  }

  #entrySplices(gap: EntryGap, value: unknown): Splice[] {
    // An empty map may name other types, or none.
    if (gap.size === 0) return [{ start: gap.start, end: gap.stop, by: this.#encodeMap(value) }];
    const entry = this.#spellEntry(value);
    const by = this.#protocol === "tjson" ? joined(COMMA, entry) : entry;
    return [
      { start: gap.sizeStart, end: gap.sizeEnd, by: this.#spellSize(gap.size + 1) },
      { start: gap.end, end: gap.end, by },
    ];
  }

  #spellSize(size: number): Uint8Array {
    const bytes = new Uint8Array(MAX_VARINT32);
    switch (this.#protocol) {
      case "binary":
        new DataView(bytes.buffer).setInt32(0, size);
        return bytes.subarray(0, 4);
      case "compact":
        return bytes.subarray(0, writeVarint32(bytes, 0, size));
      default:
        return new TextEncoder().encode(String(size));
    }
  }
}

function compactField({ id, value: { ttype } }: FieldPlan, encoded: Uint8Array, lastId: number): Uint8Array {
  const isBool = ttype === TType.BOOL;
  const type = isBool ? encoded[0] : COMPACT_CODES[ttype];
  const header = new Uint8Array(1 + MAX_VARINT32);
  const delta = id - lastId;
  const isShort = delta > 0 && delta <= 15;
  header[0] = isShort ? (delta << 4) | type : type;
  const end = isShort ? 1 : writeVarint32(header, 1, zigzag32(id));
  return joined(header.subarray(0, end), isBool ? NOTHING : encoded);
}

/** Bytes that take the place of others: of `bytes[start, end)`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly by: Uint8Array;
}

/** @param splices in the order in which they stand. */
function spliced(bytes: Uint8Array, splices: readonly Splice[]): Uint8Array {
  const size = splices.reduce((sum, { start, end, by }) => sum + by.length - (end - start), bytes.length);
  const result = allocate(size);
  let from = 0;
  let at = 0;
  for (const { start, end, by } of splices) {
    result.set(bytes.subarray(from, start), at);
    at += start - from;
    result.set(by, at);
    at += by.length;
    from = end;
  }
  result.set(bytes.subarray(from), at);
  return result;
}
