/**
 * The build: one file for each entry point, and what they share in chunks, so that scrimp starts fast. The declarations
 * beside them come from tsc. Loading the 60 modules one by one, and CommonJS dependencies through the ESM loader, took
 * 4 times as long (see ARCHITECTURE.md, "Decisions changed").
 */

import { build } from "esbuild";

/** What the IDL layer takes from each CommonJS dependency. */
const TAKEN = {
  "@creditkarma/thrift-parser/dist/main/parser.js": ["createParser"],
  "@creditkarma/thrift-parser/dist/main/types.js": ["SyntaxType"],
  "@babel/code-frame": ["codeFrameColumns"],
};

/** In Node.js `require` loads CommonJS in a quarter of the time of `import`, and only when it is first used. */
const requireWhenUsed = {
  name: "require-when-used",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@(creditkarma|babel)\// }, ({ path, kind }) =>
      kind === "require-call" ? { path, external: true } : { path, namespace: "require-when-used" },
    );
    onLoad({ filter: /./, namespace: "require-when-used" }, ({ path }) => ({
      contents: `module.exports = { ${TAKEN[path].map((name) => `get ${name}() { return require(${JSON.stringify(path)}).${name}; }`).join(", ")} };`,
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
  entryPoints: ["src/index.ts", "src/rpc/index.ts", "src/cli/main.ts"],
  platform: "node",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  packages: "external",
  plugins: [requireWhenUsed],
  banner: {
    js: 'import { createRequire as createScrimpRequire } from "node:module"; const require = createScrimpRequire(import.meta.url);',
  },
});

// Whole in itself, for pages without a bundler and because thrift-parser loads `os`, of which it uses nothing that scrimp calls.
await build({
  ...shared,
  entryPoints: ["src/index.browser.ts"],
  platform: "browser",
  alias: { os: "data:text/javascript," },
  banner: {
    js: "/* Contains @creditkarma/thrift-parser (Apache-2.0) and @babel/code-frame with what it needs (MIT). */",
  },
});
