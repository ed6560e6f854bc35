/** `npm run bench:compile-time`: what compiling costs as types grow. Twice the fields or the structs should take twice the time. */

import { importBuilt } from "./contenders/scrimp.js";
import { mainThreadClock } from "./harness/clock.js";
import { median } from "./harness/statistics.js";
import { describeMachine, machineText } from "./report/machine.js";
import { aligned } from "./report/text.js";

const SIZES = [125, 250, 500, 1000, 2000];
const TURNS = 7;
const TYPES = ["i32", "string", "i64", "list<double>", "map<string, i32>", "bool", "binary", "double"];

const { compile, parseSchema } = await importBuilt();
const clock = mainThreadClock();

process.stdout.write(`${machineText(describeMachine())}\n`);
for (const backend of ["source", "closure"] as const) {
  report(`one struct of n fields, ${backend}`, wideStruct, backend);
  report(`n structs of eight fields, ${backend}`, manyStructs, backend);
}

function report(title: string, idlOf: (size: number) => string, backend: "source" | "closure"): void {
  const rows = SIZES.map((size) => {
    const runs = Array.from({ length: TURNS }, () => timeOnce(idlOf(size), backend));
    const parse = median(runs.map((run) => run.parse));
    const compiled = median(runs.map((run) => run.compile));
    return [String(size), parse.toFixed(2), compiled.toFixed(2), ((compiled * 1e3) / size).toFixed(1)];
  });
  const heading = ["n", "parse and link, ms", "compile, ms", "compile, µs for each"];
  process.stdout.write(`\n${title}\n${aligned([heading, ...rows])}\n`);
}

/** A new schema each time: nothing compiled before is found again. */
function timeOnce(idl: string, backend: "source" | "closure"): { parse: number; compile: number } {
  const begin = clock.now();
  const schema = parseSchema({ "main.thrift": idl }, { entry: "main.thrift" });
  const parsed = clock.now();
  compile(schema.struct("Root"), { backend }).warm();
  return { parse: parsed - begin, compile: clock.now() - parsed };
}

function wideStruct(fields: number): string {
  return `struct Root {\n${fieldLines(fields, (index) => TYPES[index % TYPES.length])}\n}\n`;
}

function manyStructs(structs: number): string {
  const all = Array.from({ length: structs }, (_, index) => {
    return `struct S${index} {\n${fieldLines(TYPES.length, (field) => TYPES[field])}\n}\n`;
  });
  return `${all.join("")}struct Root {\n${fieldLines(structs, (index) => `S${index}`)}\n}\n`;
}

function fieldLines(count: number, typeOf: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `  ${index + 1}: optional ${typeOf(index)} field${index}`).join(
    "\n",
  );
}
