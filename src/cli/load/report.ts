/** What a run of load looks like, for people and as JSON. */

import type { Paint } from "../shell.js";
import type { Load } from "./load.js";

const PERCENTILES = [50, 90, 99, 99.9] as const;

const BAR_WIDTH = 40;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Calls that were answered and those that were not, latency, and a histogram of it. */
export function* reportLines(load: Load, paint: Paint): Generator<string> {
  const { latencies, failures, elapsedMs } = load;
  const perSecond = (latencies.count / elapsedMs) * 1000;
  yield `${label("calls", paint)}${count(latencies.count)} in ${(elapsedMs / 1000).toFixed(1)} s, ${paint("bold", `${count(perSecond)} a second`)}`;
  for (const [code, number] of failures) yield `${label("failed", paint)}${paint("red", count(number))} ${code}`;
  if (latencies.count === 0) return;
  const points = PERCENTILES.map((percent) => `p${percent} ${time(latencies.percentileMs(percent))}`);
  yield `${label("latency", paint)}${points.join("   ")}   max ${time(latencies.maxMs)}   mean ${time(latencies.meanMs)}`;
  yield "";
  const bars = latencies.bars();
  const highest = Math.max(...bars.map((bar) => bar.count));
  for (const bar of bars) {
    const drawn = drawBar(bar.count / highest);
    yield `  ${time(bar.toMs).padStart(8)} ${paint("green", drawn)} ${paint("dim", count(bar.count))}`.trimEnd();
  }
}

/** The same figures for programs: times in milliseconds. */
export function reportJson({ latencies, failures, elapsedMs }: Load): Record<string, unknown> {
  return {
    calls: latencies.count,
    failures: Object.fromEntries(failures),
    seconds: elapsedMs / 1000,
    callsPerSecond: (latencies.count / elapsedMs) * 1000,
    latencyMs: {
      mean: latencies.meanMs,
      max: latencies.maxMs,
      ...Object.fromEntries(PERCENTILES.map((percent) => [`p${percent}`, latencies.percentileMs(percent)])),
    },
    histogram: latencies.bars(),
  };
}

function label(text: string, paint: Paint): string {
  return `  ${paint("dim", text.padEnd(9))}`;
}

/** A bar of a height of 0 to 1; anything above 0 shows. */
function drawBar(height: number): string {
  const eighths = height === 0 ? 0 : Math.max(1, Math.round(height * BAR_WIDTH * 8));
  return ("█".repeat(eighths >> 3) + EIGHTHS[eighths & 7]).padEnd(BAR_WIDTH);
}

/** Three figures. */
function time(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
