/** TJSONProtocol in generated source. protocol/tjson.ts draws the layouts. */

import { JSON_DOUBLE_BYTES, JSON_INTEGER_BYTES, writeBase64 } from "../../protocol/json/printer.js";
import { TJSON_NAMES, type ValueTType } from "../../protocol/ttype.js";
import type { ValueKind } from "../plan.js";
import { join, js, NOTHING, type Code } from "./code.js";
import type { DecodeDialect, Dialect, EncodeDialect } from "./dialect.js";
import { viewOf } from "./input.js";
import { base64Writer, writeJsonText } from "./json-output.js";
import {
  closeKey,
  fieldSkipper,
  openKey,
  readTJsonNumbers,
  takeBool,
  takeCharacter,
  takeDouble,
  takeDoubleKey,
  takeHeader,
  takeI32,
  takeI64,
  takeListHeader,
  takeMapHeader,
  takeSafeInteger,
  textReaders,
} from "./tjson-read.js";
import {
  putDouble,
  putDoubleKey,
  putI64,
  putInteger,
  putUuid,
  writeUnknown,
  writeTJsonNumbers,
} from "./tjson-write.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Most bytes of an i32: `-2147483648`. */
const I32_BYTES = 11;

/** Kinds whose values are numbers, which stand in quotes as keys. Doubles see to it themselves. */
const NUMBERS: ReadonlySet<ValueKind> = new Set<ValueKind>(["bool", "i8", "i16", "i32", "i64", "enum"]);

