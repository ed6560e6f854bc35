/**
 * The build: one file for each entry point, and what they share in chunks, so that scrimp starts fast. The declarations
 * beside them come from tsc (see ARCHITECTURE.md, "Decisions changed").
 */

import { readFileSync } from "node:fs";
import { build } from "esbuild";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));

/** Draws code frames. It is part of the bundle, but evaluated with the first mistake only, which halves what it costs. */
const CODE_FRAME = "@babel/code-frame";

const evaluateWhenUsed = {
  name: "evaluate-when-used",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${CODE_FRAME}$`) }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "evaluate-when-used" } : undefined,
    );
    onLoad({ filter: /./, namespace: "evaluate-when-used" }, () => ({
      contents: `export const codeFrameColumns = (...words) => require("${CODE_FRAME}").codeFrameColumns(...words);`,
      resolveDir: import.meta.dirname,
    }));
  },
};

const shared = {
  bundle: true,
  format: "esm",
  target: "es2023",
  sourcemap: true,
  sourcesContent: false,
  outdir: "dist",
  logLevel: "warning",
  plugins: [evaluateWhenUsed],
  banner: { js: `/* Contains ${CODE_FRAME} and what it needs (MIT). */` },
};

await build({
  ...shared,
  entryPoints: ["src/index.ts", "src/rpc/index.ts", "src/cli/main.ts"],
  platform: "node",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  external: Object.keys(dependencies),
});

// Whole in itself, for pages without a bundler.
await build({ ...shared, entryPoints: ["src/index.browser.ts"], platform: "browser" });
