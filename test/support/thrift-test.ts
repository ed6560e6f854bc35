/**
 * What Apache's ThriftTest sends and expects, method by method, as values of the argument and result structs; and the
 * structs by which it tests evolution. The IDL is the copy that the npm package thriftrw ships.
 */

import { readFileSync } from "node:fs";
import { resolveType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import { exceptionClass } from "../../src/schema/exception.js";
import { parseSchema } from "../../src/schema/parse.js";

const IDL_FILE = new URL("../../node_modules/thriftrw/test/thrift/ThriftTest.thrift", import.meta.url);

/** The copy is older than uuid. */
const NEWER = "service NewerTest { uuid testUuid(1: uuid thing) }";

export const thriftTestIdl = readFileSync(IDL_FILE, "utf8");

export const thriftTestSchema = parseSchema({ "ThriftTest.thrift": `${thriftTestIdl}\n${NEWER}\n` });

/** A value that must arrive as it is. */
export interface Row {
  title: string;
  type: StructDescriptor;
  value: Record<string, unknown>;
  /** Why Apache's Python library cannot take part. */
  notInPython?: string;
}

/** A value of one struct that is read as another. */
export interface EvolutionRow {
  title: string;
  written: StructDescriptor;
  value: Record<string, unknown>;
  read: StructDescriptor;
  /** What comes out of it. */
  expected: Record<string, unknown>;
}

/** Names that Wikipedia's editions go by, in many scripts. */
const LANGUAGES = [
  "Afrikaans, Alemannisch, Aragonés, العربية, مصرى, অসমীয়া, Asturianu, Aymar aru, Azərbaycanca, Башҡортса, Boarisch,",
  "Žemaitėška, Беларуская, Беларуская (тарашкевіца), Български, भोजपुरी, Bamanankan, বাংলা, བོད་ཡིག, Brezhoneg, Bosanski,",
  "Català, Mìng-dĕ̤ng-ngṳ̄, Нохчийн, Cebuano, ᏣᎳᎩ, Qırımtatarca, Česky, Словѣ́ньскъ / ⰔⰎⰑⰂⰡⰐⰠⰔⰍⰟ, Чӑвашла, Cymraeg,",
  "Dansk, Zazaki, ދިވެހިބަސް, Ελληνικά, Emiliàn e rumagnòl, English, Esperanto, Español, Eesti, Euskara, فارسی, Suomi,",
  "Võro, Føroyskt, Français, Arpetan, Furlan, Frysk, Gaeilge, 贛語, Gàidhlig, Galego, Avañe'ẽ, ગુજરાતી, Gaelg, Hak-kâ-fa,",
  "עברית, हिन्दी, Fiji Hindi, Hrvatski, Hornjoserbsce, Kreyòl ayisyen, Magyar, Հայերեն, Interlingua, Bahasa Indonesia,",
  "Ilokano, Ido, Íslenska, Italiano, 日本語, Lojban, Basa Jawa, ქართული, Қазақша, ភាសាខ្មែរ, ಕನ್ನಡ, 한국어, Kurdî / كوردی,",
  "Коми, Kernewek, Кыргызча, Latina, Ladino, Lëtzebuergesch, Limburgs, Lumbaart, ລາວ, Lietuvių, Latviešu, Malagasy, Māori,",
  "Македонски, മലയാളം, Монгол, मराठी, Bahasa Melayu, မြန်မာဘာသာ, Nāhuatl, Napulitano, नेपाल भाषा, Nederlands, Norsk bokmål,",
  "Diné bizaad, Occitan, Иронау, ਪੰਜਾਬੀ, Polski, پښتو, Português, Runa Simi, Română, Русский, संस्कृतम्, Саха тыла, Sicilianu,",
  "සිංහල, Slovenčina, Slovenščina, Shqip, Српски / Srpski, Seeltersk, Svenska, Kiswahili, தமிழ், తెలుగు, Тоҷикӣ, ไทย, Türkmençe,",
  "Tagalog, Türkçe, Татарча, Українська, اردو, Oʻzbekcha, Vèneto, Tiếng Việt, Volapük, Walon, 吴语, ייִדיש, Yorùbá, 中文, 文言, 粵語, 𐌲𐌿𐍄𐌹𐍃𐌺",
].join(" ");

const ESCAPES =
  'quote: " backslash: \\ forwardslash: / backspace: \b formfeed: \f newline: \n return: \r tab: \t ' +
  'all of them together: "\\/\b\f\n\r\t and junk: !@#$%&()(&%$#{}{}<><>< ' +
  'what misleads parsers of JSON: ]] "]] \\" }}}{ [[[ ';

const XTRUCT = { string_thing: "Zero", byte_thing: 1, i32_thing: -3, i64_thing: -5n };

const INSANITY = {
  userMap: new Map([
    [5, 5n],
    [8, 8n],
  ]),
  xtructs: [
    { string_thing: "Goodbye4", byte_thing: 4, i32_thing: 4, i64_thing: 4n },
    { string_thing: "Hello2", byte_thing: 2, i32_thing: 2, i64_thing: 2n },
  ],
};

const HELLO2 = { string_thing: "Hello2", byte_thing: 42, i32_thing: 4242, i64_thing: 424242n };

const VERSION2 = {
  begin_in_both: -1,
  newint: 2,
  newbyte: -3,
  newshort: 4,
  newlong: -(2n ** 40n),
  newdouble: 5.5,
  newstruct: { message: "bonk", type: 6 },
  newlist: [7, -8, 9],
  newset: new Set([10]),
  newmap: new Map([
    [11, 12],
    [-13, 14],
  ]),
  newstring: "näw",
  end_in_both: 15,
};

const BOOLS = { im_true: true, im_false: false };

/** Methods whose result is their argument, and what is sent. */
const ECHOES: Readonly<Record<string, readonly unknown[]>> = {
  testString: ["", "Test", LANGUAGES, ESCAPES],
  testByte: [0, -1, 42, -42, 127, -128],
  testI32: [0, -1, 190000013, -190000013, 2 ** 31 - 1, -(2 ** 31)],
  testI64: [
    0n,
    -1n,
    7000000000000000123n,
    -7000000000000000123n,
    2n ** 32n,
    -(2n ** 32n),
    2n ** 32n + 1n,
    -(2n ** 32n) - 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ],
  testDouble: [
    ...[0, -0, -1, -5.2098523, -0.000341012439638598279, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, -(2 ** 32), -(2 ** 32) - 1],
    ...[-(2 ** 53) + 1, 1e307, -1e307, 1e-292, -1e-292, 1e-307, NaN, Infinity, -Infinity],
  ],
  testBinary: [0, ...Array.from({ length: 18 }, (_, i) => 2 ** i)].map((length) =>
    Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff),
  ),
  testStruct: [XTRUCT],
  testNest: [{ byte_thing: 1, struct_thing: XTRUCT, i32_thing: 5 }],
  testMap: [new Map(Array.from({ length: 5 }, (_, i) => [i, i - 10])), new Map()],
  testStringMap: [
    new Map([
      ["a", "2"],
      ["b", "blah"],
      ["some", "thing"],
    ]),
    new Map([[ESCAPES, LANGUAGES]]),
  ],
  testSet: [new Set([-2, -1, 0, 1, 2]), new Set()],
  testList: [[-2, -1, 0, 1, 2], []],
  testEnum: [1, 2, 3, 5, 8, -5],
  testTypedef: [309858235082523n],
  testUuid: ["5e2ab188-1726-4e75-a04f-1ed9a6a89c4c", "00000000-0000-0000-0000-000000000000"],
};

