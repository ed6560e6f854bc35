import { js, type Code } from "./code.js";

/** Values that generated source refers to: they enter its scope as arguments, never as text. */
export class Constants {
  readonly values: unknown[] = [];
  readonly #indexOf = new Map<unknown, number>();

  /** The name of a value inside the unit. */
  of(value: unknown): Code {
    let index = this.#indexOf.get(value);
    if (index === undefined) {
      index = this.values.push(value) - 1;
      this.#indexOf.set(value, index);
    }
    return js`c${index}`;
  }
}
