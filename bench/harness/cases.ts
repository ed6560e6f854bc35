/** A case is what one row of figures is about: `medium/encode`, or `compact/medium/encode` in another comparison than the first. */

import { contenderNames } from "../contenders/index.js";
import { workloadNamed, workloads } from "../workload/workload.js";

export type Operation = "encode" | "decode";

export interface Case {
  readonly comparison: Comparison;
  readonly workload: string;
  readonly operation: Operation;
}

/** Contenders that are measured beside each other, and over which messages. */
export interface Comparison {
  /** The first part of its cases' names; "" for the first comparison. */
  readonly name: string;
  readonly workloads: readonly string[];
  readonly contenders: readonly string[];
  /** Contenders that the ratios are to, a column each. */
  readonly baselines: readonly string[];
}

const EVERYDAY = ["small", "medium", "large"];

const SPECIAL: readonly Comparison[] = [
  {
    name: "compact",
    workloads: EVERYDAY,
    contenders: ["scrimp-compact", "scrimp", "thrift-compact", "creditkarma-compact"],
    baselines: ["thrift-compact", "scrimp"],
  },
  {
    name: "parquet",
    workloads: ["footer"],
    contenders: ["scrimp-compact", "thrift-compact", "hyparquet", "hyparquet-reader"],
    baselines: ["thrift-compact", "hyparquet", "hyparquet-reader"],
  },
  {
    name: "tjson",
    workloads: EVERYDAY,
    contenders: ["scrimp-tjson", "thrift-tjson"],
    baselines: ["thrift-tjson"],
  },
  {
    name: "json",
    workloads: EVERYDAY,
    contenders: ["scrimp-json", "scrimp-json-exact", "json", "json-exact"],
    baselines: ["json", "json-exact"],
  },
  {
    name: "typed",
    workloads: ["i8", "i16", "i32", "i64", "double"].map((kind) => `list-${kind}`),
    contenders: ["scrimp", "scrimp-typed", "scrimp-compact", "scrimp-compact-typed"],
    baselines: ["scrimp", "scrimp-compact"],
  },
];

const everydayAndFrugal = workloads.filter(({ family }) => family === "bench" || family === "frugal");

/** The first is what the README's chart shows: every rival, each with its best known protocol. */
const comparisons: readonly Comparison[] = [
  {
    name: "",
    workloads: everydayAndFrugal.map(({ name }) => name),
    contenders: contenderNames.filter((name) => name === "scrimp" || !isSpecial(name)),
    baselines: ["thrift"],
  },
  ...SPECIAL,
];

/** Whether the contender was made for one of the other comparisons. */
function isSpecial(contender: string): boolean {
  return contender !== "json" && SPECIAL.some(({ contenders }) => contenders.includes(contender));
}

export function caseNamed(name: string): Case {
  const parts = name.split("/");
  const operation = parts.pop() as Operation;
  const workload = parts.pop()!;
  const comparison = comparisons.find((candidate) => candidate.name === parts.join("/"));
  if (!comparison) throw new Error(`no comparison for ${name}`);
  return { comparison, workload, operation };
}

/** All cases, in the order of the report. */
export const caseNames: readonly string[] = comparisons.flatMap(({ name, workloads: names }) =>
  names.flatMap((workload) => {
    const operations = workloadNamed(workload).messages ? ["decode"] : ["encode", "decode"];
    return operations.map((operation) => [...(name ? [name] : []), workload, operation].join("/"));
  }),
);

/** The cases that the second harness measures too, and that the chart shows. */
export const headlineCases: readonly string[] = [
  "small",
  "medium",
  "frugal-medium-chinese",
  "frugal-medium-ascii",
].flatMap((workload) => [`${workload}/encode`, `${workload}/decode`]);