/** Arguments and results of the other methods. */
const CALLS: readonly (readonly [method: string, part: "args" | "result", value: Record<string, unknown>])[] = [
  ["testVoid", "args", {}],
  ["testVoid", "result", {}],
  ["testMapMap", "args", { hello: 1 }],
  ["testMapMap", "result", { success: mapMap() }],
  ["testInsanity", "args", { argument: INSANITY }],
  ["testInsanity", "result", { success: insanities() }],
  [
    "testMulti",
    "args",
    {
      arg0: 42,
      arg1: 4242,
      arg2: 424242n,
      arg3: new Map([
        [1, "blah"],
        [2, "thing"],
      ]),
      arg4: 8,
      arg5: 24n,
    },
  ],
  ["testMulti", "result", { success: HELLO2 }],
  ["testException", "args", { arg: "Xception" }],
  ["testException", "result", { err1: { errorCode: 1001, message: "Xception" } }],
  ["testMultiException", "args", { arg0: "Xception2", arg1: "ignored" }],
  ["testMultiException", "result", { err1: { errorCode: 1001, message: "This is an Xception" } }],
  [
    "testMultiException",
    "result",
    { err2: { errorCode: 2002, struct_thing: { string_thing: "This is an Xception2" } } },
  ],
  ["testMultiException", "result", { success: { string_thing: "arg1" } }],
  ["testOneway", "args", { secondsToSleep: 1 }],
  ["secondtestString", "args", { thing: "foo" }],
  ["secondtestString", "result", { success: "foo" }],
];

