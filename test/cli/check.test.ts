import { describe, expect, it } from "vitest";
import { idlFolder, scrimp } from "./scrimp.js";

const at = idlFolder({
  "sound.thrift": "struct P { 1: i32 x }",
  "broken.thrift": "struct A {\n  1: strin name\n}\n\nstruct A {}\n",
  "syntax.thrift": "struct A {\n  1: i32\n}\n",
  "warned.thrift": "struct A {\n  i32 x\n}\n",
  "user.thrift": 'include "broken.thrift"\nstruct U { 1: broken.A a }',
});

describe("scrimp check", () => {
  it("is silent on standard output about sound files", async () => {
    const { code, output, errors } = await scrimp(["check", at("sound.thrift")]);
    expect({ code, output, errors }).toEqual({
      code: 0,
      output: "",
      errors: "found 0 errors and 0 warnings in 1 file\n",
    });
  });

  it("lists every mistake as file:line:column with a code frame", async () => {
    const { code, output, errors } = await scrimp(["check", at("broken.thrift")]);
    expect(code).toBe(1);
    expect(output).toContain(`${at("broken.thrift")}:2:6: error: `);
    expect(output).toContain("> 2 |   1: strin name\n    |      ^^^^^");
    expect(output).toContain(`${at("broken.thrift")}:5:8: error: `);
    expect(errors).toBe("error: found 2 errors and 0 warnings in 1 file\n");
  });

  it.each([
    ["syntax.thrift", 1, "syntax.thrift:3:1: error: "],
    ["warned.thrift", 0, "warned.thrift:2:7: warning: "],
    ["missing.thrift", 1, "missing.thrift: error: cannot find"],
  ])("of %s exits with %i and prints %s", async (file, exitCode, text) => {
    const { code, output } = await scrimp(["check", at(file)]);
    expect(code).toBe(exitCode);
    expect(output).toContain(text);
  });

  it("reports a mistake in a shared file once, and goes on to the next file", async () => {
    const { output } = await scrimp(["check", at("user.thrift"), at("broken.thrift"), at("syntax.thrift")]);
    expect(output.match(/broken\.thrift:2:6/g)).toHaveLength(1);
    expect(output).toContain("syntax.thrift:3:1");
  });

  it("finds includes in the folders that -I names", async () => {
    const elsewhere = idlFolder({ "shop.thrift": 'include "sound.thrift"\nstruct S { 1: sound.P p }' });
    expect((await scrimp(["check", elsewhere("shop.thrift")])).code).toBe(1);
    expect((await scrimp(["check", "-I", at("."), elsewhere("shop.thrift")])).code).toBe(0);
  });
});
