/**
 * What a mock answers. Either made up, or from JSON:
 *
 *     { "Shop.place": { "success": { "id": 7 } },                      the result
 *       "search": [{ "success": [] }, { "unknown": { "sku": "x" } }] }   several in turn; a declared exception, by its
 *                                                                      name in the throws clause
 */

import { compile } from "../../codec/codec.js";
import type { MethodDescriptor, ServiceDescriptor } from "../../schema/descriptor.js";
import { resolveType } from "../../schema/descriptor.js";
import { exceptionClass } from "../../schema/exception.js";
import { InputError } from "../input-error.js";
import { fromJson } from "../json.js";
import type { Json } from "../json-text.js";
import { Random } from "./random.js";
import { mockValue } from "./value.js";

/** Answers a call: returns the result or throws a declared exception. */
export type Answer = () => unknown;

/** Values that are made up for a method, so that a server under load does not spend its time on that. */
const MADE_UP = 100;

/** Answers that are made up: those of a method are the same, one after the other, for the same seed. */
export function madeUpAnswer({ name, returnType }: MethodDescriptor, seed: number): Answer {
  if (returnType === undefined) return () => undefined;
  const random = new Random(seed ^ hash(name));
  const values: unknown[] = [];
  let turn = 0;
  return () => {
    if (values.length < MADE_UP) return values[values.push(mockValue(returnType, name, random)) - 1];
    return values[turn++ % MADE_UP];
  };
}

/** Answers from JSON, by `Service.method` or `method`. */
export class GivenAnswers {
  readonly #answers: ReadonlyMap<string, Json>;
  readonly #used = new Set<string>();

  /** @throws InputError when it is no object. */
  constructor(json: Json) {
    if (!(json instanceof Map)) throw new InputError("expected an object of answers by method, found another value");
    this.#answers = json;
  }

  /**
   * @returns undefined when there is none for the method.
   * @throws InputError or EncodeError when it does not fit the method.
   */
  for(service: ServiceDescriptor, method: MethodDescriptor): Answer | undefined {
    const name = [`${service.name}.${method.name}`, method.name].find((key) => this.#answers.has(key));
    if (name === undefined) return undefined;
    this.#used.add(name);
    const given = this.#answers.get(name)!;
    const answers = (Array.isArray(given) ? given : [given]).map((json) => compileAnswer(json, method));
    if (answers.length === 0) throw new InputError(`expected an answer of ${name}, found an empty list`);
    let turn = 0;
    return () => answers[turn++ % answers.length]();
  }

  /** @throws InputError when some are for methods that were never asked for: a typing mistake. */
  checkUsed(): void {
    const unused = [...this.#answers.keys()].find((name) => !this.#used.has(name));
    if (unused !== undefined) throw new InputError(`expected answers of methods that are served, found "${unused}"`);
  }
}

function compileAnswer(json: Json, method: MethodDescriptor): Answer {
  const { result, throws } = method;
  if (result === undefined) throw new InputError(`${method.name} is oneway: it has no answers`);
  const answer = fromJson(json, result) as Record<string, unknown>;
  // What cannot be sent shows now, and not when somebody calls.
  compile(result).encode(answer);
  const thrown = throws.find(({ name }) => answer[name] !== undefined);
  if (thrown !== undefined) {
    const type = resolveType(thrown.type);
    const Exception = exceptionClass(type as Parameters<typeof exceptionClass>[0]);
    return () => {
      throw new Exception(answer[thrown.name] as Record<string, unknown>);
    };
  }
  if (method.returnType !== undefined && answer["success"] === undefined) {
    throw new InputError(`expected "success" or a declared exception as answer of ${method.name}, found neither`);
  }
  return () => answer["success"];
}

/** FNV-1a, so that methods differ for the same seed. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return sum;
}
