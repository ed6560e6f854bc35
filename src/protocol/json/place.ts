/** The grammar of TJSONProtocol's punctuation: what stands between the values depends on where they stand. */

const COMMA = 0x2c;
const COLON = 0x3a;

/** Where in the text one is: what stands before the next value, or field, depends on it. */
export const Place = {
  /** Outside of everything. */
  OUTSIDE: 0,
  /** In an array, before its first value. */
  FIRST_ELEMENT: 1,
  ELEMENT: 2,
  /** In a struct, before its first field. */
  FIRST_FIELD: 3,
  FIELD: 4,
  /** Behind the type of a field and its colon. */
  FIELD_VALUE: 5,
  /** In the entries of a map, before its first key. */
  FIRST_KEY: 6,
  KEY: 7,
  VALUE: 8,
} as const;

export type Place = (typeof Place)[keyof typeof Place];

/** By place: what stands before the next value, 0 for nothing. */
export const SEPARATORS: readonly number[] = [0, 0, COMMA, 0, COMMA, 0, 0, COMMA, COLON];

/** By place: where one is behind the next value. */
export const NEXT: readonly Place[] = [
  Place.OUTSIDE,
  Place.ELEMENT,
  Place.ELEMENT,
  Place.FIELD,
  Place.FIELD,
  Place.FIELD_VALUE,
  Place.VALUE,
  Place.VALUE,
  Place.KEY,
];

/** True where the next value is a key, so that a number stands in quotes. */
export function isKeyPlace(place: Place): boolean {
  return place === Place.FIRST_KEY || place === Place.KEY;
}
