/** What a figure is worth nothing without. */

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown processor",
    processors: processors.length,
    node: process.version,
    commit: commit(),
    date: new Date().toISOString(),
  };
}

export function machineText({ processor, processors, node, commit, date }: Machine): string {
  return `${processor}, ${processors} processors, Node.js ${node}, commit ${commit}, ${date.slice(0, 10)}`;
}

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}
