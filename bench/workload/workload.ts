/** The messages every contender encodes and decodes, and their bytes as the Thrift binary protocol has them. */

import { readFileSync } from "node:fs";

import { nesting, nesting2, nesting2Shape, nestingShape, simple, simpleShape, texts } from "./frugal.js";
import { numberLists } from "./lists.js";
import { largeShape, mediumShape, mixedMessages, smallShape } from "./mixed.js";
import { fileMetaData, fileMetaDataShape, fileMetaDataValue, parquetIdl } from "./parquet.js";
import type { StructShape } from "./shape.js";
import type { Value } from "./value.js";

export type Family = "frugal" | "bench" | "lists" | "parquet";

export interface Workload {
  /** `medium`, `frugal-medium-chinese`: the first half of a case's name. */
  readonly name: string;
  /** `bench.thrift` and its like, and for the first two the `.proto` of that name. */
  readonly family: Family;
  readonly shape: StructShape;
  /** Distinct messages of one kind; a contender is timed over all of them in turn. */
  readonly values: readonly Value[];
  /** Whether every i64 is an integer that a double can hold. */
  readonly safeIntegers: boolean;
  /** Bytes that all contenders decode in place of their own: the workload is for decoders only. */
  readonly messages?: readonly Buffer[];
}

const mixed = mixedMessages();

export const workloads: readonly Workload[] = [
  { name: "small", family: "bench", shape: smallShape, values: mixed.small, safeIntegers: true },
  { name: "medium", family: "bench", shape: mediumShape, values: mixed.medium, safeIntegers: true },
  { name: "large", family: "bench", shape: largeShape, values: mixed.large, safeIntegers: true },
  frugal("frugal-small-chinese", simpleShape, simple(texts.chinese)),
  frugal("frugal-small-ascii", simpleShape, simple(texts.ascii)),
  frugal("frugal-medium-chinese", nestingShape, nesting(texts.chinese)),
  frugal("frugal-medium-ascii", nestingShape, nesting(texts.ascii)),
  frugal("frugal-large-chinese", nesting2Shape, nesting2(texts.chinese)),
  frugal("frugal-large-ascii", nesting2Shape, nesting2(texts.ascii)),
  ...numberLists().map(({ kind, shape, value }): Workload => {
    return { name: `list-${kind}`, family: "lists", shape, values: [value], safeIntegers: false };
  }),
  {
    name: "footer",
    family: "parquet",
    shape: fileMetaDataShape,
    values: [fileMetaDataValue()],
    safeIntegers: true,
    messages: [fileMetaData],
  },
];

function frugal(name: string, shape: StructShape, value: Value): Workload {
  return { name, family: "frugal", shape, values: [value], safeIntegers: false };
}

export function workloadNamed(name: string): Workload {
  const workload = workloads.find((candidate) => candidate.name === name);
  if (!workload) throw new Error(`no workload is called ${name}`);
  return workload;
}

/** Where the IDL of a family stands. */
export function idlOf(family: Family, extension: "thrift" | "proto"): URL {
  return family === "parquet" ? parquetIdl : new URL(`${family}.${extension}`, import.meta.url);
}

export function readIdl(family: Family, extension: "thrift" | "proto"): string {
  return readFileSync(idlOf(family, extension), "utf8");
}
