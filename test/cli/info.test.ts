import { expect, it } from "vitest";
import { chooseBackend } from "../../src/codec/codec.js";
import { nativeStatus } from "../../src/transcode/native.js";
import { scrimp } from "./scrimp.js";

it("scrimp info names the back ends, and what keeps the addon out", async () => {
  const { code, output } = await scrimp(["info"]);
  const native = nativeStatus();
  expect(code).toBe(0);
  expect(output).toContain(process.version);
  expect(output).toMatch(new RegExp(`^codec +${chooseBackend(undefined)}`, "m"));
  expect(output).toContain(native.isActive ? `native: ${native.file}` : `interpreter: ${native.reason}`);
});
