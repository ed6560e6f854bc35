/**
 * The build: one file for each entry point, and what they share in chunks, so that scrimp starts fast. The declarations
 * beside them come from tsc (see ARCHITECTURE.md, "Decisions changed").
 */

import { build } from "esbuild";

/** Draws code frames. Only mistakes need it, so it is loaded with the first, by `require`: a quarter of the time of `import`. */
const CODE_FRAME = "@babel/code-frame";

const requireWhenUsed = {
  name: "require-when-used",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${CODE_FRAME}$`) }, ({ path, kind }) =>
      kind === "require-call" ? { path, external: true } : { path, namespace: "require-when-used" },
    );
    onLoad({ filter: /./, namespace: "require-when-used" }, () => ({
      contents: `module.exports = { get codeFrameColumns() { return require("${CODE_FRAME}").codeFrameColumns; } };`,
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
};

await build({
  ...shared,
  entryPoints: ["src/index.ts", "src/cli/main.ts"],
  platform: "node",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  packages: "external",
  plugins: [requireWhenUsed],
  banner: {
    js: 'import { createRequire as createScrimpRequire } from "node:module"; const require = createScrimpRequire(import.meta.url);',
  },
});

// Whole in itself, for pages without a bundler.
await build({
  ...shared,
  entryPoints: ["src/index.browser.ts"],
  platform: "browser",
  banner: { js: "/* Contains @babel/code-frame and what it needs (MIT). */" },
});
