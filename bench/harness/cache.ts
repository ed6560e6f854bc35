/** Where the benchmark keeps what it makes: under `node_modules`, which every tool leaves alone. */

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A folder of that name, made when missing; ends with a slash. */
export function cacheFolder(name: string): string {
  const folder = fileURLToPath(new URL(`../../node_modules/.cache/scrimp-bench/${name}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  return folder;
}
