/** What a call did, in a form in which two calls can be compared. */

import { DecodeError, EncodeError } from "../../src/errors.js";

/** The facts of an error that both back ends must agree upon. */
export interface Failure {
  /** Name of the class. */
  error: string;
  code: string | undefined;
  path: string | undefined;
  offset: number | undefined;
  message: string;
}

export type Outcome = { value: unknown } | Failure;

/** Runs a call; what it throws becomes part of the outcome. */
export function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    return failureOf(error);
  }
}

/** Runs a call that must fail. */
export function failureFrom(run: () => unknown): Failure {
  let value: unknown;
  try {
    value = run();
  } catch (error) {
    return failureOf(error);
  }
  throw new Error(`expected a failure, found a value of type ${typeof value}`);
}

function failureOf(thrown: unknown): Failure {
  const error = thrown as Partial<DecodeError & EncodeError>;
  const isOurs = thrown instanceof EncodeError || thrown instanceof DecodeError;
  return {
    error: isOurs ? thrown.name : `foreign ${String(error.name)}`,
    code: error.code,
    path: error.path,
    offset: error.offset,
    message: String(error.message ?? thrown),
  };
}

/**
 * Compares two values as strictly as can be: Object.is for what is not an object, classes, names and order of properties,
 * order of entries, bytes.
 *
 * @returns where the first difference stands and what it is; undefined when there is none.
 */
export function difference(a: unknown, b: unknown, at = "value"): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return `${at}: ${show(a)} and ${show(b)}`;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${at}: objects of two classes`;
  if (a instanceof Uint8Array) return sameBytes(a, b as Uint8Array) ? undefined : `${at}: different bytes`;
  if (a instanceof Map)
    return differentItems([...a].flat(1), [...(b as Map<unknown, unknown>)].flat(1), `${at} entries`);
  if (a instanceof Set) return differentItems([...a], [...(b as Set<unknown>)], `${at} members`);
  if (Array.isArray(a)) return differentItems(a, b as unknown[], at);
  return differentProperties(a as Properties, b as Properties, at);
}

/** True when both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function differentItems(a: readonly unknown[], b: readonly unknown[], at: string): string | undefined {
  if (a.length !== b.length) return `${at}: lengths ${String(a.length)} and ${String(b.length)}`;
  for (let i = 0; i < a.length; i++) {
    const found = difference(a[i], b[i], `${at}[${String(i)}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Symbols too: unknown fields stand under one. */
function keysOf(value: object): (string | symbol)[] {
  return [...Object.keys(value), ...Object.getOwnPropertySymbols(value)];
}

type Properties = Record<string | symbol, unknown>;

function differentProperties(a: Properties, b: Properties, at: string): string | undefined {
  const keys = keysOf(a);
  const others = keysOf(b);
  if (keys.length !== others.length || keys.some((key, i) => key !== others[i])) {
    return `${at}: properties ${keys.map(String).join()} and ${others.map(String).join()}`;
  }
  for (const key of keys) {
    const found = difference(a[key], b[key], `${at}.${String(key)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${String(value)}n`;
  if (Object.is(value, -0)) return "-0";
  return typeof value === "object" && value !== null
    ? "an object"
    : typeof value === "string"
      ? JSON.stringify(value)
      : String(value);
}
