import { readFileSync } from "node:fs";
import { input } from "./input.js";
import { phase, report, resume } from "./phases.js";

const idl = new URL("../workload/bench.thrift", import.meta.url);
const { value } = input();

resume();
const { compile, parseSchema } = await import(
  new URL("index.js", process.env.SCRIMP_DIST ?? new URL("../../dist/", import.meta.url)).href
);
phase("import");
const schema = parseSchema({ "bench.thrift": readFileSync(idl, "utf8") }, { entry: "bench.thrift" });
phase("parse and link");
const codec = compile(schema.struct("Medium")).warm();
phase("compile");
const bytes = codec.encode(value);
phase("first encode");
codec.decode(bytes);
phase("first decode");
report();
