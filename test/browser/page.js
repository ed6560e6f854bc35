/**
 * Runs in the browser: decodes every golden vector with every back end that works here, encodes it again, and reports
 * to run.ts. The bytes must come back as Apache Thrift wrote them.
 */

import { compile, parseSchema } from "scrimp";

/** The page's policy may forbid code generation; then `compile` must choose closures by itself. */
const chosen = { allowed: "source", forbidden: "closure" };

async function roundTrip() {
  const { files, entry, vectors, codeGeneration } = await (await fetch("/golden.json")).json();
  const schema = parseSchema(files, { entry });
  const inBase = (name) => new RegExp(`^(struct|union|exception) ${name} `, "m").test(files["base.thrift"]);
  const failures = [];
  let count = 0;
  for (const backend of codeGeneration === "allowed" ? ["source", "closure"] : ["closure"]) {
    for (const { struct, binary } of vectors) {
      const codec = compile(
        schema.struct(inBase(struct) ? `base.${struct}` : struct),
        backend === chosen[codeGeneration] ? {} : { backend },
      );
      const again = toHex(codec.encode(codec.decode(fromHex(binary))));
      if (codec.backend !== backend) failures.push(`${struct}: back end ${codec.backend}, expected ${backend}`);
      if (again !== binary) failures.push(`${struct} (${backend}): expected ${binary}, found ${again}`);
      count++;
    }
  }
  return { count, failures };
}

const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const report = await roundTrip().catch((error) => ({ count: 0, failures: [String(error.stack ?? error)] }));
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