/** Structs of no method. */
const STRUCTS: readonly (readonly [name: string, value: Record<string, unknown>, notInPython?: string])[] = [
  ["Bools", BOOLS],
  ["EmptyStruct", {}],
  ["OneField", { field: {} }],
  ["OneField", {}],
  ["VersioningTestV1", { begin_in_both: 1, old_string: "old", end_in_both: 2 }],
  ["VersioningTestV2", VERSION2],
  ["ListTypeVersioningV1", { myints: [1, -2, 3], hello: "hello" }],
  ["ListTypeVersioningV2", { strings: ["1", "", "3"], hello: "hello" }],
  ["GuessProtocolStruct", { map_field: new Map([["binary", "compact"]]) }],
  [
    "LargeDeltas",
    {
      b1: BOOLS,
      b10: BOOLS,
      b100: BOOLS,
      check_true: true,
      b1000: BOOLS,
      check_false: false,
      vertwo2000: VERSION2,
      a_set2500: new Set(["lazy"]),
      vertwo3000: VERSION2,
      big_numbers: [2 ** 30, -(2 ** 30), 2 ** 31 - 1],
    },
  ],
  ["NestedListsI32x2", { integerlist: [[1, 2], [], [3]] }],
  ["NestedListsI32x3", { integerlist: [[[1, 2], []], [], [[2 ** 31 - 1], [-(2 ** 31)]]] }],
  [
    "NestedMixedx2",
    {
      int_set_list: [new Set([1]), new Set(), new Set([-2])],
      map_int_strset: new Map([[3, new Set(["three"])]]),
      map_int_strset_list: [new Map([[4, new Set<string>()]]), new Map()],
    },
  ],
  ["ListBonks", { bonk: [{ message: "a", type: 1 }, {}] }],
  ["NestedListsBonk", { bonk: [[[{ message: "b", type: -1 }], []], []] }],
  ["BoolTest", { b: true, s: "true" }],
  ["BoolTest", { b: false, s: "" }],
  ["StructB", { aa: { s: "optional" }, ab: { s: "required" } }],
  ["StructB", { ab: { s: "" } }],
  [
    "CrazyNesting",
    {
      string_field: LANGUAGES,
      set_field: new Set([INSANITY, {}]),
      list_field: [new Map([[new Set([1]), new Map([[2, new Set([[new Map([[INSANITY, "deep"]])]])]])]]), new Map()],
      binary_field: Uint8Array.of(0, 1, 255),
    },
    "structs and containers cannot be hashed, so they are no members of sets and no keys",
  ],
];

function mapMap(): Map<number, Map<number, number>> {
  const negative = new Map([-4, -3, -2, -1].map((n) => [n, n]));
  const positive = new Map([1, 2, 3, 4].map((n) => [n, n]));
  return new Map([
    [-4, negative],
    [4, positive],
  ]);
}

function insanities(): Map<bigint, Map<number, object>> {
  return new Map<bigint, Map<number, object>>([
    [
      1n,
      new Map([
        [2, INSANITY],
        [3, INSANITY],
      ]),
    ],
    [2n, new Map([[6, {}]])],
  ]);
}

/** Every value of ThriftTest that must arrive as it was sent. */
export const thriftTestRows: readonly Row[] = [
  ...Object.entries(ECHOES).flatMap(([name, values]) => {
    const { args, result } = method(name);
    const rest = name === "testUuid" ? { notInPython: "0.17 has no uuid" } : {};
    return values.flatMap((value, i) => [
      { ...row(`${name}, argument ${i}`, args, { [args.fields[0].name]: value }), ...rest },
      { ...row(`${name}, result ${i}`, result!, { success: value }), ...rest },
    ]);
  }),
  ...CALLS.map(([name, part, value], i) => row(`${name}, ${part} (${i})`, method(name)[part]!, value)),
  ...STRUCTS.map(([name, value, notInPython], i) => ({
    ...row(`${name} (${i})`, thriftTestSchema.struct(name), value),
    ...(notInPython === undefined ? {} : { notInPython }),
  })),
];

