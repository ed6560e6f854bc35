/** Runs the same tests on every back end. */

import { describe } from "vitest";

const BACKENDS = ["source", "closure"] as const;

export type BackendName = (typeof BACKENDS)[number];

/** The back ends under test: all, or the one that the environment variable SCRIMP_BACKEND names. */
export const backends: readonly BackendName[] = chosen(process.env["SCRIMP_BACKEND"]);

/** Registers the tests once for each back end under test. */
export function forEachBackend(register: (backend: BackendName) => void): void {
  for (const backend of backends) {
    describe(`backend ${backend}`, () => {
      register(backend);
    });
  }
}

function chosen(name: string | undefined): readonly BackendName[] {
  if (name === undefined || name === "") return BACKENDS;
  const found = BACKENDS.filter((backend) => backend === name);
  if (found.length === 0) throw new Error(`SCRIMP_BACKEND must be one of ${BACKENDS.join(", ")}`);
  return found;
}
