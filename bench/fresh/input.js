/** What the parent has put ready: a file of V8's own format, so that reading it warms nothing that is timed. */

import { readFileSync } from "node:fs";
import { deserialize } from "node:v8";

export function input() {
  return deserialize(readFileSync(process.argv[2]));
}
