import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { resolveOptions } from "../../src/codec/options.js";
import { planStruct } from "../../src/codec/plan.js";
import { treeLines, treeRows, type TreeRow } from "../../src/cli/tree.js";
import { parseSchema } from "../../src/schema/parse.js";
import { goldenSchema, goldenStruct, goldenVectors } from "../support/golden.js";
import { hex } from "../support/hex.js";

const IDL = `
enum Color { RED = 1 }
struct Point { 1: i32 x, 2: Color color }
struct Shape { 1: string name, 2: list<Point> points, 3: map<string, double> sizes, 4: binary blob, 5: bool on }`;
const Shape = parseSchema({ "a.thrift": IDL }).struct("Shape");
const shape = planStruct(Shape, resolveOptions({}));
const compactShape = planStruct(Shape, resolveOptions({ protocol: "compact" }));

function rows(bytes: Uint8Array, plan = shape): string[] {
  return Array.from(treeRows(bytes, plan), ({ offset, end, level, label, type, value, kind }) =>
    [`${offset}-${end}`, "  ".repeat(level) + label, type, value, kind === "value" ? "" : kind].join("|"),
  );
}

describe("the annotated dump", () => {
  it("shows offset, bytes, field, type and value", () => {
    const bytes = hex`
      0b 0001 00000001 41            // name "A"
      0f 0002 0c 00000001            // points
        08 0001 ffffffff             //   x -1
        08 0002 00000001             //   color RED
        00
      0d 0003 0b 04 00000001         // sizes
        00000001 62 3ff8000000000000 //   "b" 1.5
      0b 0004 00000002 00ff          // blob
      02 0005 01
      00`;
    expect(rows(bytes)).toEqual([
      "0-0|Shape|struct||",
      '0-8|  1 name|string|"A"|',
      "8-16|  2 points|list<Point>|1 element of struct|",
      "16-16|    [0]|Point||",
      "16-23|      1 x|i32|-1|",
      "23-30|      2 color|Color|RED (1)|",
      "30-31|      STOP|||",
      "31-40|  3 sizes|map<string,double>|1 entry of string, double|",
      '40-45|    {key 0}|string|"b"|',
      "45-53|    {0}|double|1.5|",
      "53-62|  4 blob|binary|2 bytes: 00 ff|",
      "62-66|  5 on|bool|true|",
      "66-67|  STOP|||",
    ]);
  });

  it("shows unknown fields, and known ones of another wire type, by wire type", () => {
    const bytes = hex`
      0b 0063 00000002 6869   // 99, text
      0c 0064 08 0001 00000007 00
      0e 0065 06 00000001 0005
      0a 0001 0000000000000001 // name as i64
      00`;
    expect(rows(bytes).slice(1)).toEqual([
      '0-9|  99 ?|string|"hi"|unknown',
      "9-12|  100 ?|struct||unknown",
      "12-19|    1 ?|i32|7|unknown",
      "19-20|    STOP|||",
      "20-28|  101 ?|set|1 element of i16|unknown",
      "28-30|    [0]|i16|5|unknown",
      "30-41|  1 name|i64|1|unknown",
      "41-42|  STOP|||",
    ]);
  });

  it.each([
    [
      "a string that lies",
      hex`02 0005 01  0b 0001 7fffffff 41`,
      "4-12|  1 name|string|expected string, found a length over",
    ],
    ["a cut header", hex`02 0005 01  0b 00`, "4-6|  |field header|expected a field id, found the end"],
    ["an unknown wire type", hex`02 0005 01  07 0001`, "4-7|  |field header|expected a field of a known type"],
    [
      "a count that lies",
      hex`02 0005 01  0f 0002 0c 7fffffff`,
      "4-12|  2 points|list<Point>|expected no more elements",
    ],
    ["elements of no type", hex`02 0005 01  0f 0002 07 00000001 00`, "4-13|  2 points|list<Point>|elements of type 7"],
    ["bytes after the value", hex`02 0005 01 00 ffff`, "5-7||| 2 bytes after the value".replace("| 2", "|2")],
  ])("shows all up to %s", (_, bytes, last) => {
    const shown = rows(bytes);
    expect(shown[1]).toBe("0-4|  5 on|bool|true|");
    expect(shown.at(-1)).toContain(last);
    expect(shown.at(-1)).toMatch(/\|broken$/);
  });

  it("gives up on nesting as decoders do", () => {
    const nested = hex`0c 0063`;
    const bytes = Buffer.concat(Array.from({ length: 30_000 }, () => nested));
    expect(rows(bytes).at(-1)).toContain("nested deeper than the limit|broken");
  });

  it("shows compact: bools in headers, field ids as differences or in full, maps without types when empty", () => {
    const bytes = hex`
      18 01 41              // name "A"
      19 1c                 // points
        15 01               //   x -1
        15 02               //   color RED
        00
      1b 00                 // sizes
      21                    // on: true
      12                    // 6, a bool
      09 c601 21 0102       // 99, a list of bools, its id in full
      0b 02 01 33 01 07     // 1 again, as map<i8,i8>
      00`;
    expect(rows(bytes, compactShape)).toEqual([
      "0-0|Shape|struct||",
      '0-3|  1 name|string|"A"|',
      "3-5|  2 points|list<Point>|1 element of struct|",
      "5-5|    [0]|Point||",
      "5-7|      1 x|i32|-1|",
      "7-9|      2 color|Color|RED (1)|",
      "9-10|      STOP|||",
      "10-12|  3 sizes|map<string,double>|0 entries|",
      "12-13|  5 on|bool|true|",
      "13-14|  6 ?|bool|false|unknown",
      "14-18|  99 ?|list|2 elements of bool|unknown",
      "18-19|    [0]|bool|true|unknown",
      "19-20|    [1]|bool|false|unknown",
      "20-24|  1 name|map|1 entry of i8, i8|unknown",
      "24-25|    {key 0}|i8|1|unknown",
      "25-26|    {0}|i8|7|unknown",
      "26-27|  STOP|||",
    ]);
  });

  it("shows TJSON: what closes a value in the row of its end, binaries that are unknown as their base64", () => {
    const text = `{"1":{"str":"A\\n"},"2":{"lst":["rec",1,{"1":{"i32":-1}}]},"4":{"str":"AP8"},"9":{"str":"AP8"}}`;
    const plan = planStruct(Shape, resolveOptions({ protocol: "tjson" }));
    const shown = Array.from(treeRows(Buffer.from(text), plan), ({ offset, end, label, type, value }) =>
      [text.slice(offset, end), label, type, value].join(" | "),
    );
    expect(shown).toEqual([
      "{ | Shape | struct | ",
      '"1":{"str":"A\\n"} | 1 name | string | "A\\n"',
      ',"2":{"lst":["rec",1 | 2 points | list<Point> | 1 element of struct',
      ",{ | [0] | Point | ",
      '"1":{"i32":-1} | 1 x | i32 | -1',
      "}]} | STOP |  | ",
      ',"4":{"str":"AP8"} | 4 blob | binary | 2 bytes: 00 ff',
      ',"9":{"str":"AP8"} | 9 ? | string | "AP8"',
      "} | STOP |  | ",
    ]);
  });

  describe.each(["binary", "compact", "tjson"] as const)("of %s", (protocol) => {
    it("covers every byte of every golden vector, and of every truncation up to the cut", () => {
      const schema = goldenSchema();
      for (const { line, struct: name, binary } of goldenVectors) {
        const struct = goldenStruct(schema, name);
        const bytes = compile(struct, { protocol }).encode(compile(struct).decode(binary));
        const plan = planStruct(struct, resolveOptions({ protocol }));
        const whole = { end: bytes.length, isBroken: false, isGapless: true };
        expect(gaps(treeRows(bytes, plan)), `line ${line}`).toEqual(whole);
        for (let cut = 0; cut < Math.min(bytes.length, 32); cut++) {
          const found = gaps(treeRows(bytes.subarray(0, cut), plan));
          expect(found, `line ${line} cut to ${cut}`).toEqual({ end: cut, isBroken: true, isGapless: true });
        }
      }
    });
  });

  it("cuts long text and long binaries, and prints nothing that steers a terminal", () => {
    const text = `\u001b[31m\u009b${"é".repeat(100)}`;
    const bytes = hex`0b 0001 ${Buffer.from([0, 0, 0, Buffer.byteLength(text)])} ${Buffer.from(text)}
      0b 0004 00000040 ${new Uint8Array(64)} 00`;
    const [, name, blob] = treeRows(bytes, shape);
    expect(name.value).toMatch(/^"\\u001b\[31m\\u009bé+"… 207 bytes$/);
    expect(blob.value).toMatch(/^64 bytes: (00 ){24}…$/);
    const lines = [...treeLines(bytes, shape, (_style, plain) => plain)];
    expect(lines[3]).toMatch(/^0000d6 {2}0b 00 04 00 00 00 40 00 00 00 … {2}/);
  });
});

function gaps(all: Iterable<TreeRow>): { end: number; isBroken: boolean; isGapless: boolean } {
  let end = 0;
  let isBroken = false;
  let isGapless = true;
  for (const row of all) {
    isGapless &&= row.offset === end;
    end = row.end;
    isBroken = row.kind === "broken";
  }
  return { end, isBroken, isGapless };
}