const encode: EncodeDialect = {
  runtime: { putInteger, putI64, putDouble, putDoubleKey, putUuid },
  writeText: writeJsonText,
  writeBytes: base64Writer(writeBase64),
  writeNumbers: writeTJsonNumbers,
  writeUnknown,
  previousId: js`0`,
  // s: where the struct begins. The comma of its first field is written there, and becomes the brace in the end.
  locals: js`, s = p`,
  // `,"-32768":{"dbl":` in words of four bytes.
  headerBytes: 20,
  // `["str","str",`, a size and `,{`.
  containerBytes: 16 + I32_BYTES + 2,
  mostBytes: {
    bool: 1,
    i8: 4,
    i16: 6,
    i32: I32_BYTES,
    i64: JSON_INTEGER_BYTES,
    double: JSON_DOUBLE_BYTES,
    enum: I32_BYTES,
    uuid: 38,
  },
  header: ({ id, value }) => put(`,"${id}":{"${TJSON_NAMES[value.ttype]}":`),
  fieldValue: () => undefined,
  scalars: {
    bool: (v) => js`  view.setInt8(p++, ${v} === true ? 49 : ${v} === false ? 48 : fail());\n`,
    i8: putNumber,
    i16: putNumber,
    i32: putNumber,
    double: (v) => js`  p = putDouble(${v}, p);\n`,
  },
  i64: (v) => js`  p = putI64(${v}, p);\n`,
  uuid: (v) => js`  p = putUuid(${v}, p);\n`,
  stop: js`  if (p === s) p++; view.setInt8(s, ${OPEN_BRACE}); view.setInt8(p++, ${CLOSE_BRACE});\n`,
  listHeader: ({ ttype }, count) => js`${put(`["${TJSON_NAMES[ttype]}",`)}${putNumber(count)}`,
  mapBegin: ({ entries, spare }, key, value) =>
    js`  var ${spare} = sizeOf(${entries});
${put(`["${TJSON_NAMES[key.ttype]}","${TJSON_NAMES[value.ttype]}",`)}${putNumber(spare)}${put(",{")}`,
  // A Map may change under a getter of its own values: then the size written is wrong.
  mapEnd: ({ spare, count }) => js`  if (${count} !== ${spare}) fail();\n${put("}]")}`,
  punctuation: {
    // A comma and two quotes, or the brackets that end a map as a word.
    bytes: 4,
    fieldEnd: putCharacter(CLOSE_BRACE),
    elementBegin: putCharacter(COMMA),
    listEnd: putCharacter(CLOSE_BRACKET),
    key({ kind }, { from, count, write }) {
      const comma = js`  if (${count} > 1) view.setInt8(p++, ${COMMA});\n`;
      const colon = putCharacter(COLON);
      if (kind === "double") return js`${comma}  p = putDoubleKey(${from}, p);\n${colon}`;
      if (!NUMBERS.has(kind)) return js`${comma}${write}${colon}`;
      return js`${comma}${putCharacter(QUOTE)}${write}${putCharacter(QUOTE)}${colon}`;
    },
  },
};

/** Text whose length nothing bounds is never put so. The last word may be written beyond the text. */
function put(text: string): Code {
  const words: Code[] = [];
  for (let i = 0; i < text.length; i += 4) {
    const word = [0, 1, 2, 3].reduce((bits, j) => (bits << 8) | (text.charCodeAt(i + j) || 0), 0);
    words.push(js` view.setInt32(${i === 0 ? js`p` : js`p + ${i}`}, ${word});`);
  }
  return js` ${join(words, "")} p += ${text.length};\n`;
}

function putCharacter(character: number): Code {
  return js`  view.setInt8(p++, ${character});\n`;
}

function putNumber(value: Code): Code {
  return js`  p = putInteger(${value}, p);\n`;
}

const decode: DecodeDialect = {
  runtime: {
    closeKey,
    openKey,
    takeBool,
    takeCharacter,
    takeDouble,
    takeDoubleKey,
    takeHeader,
    takeI32,
    takeI64,
    takeListHeader,
    takeMapHeader,
    takeSafeInteger,
  },
  fieldSkipper,
  unknownField: (header, start, end) => ({
    id: (header << 16) >> 16,
    type: (header >> 16) as ValueTType,
    bytes: viewOf(start, end),
  }),
  readNumbers: readTJsonNumbers,
  // c: what stands before the next field.
  locals: js`, h, c = ${OPEN_BRACE}`,
  readHeader: js`h = takeHeader(p, c); c = ${COMMA}; p = input.position;`,
  isStop: js`h === 0`,
  enterField: NOTHING,
  structEnd: js`p`,
  isHeader: ({ id, value }) => js`h === ${(value.ttype << 16) | (id & 0xffff)}`,
  idBits: ({ id }) => id & 0xffff,
  fieldValue: () => undefined,
  scalars: {
    bool: (to) => take(js`takeBool`, to),
    i8: (to) => js`${take(js`takeI32`, to)}      if (${to} << 24 >> 24 !== ${to}) fail();\n`,
    i16: (to) => js`${take(js`takeI32`, to)}      if (${to} << 16 >> 16 !== ${to}) fail();\n`,
    i32: (to) => take(js`takeI32`, to),
    double: (to) => take(js`takeDouble`, to),
  },
  i64: (as, to) => {
    if (as === "number") return take(js`takeSafeInteger`, to);
    return as === "bigint" ? take(js`takeI64`, to) : js`      ${to} = takeI64(p).toString(); p = input.position;\n`;
  },
  text: {
    runtime: textReaders,
    string: (to) => take(js`takeText`, to),
    binary: (to) => take(js`takeBinary`, to),
    uuid: (to) => take(js`takeUuid`, to),
  },
  length: () => NOTHING,
  listHeader: ({ count }, { ttype }) => ({
    read: js`      var ${count} = takeListHeader(p, ${ttype}); p = input.position;\n`,
    isOther: js`false`,
  }),
  mapHeader: ({ count }, key, value) => ({
    read: js`      var ${count} = takeMapHeader(p, ${key.ttype}, ${value.ttype}); p = input.position;\n`,
    isOther: js`false`,
  }),
  punctuation: {
    elementBegin: takePunctuation(COMMA),
    listEnd: takePunctuation(CLOSE_BRACKET),
    key({ kind }, { to, index, read }) {
      const comma = js`      if (${index} > 0) {\n${takePunctuation(COMMA)}      }\n`;
      if (kind === "double") return js`${comma}${take(js`takeDoubleKey`, to)}${takePunctuation(COLON)}`;
      if (!NUMBERS.has(kind)) return js`${comma}${read}${takePunctuation(COLON)}`;
      return js`${comma}      p = openKey(p);\n${read}      p = closeKey(p);\n`;
    },
    mapEnd: js`${takePunctuation(CLOSE_BRACE)}${takePunctuation(CLOSE_BRACKET)}`,
  },
};

function take(read: Code, to: Code): Code {
  return js`      ${to} = ${read}(p); p = input.position;\n`;
}

/** A byte behind the end of the message may be taken here: then the end is missed by what follows, which is never nothing. */
function takePunctuation(character: number): Code {
  return js`      if (view.getInt8(p) === ${character}) p++; else p = takeCharacter(p, ${character});\n`;
}

export const tjsonDialect: Dialect = { encode, decode };
