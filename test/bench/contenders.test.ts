import { describe, expect, it, vi } from "vitest";

import { contenderNames, loadContender } from "../../bench/contenders/index.js";
import { caseNamed, caseNames } from "../../bench/harness/cases.js";
import { verify } from "../../bench/harness/verify.js";
import { workloadNamed } from "../../bench/workload/workload.js";

// scrimp itself is measured as built, and Go Frugal is another program: the benchmark proves both before it times them.
const rivals = contenderNames.filter((name) => !name.startsWith("scrimp") && name !== "go-frugal");

/** Large messages and the rest of Frugal's would prove nothing more. */
const TRIED = ["small", "medium", "frugal-medium-chinese", "footer"];

function workloadsOf(contender: string): string[] {
  const own = caseNames.map(caseNamed).filter(({ comparison }) => comparison.contenders.includes(contender));
  return TRIED.filter((name) => own.some(({ workload }) => workload === name));
}

describe("every rival", () => {
  // Credit Karma's generator warns of the empty file it makes for an IDL without constants.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);

  it.each(rivals)("%s brings each message back as it went in", async (name) => {
    const contender = await loadContender(name);
    const names = workloadsOf(name);
    expect(names).not.toEqual([]);
    for (const workloadName of names) {
      const workload = workloadNamed(workloadName);
      const codec = await contender.prepare(workload);
      // There is no generated code for Parquet where there is no compiler.
      if ("absent" in codec && workloadName === "footer") continue;
      if ("absent" in codec) throw new Error(codec.absent);
      expect(verify(workload, codec)).toHaveLength(workload.values.length);
    }
  });

  it("says so when it cannot carry a workload", async () => {
    const thrift = await loadContender("thrift");
    expect(await thrift.prepare(workloadNamed("frugal-large-ascii"))).toEqual({
      absent: "its maps are objects: struct keys become '[object Object]'",
    });
  });
});
