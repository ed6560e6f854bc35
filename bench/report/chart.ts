/** The README's chart: messages a second, a panel for each case, bars to the panel's fastest. Readable on white and on black. */

import type { ContenderResult, Results } from "../harness/rounds.js";

const PANEL_WIDTH = 430;
const LABEL_WIDTH = 130;
const BAR_WIDTH = 220;
const ROW = 18;
const HEAD = 34;

interface ChartPanel {
  readonly caseName: string;
  readonly heading: string;
}

/** The headline cases, encode to the left and decode to the right. */
export const chartPanels: readonly ChartPanel[] = [
  ...panelPair("small", "76 bytes"),
  ...panelPair("medium", "3.3 KB"),
  ...panelPair("frugal-medium-ascii", "17.5 KB, ASCII text"),
  ...panelPair("frugal-medium-chinese", "17.5 KB, Chinese text"),
];

function panelPair(workload: string, what: string): ChartPanel[] {
  return ["encode", "decode"].map((operation) => ({
    caseName: `${workload}/${operation}`,
    heading: `${operation}, ${what}`,
  }));
}

/** Panels that nobody was measured for are left out. */
export function chart(results: Results, wanted: readonly ChartPanel[], caption: string): string {
  const panels = wanted.filter(({ caseName }) => results.contenders.some(({ figures }) => caseName in figures));
  const contenders = results.contenders.filter(({ figures }) => panels.some(({ caseName }) => caseName in figures));
  const panelHeight = HEAD + contenders.length * ROW + 12;
  const height = Math.ceil(panels.length / 2) * panelHeight + 24;
  const drawn = panels.map((panel, index) => {
    const x = (index % 2) * PANEL_WIDTH;
    const y = Math.floor(index / 2) * panelHeight;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, contenders)}\n</g>`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * PANEL_WIDTH}" height="${height}" viewBox="0 0 ${2 * PANEL_WIDTH} ${height}" role="img">`,
    `<title>${escaped(caption)}</title>`,
    `<style>
text { font: 12px system-ui, sans-serif; fill: #444 }
.heading { font-weight: 600 }
.bar { fill: #9aa5b1 }
.ours { fill: #2f6fde }
@media (prefers-color-scheme: dark) { text { fill: #ccc } .bar { fill: #667 } .ours { fill: #5b93f5 } }
</style>`,
    ...drawn,
    `<text x="4" y="${height - 8}">${escaped(caption)}</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

function drawPanel({ caseName, heading }: ChartPanel, contenders: readonly ContenderResult[]): string {
  const present = contenders
    .filter(({ figures }) => caseName in figures)
    .toSorted((left, right) => left.figures[caseName].ns - right.figures[caseName].ns);
  const fastest = present[0]?.figures[caseName].ns ?? 1;
  const bars = present.map(({ label, title, figures }, index) => {
    const y = HEAD + index * ROW;
    const { ns } = figures[caseName];
    const width = Math.max(1, (fastest / ns) * BAR_WIDTH).toFixed(1);
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${y + 11}" text-anchor="end">${escaped(title ?? label)}</text>`,
      `<rect class="${label.startsWith("scrimp") ? "ours" : "bar"}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="13" rx="2"/>`,
      `<text x="${(LABEL_WIDTH + Number(width) + 6).toFixed(1)}" y="${y + 11}">${perSecond(1e9 / ns)}</text>`,
    ].join("");
  });
  return [`<text class="heading" x="${LABEL_WIDTH}" y="22">${escaped(heading)}</text>`, ...bars].join("\n");
}

function perSecond(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M/s`;
  if (rate >= 1e4) return `${Math.round(rate / 1e3)}k/s`;
  return `${Math.round(rate).toLocaleString("en")}/s`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
