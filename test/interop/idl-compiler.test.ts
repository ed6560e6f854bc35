/** Asks Apache's compiler about every row of the table that our parser is held against. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERDICTS, type Verdict } from "../idl/verdicts.js";

const ACCEPTED_BY_COMPILER = new Set<Verdict>(["accepted", "accident"]);

const version = spawnSync("thrift", ["--version"], { encoding: "utf8" }).stdout as string | null;
const isTheOne = version?.includes("0.17") === true;
if (!isTheOne) console.warn(`skipped: needs the thrift compiler 0.17 on PATH, found ${version?.trim() ?? "none"}`);

/** Whether the compiler accepts a text. It loops for ever on an unclosed comment or string: that is a refusal. */
async function isAccepted(text: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "scrimp-idl-"));
  try {
    const file = join(folder, "t.thrift");
    await writeFile(file, text);
    const args = ["--gen", "json", "-o", folder, file];
    return await new Promise((resolve) => {
      execFile("thrift", args, { timeout: 3000, killSignal: "SIGKILL" }, (error) => {
        resolve(error === null);
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.skipIf(!isTheOne)("the compiler still says what the table says", () => {
  it("of every row", { timeout: 120_000 }, async () => {
    const rows = [...VERDICTS];
    const wrong: string[] = [];
    const work = async (): Promise<void> => {
      for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
        const [snippet, verdict] = row;
        const accepted = await isAccepted(snippet);
        if (accepted !== ACCEPTED_BY_COMPILER.has(verdict)) wrong.push(`${verdict}: ${JSON.stringify(snippet)}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(wrong).toEqual([]);
  });
});
