/** All rows of the table of malformed input. */

import type { Row } from "./row.js";
import { COUNTS, LENGTHS } from "./sizes.js";
import { ELEMENT_TYPES, EMPTY_CONTAINERS, TRUNCATED, TYPES } from "./types.js";
import { DEPTHS, INTEGERS, VALUES } from "./values.js";

export const ROWS: readonly Row[] = [
  ...TRUNCATED,
  ...TYPES,
  ...EMPTY_CONTAINERS,
  ...ELEMENT_TYPES,
  ...COUNTS,
  ...LENGTHS,
  ...INTEGERS,
  ...VALUES,
  ...DEPTHS,
];
