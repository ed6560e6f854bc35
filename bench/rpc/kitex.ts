/** Kitex in Go: its modes, and how its program is made. */

import { fileURLToPath } from "node:url";

import { buildKitexProgram } from "../../test/support/kitex-program.js";

export const kitexModes: Readonly<Record<string, { readonly title: string; readonly note: string }>> = {
  "kitex-pool": { title: "Kitex pool, TTHeader", note: "Go, long connection pool" },
  "kitex-framed": { title: "Kitex pool, framed", note: "Go, long connection pool" },
  "kitex-mux": { title: "Kitex mux, TTHeader", note: "Go, 2 connections" },
};

/** Builds the program once. @returns its path, or why there is none. */
export function buildKitex(): { readonly program: string } | { readonly absent: string } {
  const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  try {
    return { program: buildKitexProgram(pathOf("go"), pathOf("echo.thrift")) };
  } catch (error) {
    return { absent: `its program cannot be built: ${String(error).split("\n")[0]}` };
  }
}
