/** `npm run bench:rpc`: calls a second, latency and processor time of both sides, beside rivals. ../README.md says how. */

import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { describeMachine, machineText } from "../report/machine.js";
import { endProgress, showProgress } from "../report/progress.js";
import { type Cell, cellName, cells, type Entry, type Figure, resultText } from "./report.js";
import { contenderNames, RpcSession } from "./session.js";

const USAGE = `npm run bench:rpc -- [options]

  --contenders A,B     only these: ${contenderNames.join(", ")}
  --bytes A,B          sizes of the echoed struct (default 100,1024)
  --concurrency A,B    calls in flight (default 1,32,128)
  --rounds N           rounds of fresh processes (default 3)
  --ms N               time for each contender and cell in a round (default 1500)
`;

/** Before anything counts: processes have started, and engines have compiled what is hot. */
const WARM_MS = 2000;
const WARM_CONCURRENCY = 64;

const { values: options } = parseArgs({
  options: {
    contenders: { type: "string", default: contenderNames.join(",") },
    bytes: { type: "string", default: "100,1024" },
    concurrency: { type: "string", default: "1,32,128" },
    rounds: { type: "string", default: "3" },
    ms: { type: "string", default: "1500" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(USAGE);
else await run();

async function run(): Promise<void> {
  const numbers = (list: string): number[] => list.split(",").map(Number);
  const chosen = cells(numbers(options.bytes), numbers(options.concurrency));
  const entries = options.contenders.split(",").map((name): Entry => ({ name, figures: new Map() }));
  const rounds = Number(options.rounds);
  for (let round = 0; round < rounds; round++) {
    await playRound(entries, chosen, (step, done) => {
      showProgress(`round ${round + 1} of ${rounds}: ${step}`, round * chosen.length + done, rounds * chosen.length);
    });
  }
  endProgress();
  const machine = describeMachine();
  save({ machine, entries: entries.map((entry) => ({ ...entry, figures: Object.fromEntries(entry.figures) })) });
  process.stdout.write(`${machineText(machine)}\n\n${resultText(entries, chosen)}\n`);
}

/** All contenders follow each other in each cell, so that what slows the machine for a while slows all of them. */
async function playRound(
  entries: readonly Entry[],
  chosen: readonly Cell[],
  onProgress: (step: string, done: number) => void,
): Promise<void> {
  const sessions = new Map<Entry, RpcSession>();
  for (const entry of entries) {
    const session = await RpcSession.start(entry.name);
    if ("absent" in session) entry.absent = session.absent;
    else sessions.set(entry, session);
  }
  for (const [entry, session] of sessions) {
    onProgress(`warming ${entry.name}`, 0);
    await session.measure({ bytes: chosen[0].bytes, concurrency: WARM_CONCURRENCY, ms: WARM_MS });
  }
  for (const [done, cell] of chosen.entries()) {
    for (const [entry, session] of sessions) {
      onProgress(`${cellName(cell)} ${entry.name}`, done);
      add(entry, cell, await session.measure({ ...cell, ms: Number(options.ms) }));
    }
  }
  for (const session of sessions.values()) session.close();
}

function add(entry: Entry, cell: Cell, figure: Figure): void {
  const name = cellName(cell);
  entry.figures.set(name, [...(entry.figures.get(name) ?? []), figure]);
  entry.failed = (entry.failed ?? 0) + figure.failed;
}

function save(results: object): void {
  const folder = new URL("../results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    new URL(`rpc-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.json`, folder),
    JSON.stringify(results, null, 2),
  );
}
