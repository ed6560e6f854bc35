/**
 * Peers: programs outside npm that interop tests talk to (Apache's compiler, its Python library, Go). A test that needs
 * one is skipped with a printed reason where it is missing, and fails there when SCRIMP_REQUIRE_PEERS is 1, as in CI.
 */

import { spawnSync } from "node:child_process";
import { describe, it } from "vitest";

/** True when the command starts and exits with 0. Debian's Python libraries are seen by /usr/bin/python3 alone. */
export function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 30_000 }).status === 0;
}

/** What is looked for, by name. The command stands here once; tests take it from {@link PYTHON} or spell `thrift` and `go`. */
export const PYTHON = process.env.SCRIMP_PYTHON ?? "/usr/bin/python3";

const PEERS = {
  /** Apache's compiler: Debian package thrift-compiler. */
  thrift: () => runs("thrift", "-version"),
  /** The version whose every verdict is known, which is Debian's. */
  "thrift 0.17": () => (spawnSync("thrift", ["-version"]).stdout as Buffer | null)?.includes(" 0.17") ?? false,
  /** Apache's Python library: Debian package python3-thrift. */
  "python3-thrift": () => runs(PYTHON, "-c", "import thrift"),
  go: () => runs("go", "version"),
} as const;

export type PeerName = keyof typeof PEERS;

/** `describe` for tests that take minutes, most of them in the programs of peers: they run only where peers are required. */
export function describeWhenRequired(title: string, body: () => void): void {
  if (process.env.SCRIMP_REQUIRE_PEERS === "1") {
    describe(title, body);
  } else {
    console.warn(`skipped: ${title} needs SCRIMP_REQUIRE_PEERS=1, which --mode peers sets`);
    describe.skip(title, body);
  }
}

/** `describe` for tests that need a peer. `isPresent` replaces the usual look for it. */
export function describeWithPeer(peer: PeerName, body: () => void, isPresent: () => boolean = PEERS[peer]): void {
  if (isPresent()) {
    describe(`with ${peer}`, body);
  } else if (process.env.SCRIMP_REQUIRE_PEERS === "1") {
    describe(`with ${peer}`, () => {
      it("is installed", () => {
        throw new Error(`${peer} is not installed, and SCRIMP_REQUIRE_PEERS is 1`);
      });
    });
  } else {
    console.warn(`skipped: ${peer} is not installed`);
    describe.skip(`with ${peer} (skipped: not installed)`, body);
  }
}
