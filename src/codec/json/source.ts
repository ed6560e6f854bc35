/** Plain JSON in the source back end. */

import { js } from "../source/code.js";
import type { Spelling } from "../source/spelling.js";
import { decodeFunction } from "./source-decode.js";
import { encodeFunction } from "./source-encode.js";
import { decodeRuntime } from "./source-input.js";
import { encodeRuntime } from "./source-output.js";

export const jsonSpelling: Spelling = {
  encodeFunction,
  encodeRuntime: ({ options }) => encodeRuntime(options),
  decodeFunction,
  decodeRuntime: ({ options }) => decodeRuntime(options),
  // Blanks may stand before the root and behind it.
  decodeRoot: ({ index }) => js`function (p) {
  startMessage();
  if (input.bytes[p] <= 32) p = blank(p);
  var value = decode${index}(p);
  p = input.position;
  if (input.bytes[p] <= 32) input.position = blank(p);
  return value;
}`,
};
