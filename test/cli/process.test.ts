import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { idlFolder, spawnScrimp } from "./scrimp.js";

const at = idlFolder({ "list.thrift": "struct List { 1: list<i32> items }" });
const IDL = at("list.thrift");

async function result(args: string[], input: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<unknown[]> {
  const child = spawnScrimp(args, env);
  child.stdin!.end(input);
  const ended = once(child, "close");
  const [output, errors] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = (await ended) as [number | null];
  return [code, output, errors];
}

describe("scrimp as a process", () => {
  it("encodes into a pipe and decodes out of one", async () => {
    const encoder = spawnScrimp(["encode", IDL, "List"]);
    const decoder = spawnScrimp(["decode", "--indent", "0", IDL, "List"]);
    encoder.stdout!.pipe(decoder.stdin!);
    encoder.stdin!.end('{"items": [1, 2, 3]}');
    expect(await text(decoder.stdout!)).toBe('{"items":[1,2,3]}\n');
  });

  it.each([
    [["check", IDL], 0],
    [["decode", IDL, "List"], 1],
    [["decode", IDL], 2],
  ])("%j exits with %i", async (args, exitCode) => {
    const [code, , errors] = await result(args, "");
    expect(code).toBe(exitCode);
    expect(errors).not.toMatch(/^ {4}at /m);
  });

  it("colours a pipe only when FORCE_COLOR asks for it", async () => {
    const [, , plain] = await result(["decode", IDL, "List"], "");
    const [, , coloured] = await result(["decode", IDL, "List"], "", { FORCE_COLOR: "1" });
    expect(plain).toMatch(/^error: cannot decode List: /);
    expect(coloured).toMatch(/^\u001b\[31merror:/);
  });

  it("ends in silence when the reader of a long dump has enough", async () => {
    const count = 200_000;
    const bytes = Buffer.alloc(3 + 5 + count * 4 + 1);
    bytes.set([15, 0, 1, 8]);
    bytes.writeInt32BE(count, 4);
    const child = spawnScrimp(["decode", "--tree", IDL, "List"]);
    child.stdin!.on("error", () => undefined);
    child.stdin!.end(bytes);
    const errors = text(child.stderr!);
    await once(child.stdout!, "data");
    child.stdout!.destroy();
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect({ code, signal, errors: await errors }).toEqual({ code: 0, signal: null, errors: "" });
  });
});

describe.runIf(existsSync("/dev/full"))("scrimp with a full disk", () => {
  it("says so in one line and exits with 1", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawnScrimp(["explain", IDL, "List"], {}, full);
    const ended = once(child, "close");
    expect(await text(child.stderr!)).toMatch(/^error: ENOSPC[^\n]*\n$/);
    expect((await ended)[0]).toBe(1);
    closeSync(full);
  });
});
