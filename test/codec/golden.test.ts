import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import {
  copyConstant,
  resolveType,
  type ConstantValue,
  type StructDescriptor,
  type Type,
} from "../../src/schema/descriptor.js";
import { forEachBackend, forEachCodec, type ProtocolUnderTest } from "../support/backends.js";
import {
  goldenSchema,
  goldenStruct,
  goldenVectors,
  spelledOut,
  type GoldenVector,
  type Spelled,
} from "../support/golden.js";
import { toHex } from "../support/hex.js";
import { difference, sameBytes } from "../support/outcome.js";

const schema = goldenSchema();

/** The stated value with the IDL's defaults in every field that the vector leaves out, at every depth where there are any. */
function filled(descriptor: StructDescriptor, vector: GoldenVector): Record<string, unknown> {
  const value = spelledOut(descriptor, vector.value) as Record<string, unknown>;
  for (const { name, type, defaultValue } of descriptor.fields) {
    if (value[name] !== undefined || defaultValue === undefined) continue;
    value[name] = withAllFields(resolveType(type), copyConstant(defaultValue));
  }
  return value;
}

/** A struct constant names only the fields that it sets; a decoded struct has them all. */
function withAllFields(type: ReturnType<typeof resolveType>, value: ConstantValue): unknown {
  if (type.kind !== "struct") return value;
  const given = value as Record<string, unknown>;
  return Object.fromEntries(type.fields.map(({ name }) => [name, given[name]]));
}

const withDefaults = goldenVectors.filter(({ struct }) =>
  goldenStruct(schema, struct).fields.some(({ defaultValue }) => defaultValue !== undefined),
);
const withoutDefaults = goldenVectors.filter((vector) => !withDefaults.includes(vector));
const title = ({ line, struct }: GoldenVector): string => `line ${String(line)}: ${struct}`;

it("holds vectors of each struct of the IDL", () => {
  expect(new Set(goldenVectors.map(({ struct }) => struct))).toEqual(new Set(schema.structs.map(({ name }) => name)));
  expect(withDefaults.length).toBeGreaterThan(20);
});

/** True where Python's bytes are the only right ones, to the value as it stands and in the order in which it stands. */
function hasOneSpelling(protocol: ProtocolUnderTest, { struct, value }: GoldenVector): boolean {
  return protocol !== "tjson" || hasOneText(goldenStruct(schema, struct), value);
}

/**
 * False for what TJSON has several texts for, of which Python and scrimp write different ones: doubles (17 digits there,
 * the fewest that say it here; nan and inf there, "NaN" and "Infinity" here), binary (padded there, not here), and
 * control characters in strings (as they are there, escaped here).
 */
function hasOneText(declared: Type, spelled: Spelled | undefined): boolean {
  const type = resolveType(declared);
  if (spelled === undefined) return true;
  switch (type.kind) {
    case "double":
      return false;
    case "binary":
      return !(spelled as { base64: string }).base64.endsWith("=");
    case "string":
      return !/[\0-\x1f]/.test((spelled as string).replace(/[\b\f\n\r\t]/g, ""));
    case "list":
      return (spelled as Spelled[]).every((item) => hasOneText(type.element, item));
    case "set":
      return (spelled as { set: Spelled[] }).set.every((item) => hasOneText(type.element, item));
    case "map":
      return (spelled as { map: [Spelled, Spelled][] }).map.every(
        ([key, item]) => hasOneText(type.key, key) && hasOneText(type.value, item),
      );
    case "struct":
      return type.fields.every((field) => hasOneText(field.type, (spelled as Record<string, Spelled>)[field.name]));
    default:
      return true;
  }
}

it("compares the bytes of most vectors", () => {
  const compared = goldenVectors.filter((vector) => hasOneSpelling("tjson", vector));
  expect(compared.length).toBeGreaterThan(goldenVectors.length / 2);
});

forEachCodec((protocol, backend) => {
  const codecs = new Map(schema.structs.map((struct) => [struct.name, compile(struct, { protocol, backend })]));

  describe("golden vectors without defaults", () => {
    it.each(withoutDefaults.map((vector) => [title(vector), vector] as const))("%s", (_title, vector) => {
      const codec = codecs.get(vector.struct)!;
      const bytes = vector[protocol];
      const stated = spelledOut(codec.descriptor, vector.value);
      const decoded = codec.decode(bytes);
      expect(difference(decoded, stated)).toBeUndefined();
      const again = codec.encode(decoded);
      expect(toHex(codec.encode(stated))).toBe(toHex(again));
      expect(codec.encodedSize(stated)).toBe(again.length);
      if (hasOneSpelling(protocol, vector)) expect(toHex(again)).toBe(toHex(bytes));
      else expect(difference(codec.decode(again), stated)).toBeUndefined();
    });
  });

  describe("golden vectors of structs with defaults: decoding fills in what is absent", () => {
    it.each(withDefaults.map((vector) => [title(vector), vector] as const))("%s", (_title, vector) => {
      const codec = codecs.get(vector.struct)!;
      const bytes = vector[protocol];
      const expected = filled(codec.descriptor, vector);
      const decoded = codec.decode(bytes);
      expect(difference(decoded, expected)).toBeUndefined();
      const again = codec.encode(decoded);
      expect(difference(codec.decode(again), expected)).toBeUndefined();
      // What was absent is in the bytes now: they are those of the vector exactly when nothing was.
      const wasWhole = difference(spelledOut(codec.descriptor, vector.value), expected) === undefined;
      if (hasOneSpelling(protocol, vector)) expect(sameBytes(again, bytes)).toBe(wasWhole);
      if (!wasWhole && protocol !== "tjson") expect(again.length).toBeGreaterThan(bytes.length);
    });

    it.each(withDefaults.map((vector) => [title(vector), vector] as const))(
      "%s: encoding writes them but for optional fields",
      (_title, vector) => {
        const codec = codecs.get(vector.struct)!;
        const { descriptor } = codec;
        const stated = spelledOut(descriptor, vector.value) as Record<string, unknown>;
        const expected = filled(descriptor, vector);
        for (const { name, requiredness } of descriptor.fields) {
          if (requiredness === "optional") expected[name] = stated[name];
        }
        expect(toHex(codec.encode(stated))).toBe(toHex(codec.encode(expected)));
      },
    );
  });
});

forEachBackend((backend) => {
  it("encodes the defaults of the IDL as Thrift does", () => {
    const codec = compile(schema.struct("Defaults"), { backend });
    expect(toHex(codec.encode({ k: 7 }))).toBe(
      [
        "08 0001 0000002a", // a = 42
        "0b 0002 00000005 68656c6c6f", // b = GREETING
        // c is optional: not written
        "0f 0004 08 00000004 00000002 00000003 00000005 00000007", // d = PRIMES
        "08 0005 00000002", // e = GREEN
        "0c 0006 08 0001 00000001 08 0002 00000002 00", // f = {"x": 1, "y": 2}
        "04 0007 408f400000000000", // g = 1e3
        "02 0008 01", // h = true
        "0d 0009 0b 08 00000002 00000003 6f6e65 00000001 00000003 74776f 00000002", // i = TABLE
        "0a 000a 1000000000000000", // j
        "08 000b 00000007", // k
        "00",
      ]
        .join("")
        .replaceAll(" ", ""),
    );
  });
});
