/** What middleware counts apart, by service, method or peer. */

import type { Call } from "../call.js";

/** What calls are told apart by: their service, their method, the address of the peer, or what a function says. */
export type CallKey = "service" | "method" | "address" | ((call: Call) => string);

/** Keys that are kept, so that peers who come and go take no memory for good. */
const MAX_KEYS = 10_000;

/** One `T` for each key, made when the key is first seen. Beyond 10,000 keys the oldest is forgotten. */
export class Keyed<T> {
  readonly #keyOf: (call: Call) => string;
  readonly #make: (key: string) => T;
  readonly #values = new Map<string, T>();

  constructor(key: CallKey, make: (key: string) => T) {
    this.#keyOf = typeof key === "function" ? key : KEYS[key];
    this.#make = make;
  }

  of(call: Call): T {
    const key = this.#keyOf(call);
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = this.#make(key);
    if (this.#values.size >= MAX_KEYS) this.#values.delete(this.#values.keys().next().value!);
    this.#values.set(key, made);
    return made;
  }
}

const KEYS: Readonly<Record<Exclude<CallKey, (call: Call) => string>, (call: Call) => string>> = {
  service: ({ service }) => service.name,
  method: ({ service, method }) => `${service.name}.${method.name}`,
  // Without the port: a client behind an address has another for each connection.
  address: ({ address, side }) => (side === "server" ? address.replace(/:\d+$/, "") : address),
};
