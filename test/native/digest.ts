/**
 * Says what native code makes of inputs, for native code of another processor to be compared with: a line for each, with
 * a digest of the output or nothing. Both files are | size 4 | bytes ... | and so on; inputs are those of fuzz.cc, of which the ones
 * that ask for something else than a conversion are left out.
 *
 *     node --import tsx test/native/digest.ts PROGRAMS INPUTS
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { nativeBackend } from "../../src/transcode/native.js";

const [programs, inputs] = process.argv.slice(2).map((file) => split(readFileSync(file)));
const backends = programs.map((program) => nativeBackend(new Uint8Array(program).buffer)!);
for (const input of inputs) {
  const number = input.readUInt16LE(0);
  if (number >= backends.length) continue;
  const output = backends[number].convert(input.subarray(2));
  console.log(output === undefined ? "" : createHash("sha256").update(output).digest("base64"));
}

function split(file: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const end = at + 4 + file.readUInt32LE(at);
    pieces.push(file.subarray(at + 4, end));
    at = end;
  }
  return pieces;
}
