import { defineConfig } from "vitest/config";

const REPETITIONS: Readonly<Record<string, string>> = { faults: "50", "faults-long": "200" };

/**
 * Modes, each a leg of CI:
 * - `closure`: as in a process that forbids `new Function`; the setup file checks that it really is one.
 * - `faults`, `faults-long`: each fault comes more often.
 * - `peers`: a missing peer (thrift, Go, Python) fails the interop tests instead of skipping them.
 */
export default defineConfig(({ mode }) => {
  const closure = mode === "closure" || process.env.SCRIMP_BACKEND === "closure";
  return {
    test: {
      include: ["test/**/*.test.ts"],
      exclude: ["test/browser/**", "test/testdata/**"],
      // A process for each file: execArgv below is a flag of V8, which worker threads do not take.
      pool: "forks",
      isolate: true,
      globals: false,
      testTimeout: 20_000,
      hookTimeout: 60_000,
      execArgv: closure ? ["--disallow-code-generation-from-strings"] : [],
      setupFiles: closure ? ["test/support/no-code-generation.ts"] : [],
      env: {
        ...(closure ? { SCRIMP_BACKEND: "closure" } : {}),
        ...(mode in REPETITIONS ? { SCRIMP_REPETITIONS: REPETITIONS[mode] } : {}),
        ...(mode === "peers" ? { SCRIMP_REQUIRE_PEERS: "1" } : {}),
      },
    },
  };
});
