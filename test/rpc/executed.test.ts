import { expect, it } from "vitest";
import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  DecodeError,
  EncodeError,
  ThriftError,
  TransportError,
} from "../../src/errors.js";
import { executedOf } from "../../src/rpc/executed.js";
import { parseSchema } from "../../src/schema/parse.js";

const schema = parseSchema({ "e.thrift": `exception E { 1: string executed = "no" }` }, { entry: "e.thrift" });

it.each([
  ["a declared exception, whatever its fields are called", new (schema.exception("E"))(), "yes"],
  ["a business status", new BizStatusError(404, "none"), "yes"],
  ["an application exception", new ApplicationError(6, "internal error"), "yes"],
  ["an application exception of a call that was refused", new ApplicationError(6, "", { executed: "no" }), "no"],
  ["a reply that cannot be decoded", new DecodeError("ERR_THRIFT_TRUNCATED", { path: "x", offset: 0 }, ""), "yes"],
  ["arguments that cannot be encoded", new EncodeError("ERR_THRIFT_WRONG_TYPE", "x", ""), "no"],
  ["a connection that failed before", new TransportError({ address: "a:1", executed: "no" }, ""), "no"],
  ["a connection that failed after", new TransportError({ address: "a:1", executed: "maybe" }, ""), "maybe"],
  ["a deadline that passed while waiting", new DeadlineError({ timeoutMs: 1, executed: "maybe" }, ""), "maybe"],
  ["a deadline that passed before", new DeadlineError({ timeoutMs: 1, executed: "no" }, ""), "no"],
  ["a client that is closed", new ThriftError("ERR_THRIFT_CLOSED", ""), "no"],
  ["a full queue", new ThriftError("ERR_THRIFT_OVERLOADED", ""), "no"],
  ["an open breaker", new ThriftError("ERR_THRIFT_BREAKER_OPEN", ""), "no"],
  ["a call that is not allowed", new ThriftError("ERR_THRIFT_FORBIDDEN", ""), "no"],
  ["an error of middleware", new Error("mine"), "maybe"],
  ["no error at all", undefined, "maybe"],
])("%s", (_, error, expected) => {
  expect(executedOf(error)).toBe(expected);
});
