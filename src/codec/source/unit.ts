/** A unit of generated source: the functions of all structs of a plan in one closed scope, and how it becomes functions. */

import type { ProtocolName } from "../../protocol/protocols.js";
import type { Plan } from "../plan.js";
import { binaryDialect } from "./binary.js";
import { compactDialect } from "./compact.js";
import { Constants } from "./constants.js";
import { join, js } from "./code.js";
import { decodeFunction } from "./decode.js";
import type { Dialect } from "./dialect.js";
import { encodeFunction } from "./encode.js";
import { decodeRuntime, encodeRuntime } from "./runtime.js";

export type EncodeFunction = (value: unknown, position: number) => number;
export type DecodeFunction = (position: number) => unknown;

interface Unit {
  source: string;
  constants: Constants;
}

/** True where code may be made at run time: not under a Content Security Policy or `--disallow-code-generation-from-strings`. */
export const canGenerate: boolean = (() => {
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    return new Function("return true")() === true;
  } catch {
    return false;
  }
})();

const DIALECTS: { readonly [protocol in ProtocolName]?: Dialect } = {
  binary: binaryDialect,
  compact: compactDialect,
};

/** True for the protocols that this back end can spell. */
export function canSpell(protocol: ProtocolName): boolean {
  return DIALECTS[protocol] !== undefined;
}

export function compileEncoder(plan: Plan): EncodeFunction {
  const { options } = plan;
  return instantiate(encodeUnit(plan), encodeRuntime(dialectOf(plan).encode, options)) as EncodeFunction;
}

export function compileDecoder(plan: Plan): DecodeFunction {
  const { options } = plan;
  return instantiate(decodeUnit(plan), decodeRuntime(dialectOf(plan).decode, options)) as DecodeFunction;
}

/** The generated source of both directions, for people to read. */
export function generatedSource(plan: Plan): { encode: string; decode: string } {
  return { encode: encodeUnit(plan).source, decode: decodeUnit(plan).source };
}

function dialectOf(plan: Plan): Dialect {
  return DIALECTS[plan.options.protocol]!;
}

function encodeUnit(plan: Plan): Unit {
  const dialect = dialectOf(plan).encode;
  const constants = new Constants();
  const functions = plan.structs.map((struct) => encodeFunction(struct, { plan, constants, dialect }));
  const body = join([...functions, js`return encode${plan.root.index};\n`], "\n");
  return { constants, source: body.text + sourceUrl(plan, "encode") };
}

function decodeUnit(plan: Plan): Unit {
  const dialect = dialectOf(plan).decode;
  const constants = new Constants();
  const functions = plan.structs.map((struct) => decodeFunction(struct, { plan, constants, dialect }));
  const body = join([...functions, js`return decode${plan.root.index};\n`], "\n");
  return { constants, source: body.text + sourceUrl(plan, "decode") };
}

/** Makes profiles and traces show `scrimp/Tree.decode.js` instead of `anonymous`. A name of other characters could end the comment. */
function sourceUrl(plan: Plan, direction: "encode" | "decode"): string {
  const { name } = plan.root.descriptor;
  return `//# sourceURL=scrimp/${/^[A-Za-z0-9_]+$/.test(name) ? name : "type"}.${direction}.js`;
}

function instantiate(unit: Unit, runtime: Record<string, unknown>): unknown {
  const names = unit.constants.values.map((_, index) => `c${String(index)}`);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function(...Object.keys(runtime), ...names, `"use strict";\n${unit.source}`) as (
    ...values: unknown[]
  ) => unknown;
  return make(...Object.values(runtime), ...unit.constants.values);
}
