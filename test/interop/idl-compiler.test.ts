/** Asks Apache's compiler about every row of the table that our parser is held against. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { IdlError } from "../../src/errors.js";
import { parseIdl } from "../../src/idl/parse.js";
import { PACKAGED_IDL } from "../idl/packaged.js";
import { VERDICTS, type Verdict } from "../idl/verdicts.js";
import { describeWithPeer } from "../support/peers.js";

const ACCEPTED_BY_COMPILER = new Set<Verdict>(["accepted", "accident"]);

/** What the compiler says of a file: undefined when it accepts it, otherwise its complaint. */
async function complaint(file: string, folder: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      "thrift",
      ["--gen", "json", "-o", folder, file],
      { timeout: 3000, killSignal: "SIGKILL" },
      (error, out, err) => {
        resolve(error === null ? undefined : out + err);
      },
    );
  });
}

/** Whether the compiler accepts a text. It loops for ever on an unclosed comment or string: that is a refusal. */
async function isAccepted(text: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "scrimp-idl-"));
  try {
    const file = join(folder, "t.thrift");
    await writeFile(file, text);
    return (await complaint(file, folder)) === undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describeWithPeer("thrift 0.17", () => {
  it("the compiler says of every row what the table says", { timeout: 120_000 }, async () => {
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

  it("the compiler refuses IDL of npm packages at the lines where our parser does", { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "scrimp-idl-"));
    for (const name of PACKAGED_IDL) {
      const said = await complaint(`node_modules/${name}`, folder);
      const line = refusedLine(`node_modules/${name}`);
      if (line === undefined) {
        // What is refused nevertheless is refused for what it means, or by the generator of JSON, or is newer.
        if (said?.includes("syntax error") === true) expect([name, NEWER.has(name)]).toEqual([name, true]);
      } else {
        expect([name, said]).toEqual([name, expect.stringContaining(`.thrift:${line}]`) as string]);
      }
    }
    await rm(folder, { recursive: true });
  });
});

/** Fields called like keywords. */
const NEWER = new Set(["thriftrw/test/enum-collision.thrift", "thriftrw/test/unrecognized-exception-v2.thrift"]);

function refusedLine(path: string): number | undefined {
  try {
    parseIdl(readFileSync(path, "utf8"), path);
    return undefined;
  } catch (error) {
    return error instanceof IdlError ? error.line : undefined;
  }
}
