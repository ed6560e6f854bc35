/** A case is what one row of figures is about: `medium/encode`. */

import { workloads } from "../workload/workload.js";

export type Operation = "encode" | "decode";

export interface Case {
  readonly workload: string;
  readonly operation: Operation;
}

export function caseNamed(name: string): Case {
  const slash = name.lastIndexOf("/");
  return { workload: name.slice(0, slash), operation: name.slice(slash + 1) as Operation };
}

/** All cases, in the order of the report. */
export const caseNames: readonly string[] = workloads.flatMap(({ name }) => [`${name}/encode`, `${name}/decode`]);

/** The cases that the second harness measures too, and that the chart shows. */
export const headlineCases: readonly string[] = [
  "small",
  "medium",
  "frugal-medium-chinese",
  "frugal-medium-ascii",
].flatMap((workload) => [`${workload}/encode`, `${workload}/decode`]);
