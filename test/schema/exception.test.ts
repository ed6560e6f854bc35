import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ThriftError, ThriftException } from "../../src/errors.js";
import { exceptionClass, makeException } from "../../src/schema/exception.js";
import { parseSchema } from "../../src/schema/parse.js";

const schema = parseSchema({
  "user.thrift": `
    exception NotFound { 1: string message, 2: i32 code = 404, 3: list<i32> tried = [1] }
    exception Plain { 1: i32 reason }
    exception Clashing { 1: string zero, 2: i64 name, 3: string stack, 4: i32 message, 5: bool code, 6: string cause }
    exception Hostile { 1: i32 __proto__, 2: i32 constructor, 3: i32 toString, 4: i32 then }
    struct Struct {}`,
});

describe("an exception class", () => {
  const NotFound = schema.exception("NotFound");
  const Clashing = schema.exception("Clashing");

  it("is one per descriptor, and knows it", () => {
    expect(schema.exception("user.NotFound")).toBe(NotFound);
    expect(exceptionClass(schema.struct("NotFound"))).toBe(NotFound);
    expect(NotFound.descriptor).toBe(schema.struct("NotFound"));
    expect(NotFound.name).toBe("NotFound");
  });

  it("makes Errors of its own kind", () => {
    const error = new NotFound({ message: "no such user" });
    for (const parent of [NotFound, ThriftException, ThriftError, Error]) expect(error).toBeInstanceOf(parent);
    expect(error).not.toBeInstanceOf(schema.exception("Plain"));
    expect(Object.prototype.toString.call(error)).toBe("[object Error]");
    expect(error.constructor).toBe(NotFound);
    expect(() => (NotFound as unknown as () => void)()).toThrow(TypeError);
  });

  it("gives every declared field as own enumerable property in declared order, with defaults", () => {
    const error = new NotFound({ message: "m" });
    expect(Object.entries(error)).toEqual([
      ["message", "m"],
      ["code", 404],
      ["tried", [1]],
    ]);
    (error.tried as number[]).push(2);
    expect(new NotFound().tried).toEqual([1]);
    expect(Object.entries(new NotFound({ code: 1, tried: undefined }))).toEqual([
      ["message", undefined],
      ["code", 1],
      ["tried", [1]],
    ]);
  });

  it("shows name and message in its stack trace and when printed", () => {
    const error = new NotFound({ message: "no such user" });
    expect(String(error)).toBe("NotFound: no such user");
    expect(error.stack).toMatch(/^NotFound: no such user\n\s+at .*exception\.test\.ts/);
    expect(inspect(error)).toContain("NotFound: no such user");
  });

  it("has the name, code and message of an Error where the IDL has no such field", () => {
    const error = new (schema.exception("Plain"))({ reason: 3 });
    expect(error).toMatchObject({
      name: "Plain",
      code: "ERR_THRIFT_DECLARED",
      message: "the peer or a handler threw user.Plain",
    });
    expect(Object.keys(error)).toEqual(["reason"]);
  });

  it("lets fields win over those of Error, whatever their types", () => {
    const error = new Clashing({ name: 7n, stack: "s", message: 1, code: false });
    expect(Object.entries(error)).toEqual([
      ["zero", undefined],
      ["name", 7n],
      ["stack", "s"],
      ["message", 1],
      ["code", false],
      ["cause", undefined],
    ]);
    expect(error).toBeInstanceOf(ThriftException);
  });

  it("is not harmed by the names of fields", () => {
    const Hostile = schema.exception("Hostile");
    const error = new Hostile(JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, unknown>);
    expect(Object.getPrototypeOf(error)).toBe(Hostile.prototype);
    expect(Object.entries(error)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", undefined],
      ["then", undefined],
    ]);
  });

  it("can be derived from", () => {
    class Derived extends NotFound {
      readonly extra = 1;
    }
    const error = new Derived({ message: "m" });
    expect(error).toBeInstanceOf(Derived);
    expect(error).toBeInstanceOf(NotFound);
    expect(error).toMatchObject({ message: "m", code: 404, extra: 1 });
  });

  it("is only for exceptions", () => {
    expect(() => schema.exception("Struct")).toThrow(/"Struct" is a struct, not an exception/);
  });
});

describe("makeException", () => {
  it("makes instances to be filled by assignment: no defaults, no stack trace, and the limit as it was", () => {
    const limit = Error.stackTraceLimit;
    const error = makeException(schema.struct("NotFound"))();
    expect(error).toBeInstanceOf(schema.exception("NotFound"));
    expect(Object.entries(error)).toEqual([
      ["message", undefined],
      ["code", undefined],
      ["tried", undefined],
    ]);
    expect(String(error.stack)).not.toContain("\n");
    expect(Error.stackTraceLimit).toBe(limit);
    error.message = "filled";
    expect(String(error)).toBe("NotFound: filled");
  });

  it("keeps assignment to a field called __proto__ harmless", () => {
    const error = makeException(schema.struct("Hostile"))() as Record<string, unknown>;
    error["__proto__"] = 5;
    expect(Object.entries(error)[0]).toEqual(["__proto__", 5]);
    expect(error).toBeInstanceOf(ThriftException);
  });
});
