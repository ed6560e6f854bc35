import { expect, it } from "vitest";
import { idlFolder, scrimp } from "./scrimp.js";

const at = idlFolder({
  "s.thrift":
    "enum Color { RED = 1 }\nstruct S { 1: Color color, 2: i64 big, 3: double ratio, 4: binary data, 5: required i32 x }",
});
const TARGET = [at("s.thrift"), "S", "--protocol", "json"];
const TEXT = '{"color":1,"big":"9007199254740993","ratio":"NaN","data":"AAE=","x":5}';

it("encode writes plain JSON", async () => {
  const input = '{"x": 5, "color": "RED", "big": 9007199254740993, "ratio": "NaN", "data": "AAE="}';
  expect(await scrimp(["encode", ...TARGET], { input })).toEqual({ code: 0, output: TEXT, errors: "" });
});

it("decode reads plain JSON", async () => {
  const { output } = await scrimp(["decode", "--indent", "0", ...TARGET], { input: TEXT });
  expect(output).toBe('{"color":"RED","big":"9007199254740993","ratio":"NaN","data":"AAE=","x":5}\n');
});

it("decode shows where broken JSON breaks", async () => {
  const { code, errors } = await scrimp(["decode", ...TARGET], { input: '{"x":5,"big":1.5}' });
  expect(code).toBe(1);
  expect(errors).toContain(
    "cannot decode S.big: expected an integer, found a number with a fraction or exponent (byte 13)",
  );
});

it("decode --tree needs a protocol with field ids", async () => {
  const { code, errors } = await scrimp(["decode", "--tree", ...TARGET], { input: TEXT });
  expect(code).toBe(1);
  expect(errors).toContain("plain JSON has no field ids and wire types for --tree to show");
});

it("explain prints the options of plain JSON, and the source of both directions", async () => {
  expect((await scrimp(["explain", ...TARGET])).output).toMatch(/^json: +names idl, unset omit, nonFinite string/m);
  expect((await scrimp(["explain", "--source", ...TARGET])).output).toContain("//# sourceURL=scrimp/S.decode.js");
});
