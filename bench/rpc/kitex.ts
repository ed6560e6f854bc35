/** Kitex in Go: its modes, and how its program is made. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { cacheFolder } from "../harness/cache.js";

export const kitexModes: Readonly<Record<string, { readonly title: string; readonly note: string }>> = {
  "kitex-pool": { title: "Kitex pool, TTHeader", note: "Go, long connection pool" },
  "kitex-framed": { title: "Kitex pool, framed", note: "Go, long connection pool" },
  "kitex-mux": { title: "Kitex mux, TTHeader", note: "Go, 2 connections" },
};

/** Builds the program once. @returns its path, or why there is none. */
export function buildKitex(): { readonly program: string } | { readonly absent: string } {
  const source = fileURLToPath(new URL("go/", import.meta.url));
  const program = `${cacheFolder("kitex")}kitex-echo`;
  try {
    execFileSync("go", ["build", "-o", program, "."], { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
    return { program };
  } catch (error) {
    return { absent: `its program cannot be built: ${String(error).split("\n")[0]}` };
  }
}
