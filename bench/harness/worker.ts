/**
 * A contender's process. Its arguments are the contender and the names of the cases. It prepares and proves every workload, warms
 * all cases in turn, so that code they share has seen every shape before anything is timed, says {@link Ready}, and then answers
 * each {@link Request} with a {@link Reply}.
 */

import { createInterface } from "node:readline";

import { loadContender } from "../contenders/index.js";
import { workloadNamed } from "../workload/workload.js";
import { caseNamed, type Operation } from "./cases.js";
import { mainThreadClock } from "./clock.js";
import { type Loop, measure, measureAgain, warmUp } from "./measure.js";
import { type Request, say } from "./protocol.js";
import { verify } from "./verify.js";

const WARM_PASSES = 3;
const WARM_MS = 100;

const [name, ...caseNames] = process.argv.slice(2);
const contender = await loadContender(name);
const clock = mainThreadClock();

const bytes: Record<string, number> = {};
const absent: Record<string, string> = {};
const loops = new Map<string, Record<Operation, Loop>>();

for (const workload of new Set(caseNames.map((caseName) => caseNamed(caseName).workload))) await prepare(workload);

for (let pass = 0; pass < WARM_PASSES; pass++) {
  for (const caseName of caseNames) {
    const loop = loopOf(caseName);
    if (loop) warmUp(loop, WARM_MS, clock);
  }
}

say({ title: contender.title, note: contender.note, clock: clock.name, bytes, absent });

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const loop = loopOf(request.case)!;
  say(request.harness === "benchmark" ? measureAgain(loop, request.ms) : measure(loop, request.ms, clock));
}

/** A rival that fails the proof takes no part in the workload, and the report says why. */
async function prepare(workloadName: string): Promise<void> {
  const workload = workloadNamed(workloadName);
  try {
    const codec = await contender.prepare(workload);
    if ("absent" in codec) {
      absent[workloadName] = codec.absent;
      return;
    }
    const messages = verify(workload, codec);
    bytes[workloadName] = messages.reduce((sum, message) => sum + message.length, 0) / messages.length;
    loops.set(workloadName, {
      encode: { operation: codec.encode, arguments: codec.inputs },
      decode: { operation: codec.decode, arguments: messages },
    });
  } catch (error) {
    absent[workloadName] = String(error);
  }
}

function loopOf(caseName: string): Loop | undefined {
  const { workload, operation } = caseNamed(caseName);
  return loops.get(workload)?.[operation];
}
