/** A unit of generated source: the functions of all structs of a plan in one closed scope, and how it becomes functions. */

import { jsonSpelling } from "../json/source.js";
import type { CodecProtocol } from "../options.js";
import type { Plan } from "../plan.js";
import { binaryDialect } from "./binary.js";
import { compactDialect } from "./compact.js";
import { Constants } from "./constants.js";
import { join, js } from "./code.js";
import { decodeFunction } from "./decode.js";
import type { Dialect } from "./dialect.js";
import { encodeFunction } from "./encode.js";
import { tjsonDialect } from "./tjson.js";
import { decodeRuntime, encodeRuntime } from "./runtime.js";
import type { Spelling } from "./spelling.js";

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

const SPELLINGS: { readonly [protocol in CodecProtocol]: Spelling } = {
  binary: spell(binaryDialect),
  compact: spell(compactDialect),
  tjson: spell(tjsonDialect),
  json: jsonSpelling,
};

function spell(dialect: Dialect): Spelling {
  return {
    encodeFunction: (struct, plan, constants) => encodeFunction(struct, { plan, constants, dialect: dialect.encode }),
    encodeRuntime: (plan) => encodeRuntime(dialect.encode, plan),
    decodeFunction: (struct, plan, constants) => decodeFunction(struct, { plan, constants, dialect: dialect.decode }),
    decodeRuntime: (plan) => decodeRuntime(dialect.decode, plan),
    decodeRoot: ({ index }) => js`decode${index}`,
  };
}

export function compileEncoder(plan: Plan): EncodeFunction {
  return instantiateUnit(encodeUnit(plan), spellingOf(plan).encodeRuntime(plan)) as EncodeFunction;
}

export function compileDecoder(plan: Plan): DecodeFunction {
  return instantiateUnit(decodeUnit(plan), spellingOf(plan).decodeRuntime(plan)) as DecodeFunction;
}

/** The generated source of both directions, for people to read. */
export function generatedSource(plan: Plan): { encode: string; decode: string } {
  return { encode: encodeUnit(plan).source, decode: decodeUnit(plan).source };
}

function spellingOf(plan: Plan): Spelling {
  return SPELLINGS[plan.options.protocol];
}

function encodeUnit(plan: Plan): Unit {
  const constants = new Constants();
  const functions = plan.structs.map((struct) => spellingOf(plan).encodeFunction(struct, plan, constants));
  const body = join([...functions, js`return encode${plan.root.index};\n`], "\n");
  return { constants, source: body.text + sourceUrl(plan, "encode") };
}

function decodeUnit(plan: Plan): Unit {
  const spelling = spellingOf(plan);
  const constants = new Constants();
  const functions = plan.structs.map((struct) => spelling.decodeFunction(struct, plan, constants));
  const body = join([...functions, js`return ${spelling.decodeRoot(plan.root)};\n`], "\n");
  return { constants, source: body.text + sourceUrl(plan, "decode") };
}

/** Makes profiles and traces show `scrimp/Tree.decode.js` instead of `anonymous`. Other characters could end the comment. */
function sourceUrl(plan: Plan, direction: "encode" | "decode"): string {
  const { name } = plan.root.descriptor;
  return `//# sourceURL=scrimp/${name.replaceAll(/[^A-Za-z0-9_]+/g, "_")}.${direction}.js`;
}

function instantiateUnit({ source, constants }: Unit, runtime: Record<string, unknown>): unknown {
  const named = constants.values.map((value, index) => [`c${String(index)}`, value]);
  return instantiate(source, { ...runtime, ...(Object.fromEntries(named) as Record<string, unknown>) });
}

/** Runs generated source in a scope of the given names. @returns what it returns. */
export function instantiate(source: string, scope: Record<string, unknown>): unknown {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function(...Object.keys(scope), `"use strict";\n${source}`) as (...values: unknown[]) => unknown;
  return make(...Object.values(scope));
}
