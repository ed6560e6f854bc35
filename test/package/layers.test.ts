import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";

/** Lints one import as if it stood in the file, with the project's own configuration less the rules that need types. */
async function breaches(file: string, code: string): Promise<string[]> {
  const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });
  const [result] = await eslint.lintText(code, { filePath: file });
  return result.messages
    .filter(({ ruleId }) => ruleId === "no-restricted-imports" || ruleId === "no-restricted-globals")
    .map(({ message }) => message.replace(/^.*?(src\/|this layer)/s, "$1"));
}

const BROWSER = "this layer runs in a browser: no imports from Node.js.";

describe("the layer rule", () => {
  it.each([
    ["src/idl/probe.ts", `import "../schema/schema.js";`, "src/idl may import only: errors."],
    ["src/schema/probe.ts", `export * from "../codec/plan.js";`, "src/schema may import only: errors, idl, protocol."],
    [
      "src/codec/source/probe.ts",
      `import "../../idl/parse.js";`,
      "src/codec may import only: errors, schema, protocol.",
    ],
    [
      "src/protocol/probe.ts",
      `import type {} from "../schema/descriptor.js";`,
      "src/protocol may import only: errors.",
    ],
    ["src/transport/probe.ts", `import "../protocol/ttype.js";`, "src/transport may import only: errors."],
    [
      "src/gateway/probe.ts",
      `import "../codec/codec.js";`,
      "src/gateway may import only: errors, rpc, transcode, schema.",
    ],
    ["src/rpc/probe.ts", `import "../index.js";`, "src/index.ts is for users: import the file that owns the thing."],
    ["src/codec/probe.ts", `import "node:fs";`, BROWSER],
    ["src/protocol/probe.ts", `import "buffer";`, BROWSER],
    ["src/schema/probe.ts", `process.exit();`, "this layer runs in a browser: ask globalThis whether it exists."],
  ])("refuses in %s: %s", async (file, code, message) => {
    expect(await breaches(file, code)).toEqual([message]);
  });

  it.each([
    [
      "src/codec/closure/probe.ts",
      `import "../plan.js"; import "../../schema/descriptor.js"; import "../../errors.js";`,
    ],
    ["src/schema/probe.ts", `import "./schema.js"; import "../idl/parse.js"; import "../protocol/ttype.js";`],
    ["src/schema/load.ts", `import "node:fs"; process.cwd();`],
    ["src/transport/probe.ts", `import "node:net"; process.cwd();`],
    ["src/cli/probe.ts", `import "../codec/codec.js"; import "../rpc/client.js";`],
  ])("allows in %s: %s", async (file, code) => {
    expect(await breaches(file, code)).toEqual([]);
  });
});
