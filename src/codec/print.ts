/** The plan as text: what the back ends will do with a type, for people to read. */

import { ttypeName } from "../protocol/ttype.js";
import type { FieldPlan, Plan, StructPlan, ValuePlan } from "./plan.js";

/** A plan in full: its options, then each struct with a line for each field, in wire order. */
export function printPlan(plan: Plan): string {
  const { limits, json, ...options } = plan.options;
  const settings = (given: object): string =>
    Object.entries(given)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(", ");
  const head = [`options: ${settings(options)}`, `limits:  ${settings(limits)}`];
  if (options.protocol === "json") head.push(`json:    ${settings(json)}`);
  return `${[head.join("\n"), ...plan.structs.map(printStruct)].join("\n\n")}\n`;
}

function printStruct({ index, descriptor, fields, heapBytes, countsDepth }: StructPlan): string {
  const depth = countsDepth ? "depth counted" : "depth bounded by the schema";
  const head = `${String(index)}: ${descriptor.variant} ${descriptor.qualifiedName}, ${String(heapBytes)} heap bytes, ${depth}`;
  return [head, ...table([FIELD_HEAD, ...fields.map(fieldCells)])].join("\n");
}

const FIELD_HEAD = ["id", "field", "type", "wire", "bytes", "absent", "unset", "notes"];

function fieldCells({ id, name, value, whenAbsent, whenUnset, ownOnly }: FieldPlan): string[] {
  const notes = [...noteCells(value), ...(ownOnly ? ["own property only"] : [])];
  return [
    String(id),
    name,
    typeText(value),
    ttypeName(value.ttype),
    `>= ${String(value.minBytes)}`,
    whenAbsent,
    whenUnset,
    notes.join(", "),
  ];
}

function noteCells(value: ValuePlan): string[] {
  if (!("cost" in value)) return [];
  const { own, each } = value.cost;
  const cost = `heap ${String(own)} + ${String(each)} each`;
  return "guarded" in value && value.guarded ? [cost, "collisions watched"] : [cost];
}

/** A type as the IDL spells it, typedefs resolved: `map<string,list<Point>>`. */
export function typeText(value: ValuePlan): string {
  switch (value.kind) {
    case "list":
    case "set":
      return `${value.kind}<${typeText(value.element)}>`;
    case "map":
      return `map<${typeText(value.key)},${typeText(value.value)}>`;
    case "struct":
      return value.struct.descriptor.name;
    case "enum":
      return value.descriptor.name;
    default:
      return value.kind;
  }
}

/** Columns of equal width; the first, of numbers, to the right. */
export function table(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padStart(widths[0] + 2) : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd(),
  );
}
