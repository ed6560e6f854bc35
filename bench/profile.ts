/** `npm run bench:profile -- CASE [CONTENDER]`: where the time of one case goes. Also writes a .cpuprofile for a browser's tools. */

import { mkdirSync, writeFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector/promises";

import { loadContender } from "./contenders/index.js";
import { caseNamed, caseNames } from "./harness/cases.js";
import { mainThreadClock } from "./harness/clock.js";
import { type Loop, warmUp } from "./harness/measure.js";
import { verify } from "./harness/verify.js";
import { aligned } from "./report/text.js";
import { workloadNamed } from "./workload/workload.js";

const clock = mainThreadClock();
const WARM_MS = 1000;
const PROFILE_MS = 3000;
const TOP = 25;

const [caseName = "", contender = "scrimp"] = process.argv.slice(2);

if (caseNames.includes(caseName)) {
  const profile = await record(await loopOf(caseName));
  process.stdout.write(`${caseName} ${contender}, own time\n${hottest(profile)}\n`);
  save(profile);
} else {
  process.stderr.write(`npm run bench:profile -- CASE [CONTENDER]\ncases: ${caseNames.join(", ")}\n`);
  process.exitCode = 2;
}

async function loopOf(name: string): Promise<Loop> {
  const { workload: workloadName, operation } = caseNamed(name);
  const workload = workloadNamed(workloadName);
  const codec = await (await loadContender(contender)).prepare(workload);
  if ("absent" in codec) throw new Error(codec.absent);
  const messages = verify(workload, codec);
  if (operation === "encode") return { operation: codec.encode, arguments: codec.inputs };
  return { operation: codec.decode, arguments: messages };
}

async function record(loop: Loop): Promise<Profiler.Profile> {
  warmUp(loop, WARM_MS, clock);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  warmUp(loop, PROFILE_MS, clock);
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return profile;
}

function hottest({ nodes }: Profiler.Profile): string {
  const own = new Map<string, number>();
  for (const { callFrame, hitCount = 0 } of nodes) {
    const place = `${callFrame.functionName || "(anonymous)"} ${callFrame.url.split("/").at(-1)!}:${callFrame.lineNumber + 1}`;
    own.set(place, (own.get(place) ?? 0) + hitCount);
  }
  const total = [...own.values()].reduce((sum, hits) => sum + hits, 0);
  const top = [...own].toSorted(([, left], [, right]) => right - left).slice(0, TOP);
  return aligned(
    top.filter(([, hits]) => hits > 0).map(([place, hits]) => [place, `${((hits / total) * 100).toFixed(1)}%`]),
  );
}

function save(profile: Profiler.Profile): void {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${caseName.replaceAll("/", "-")}-${contender}.cpuprofile`, folder), JSON.stringify(profile));
}