/** Every pair of structs by which ThriftTest tests evolution. */
export const evolutionRows: readonly EvolutionRow[] = [
  evolution("an old reader skips new fields of every type", "VersioningTestV2", VERSION2, {
    VersioningTestV1: { begin_in_both: -1, end_in_both: 15 },
  }),
  evolution(
    "a new reader takes an id that changed its type for unknown",
    "VersioningTestV1",
    { begin_in_both: 1, old_string: "old", end_in_both: 2 },
    { VersioningTestV2: { begin_in_both: 1, end_in_both: 2 } },
  ),
  evolution("byte became i32", "Xtruct", XTRUCT, {
    Xtruct3: { string_thing: "Zero", i32_thing: -3, i64_thing: -5n },
  }),
  evolution(
    "i32 became byte",
    "Xtruct3",
    { string_thing: "Zero", changed: 4, i32_thing: -3, i64_thing: -5n },
    {
      Xtruct: { string_thing: "Zero", i32_thing: -3, i64_thing: -5n },
    },
  ),
  evolution(
    "an empty list of another type is empty",
    "ListTypeVersioningV1",
    { myints: [], hello: "hello" },
    {
      ListTypeVersioningV2: { strings: [], hello: "hello" },
    },
  ),
  evolution("a field was removed", "OneField", { field: {} }, { EmptyStruct: {} }),
  evolution("a field was added", "EmptyStruct", {}, { OneField: {} }),
  evolution("defaults fill what an old writer does not know", "EmptyStruct", {}, { BoolTest: { b: true, s: "true" } }),
  evolution("fields far apart", "LargeDeltas", STRUCTS.find(([name]) => name === "LargeDeltas")![1], {
    OneField: { field: {} },
  }),
  evolution(
    "lists nested deeper, empty",
    "NestedListsI32x3",
    { integerlist: [[], []] },
    {
      NestedListsI32x2: { integerlist: [[], []] },
    },
  ),
];

function evolution(
  title: string,
  written: string,
  value: Record<string, unknown>,
  expected: Readonly<Record<string, Record<string, unknown>>>,
): EvolutionRow {
  const [[read, comesOut]] = Object.entries(expected);
  const [writer, reader] = [thriftTestSchema.struct(written), thriftTestSchema.struct(read)];
  return {
    title: `${title}: ${written} as ${read}`,
    written: writer,
    value: complete(writer, value) as Record<string, unknown>,
    read: reader,
    expected: complete(reader, comesOut) as Record<string, unknown>,
  };
}

function method(name: string): { args: StructDescriptor; result: StructDescriptor | undefined } {
  return thriftTestSchema.services.flatMap(({ methods }) => methods).find((each) => each.name === name)!;
}

function row(title: string, type: StructDescriptor, value: Record<string, unknown>): Row {
  return { title, type, value: complete(type, value) as Record<string, unknown> };
}

/** The value as decoders give it: every declared field, unset ones undefined, and exceptions as instances. */
function complete(declared: Type, value: unknown): unknown {
  const type = resolveType(declared);
  if (value === undefined) return undefined;
  switch (type.kind) {
    case "list":
      return (value as unknown[]).map((item) => complete(type.element, item));
    case "set":
      return new Set([...(value as Set<unknown>)].map((item) => complete(type.element, item)));
    case "map":
      return new Map(
        [...(value as Map<unknown, unknown>)].map(([key, item]) => [
          complete(type.key, key),
          complete(type.value, item),
        ]),
      );
    case "struct": {
      const given = value as Record<string, unknown>;
      const fields = Object.fromEntries(
        type.fields.map(({ name, type: fieldType }) => [name, complete(fieldType, given[name])]),
      );
      return type.variant === "exception" ? Object.assign(new (exceptionClass(type))(), fields) : fields;
    }
    default:
      return value;
  }
}
