/** The example of two services, as a reader of it would run it. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("npm run example", async () => {
  const args = ["--import", "tsx", "examples/store/main.ts"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect({ lines: stdout.trimEnd().split("\n"), stderr }).toEqual({
    lines: [
      "A-1: Ada has bought 2 tea for 9.00 EUR",
      "A-2: sold out, 1 left",
      "A-3: there is no coffee",
      "A-4: the credit is used up",
      "A-1 again: 2 tea",
      "A-9 again: no such order",
      "20 orders more, all placed; catalog 1 is closed",
      "the catalog has served Ada, Bob, Eve",
      "it was busy now and then: retried",
      "closed: 0 calls were still running; 24 orders in all",
    ],
    stderr: "",
  });
});
