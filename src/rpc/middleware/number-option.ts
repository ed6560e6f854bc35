/** Checks of numbers that a program gives as options. */

/** What a number has to be. */
interface NumberRule {
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** @throws RangeError when an option is no number, or not one that it may be. */
export function checkNumber(name: string, value: number, { min, max = Infinity, integer = false }: NumberRule): number {
  if (typeof value !== "number" || !(value >= min && value <= max) || (integer && !Number.isInteger(value))) {
    const what = integer ? "an integer" : "a number";
    throw new RangeError(`${name} must be ${what} from ${min}${max === Infinity ? " on" : ` to ${max}`}`);
  }
  return value;
}
