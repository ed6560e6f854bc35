import { builtinModules } from "node:module";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Which layers the files of a layer may import, beside their own. `errors.ts` is open to all, `index.ts` to none. */
const mayImport = {
  idl: [],
  protocol: [],
  transport: [],
  schema: ["idl", "protocol"],
  codec: ["schema", "protocol"],
  transcode: ["codec", "schema", "protocol"],
  rpc: ["codec", "schema", "protocol", "transport"],
  gateway: ["rpc", "transcode", "schema"],
  cli: ["idl", "protocol", "transport", "schema", "codec", "transcode", "rpc", "gateway"],
};

/** Layers that run in a browser, and the files in them that do not: index.ts reaches those by way of conditional imports. */
const runsInBrowser = ["idl", "protocol", "schema", "codec", "transcode"];
const needsNode = ["src/idl/load.ts", "src/schema/load.ts", "src/transcode/native.ts", "src/transcode/slab.ts"];

const nodeImports = {
  regex: `^node:|^(${builtinModules.filter((name) => !name.startsWith("_")).join("|")})$`,
  message: "this layer runs in a browser: no imports from Node.js.",
};
const nodeGlobals = ["process", "Buffer", "global", "require", "module", "__dirname", "__filename", "setImmediate"].map(
  (name) => ({ name, message: "this layer runs in a browser: ask globalThis whether it exists." }),
);

/** The patterns of no-restricted-imports for one layer. */
function layerPatterns(layer) {
  const allowed = [layer, ...mayImport[layer]];
  const forbidden = Object.keys(mayImport).filter((other) => !allowed.includes(other));
  const names = ["errors", ...mayImport[layer]].join(", ");
  const rest = {
    regex: "^(\\.\\./)+index\\.js$",
    message: "src/index.ts is for users: import the file that owns the thing.",
  };
  if (forbidden.length === 0) return [rest];
  return [rest, { regex: `^(\\.\\./)+(${forbidden.join("|")})/`, message: `src/${layer} may import only: ${names}.` }];
}

function layerRules(layer) {
  const patterns = layerPatterns(layer);
  if (!runsInBrowser.includes(layer)) {
    return [{ files: [`src/${layer}/**`], rules: { "no-restricted-imports": ["error", { patterns }] } }];
  }
  const inNode = needsNode.filter((file) => file.startsWith(`src/${layer}/`));
  const restrict = (list) => ({ "no-restricted-imports": ["error", { patterns: list }] });
  return [
    {
      files: [`src/${layer}/**`],
      ignores: inNode,
      rules: { ...restrict([...patterns, nodeImports]), "no-restricted-globals": ["error", ...nodeGlobals] },
    },
    ...(inNode.length > 0 ? [{ files: inNode, rules: restrict(patterns) }] : []),
  ];
}

const countCode = { skipBlankLines: true, skipComments: true };

export default defineConfig(
  globalIgnores([
    "dist/",
    "docs/",
    "coverage/",
    "test/testdata/",
    "bench/results/",
    "**/.*/",
    "**/generated/",
    "**/gen-*/",
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", { max: 500, ...countCode }],
      "max-lines-per-function": ["error", { max: 60, ...countCode }],
      "max-params": ["error", 4],
      complexity: ["error", 17],
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // Numbers in messages and in generated source are the rule here.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `map.get(name)!` after a check that the types cannot see; a needless one is still reported.
      "@typescript-eslint/no-non-null-assertion": "off",
      // `return this.#fail(...)` reports and leaves in one line.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // noUncheckedIndexedAccess is off for the sake of code that indexes bytes, so a look-up by a name that may be missing
      // has a type that says it never is: this rule would take the checks out that hostile IDL needs.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Static functions that do not use `this` are taken out of their class by destructuring.
      "@typescript-eslint/unbound-method": ["error", { ignoreStatic: true }],
      // Control characters are what untrusted text is cleaned of.
      "no-control-regex": "off",
      // Values given to encode are unknown to the types: a type parameter used once names what the caller says they are.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  Object.keys(mayImport).flatMap(layerRules),
  {
    files: ["src/errors.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: ".", message: "errors.ts imports nothing." }] }],
    },
  },
  {
    // One bare signal ends a fast path or a broken statement; its folder catches it and makes the error.
    files: ["src/codec/**", "src/idl/**"],
    rules: { "@typescript-eslint/only-throw-error": "off" },
  },
  {
    files: ["src/cli/**"],
    rules: { "no-console": "off" },
  },
  {
    // Tables of cases are long, wrong values are given on purpose, and what decode returns is asserted, not typed.
    files: ["test/**", "bench/**", "examples/**"],
    rules: {
      "max-lines": "off",
      "max-lines-per-function": "off",
      "max-params": "off",
      "no-console": "off",
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-implied-eval": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    // Plain JavaScript: this file, and what runs before anything is built.
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly", fetch: "readonly" } },
  },
);
