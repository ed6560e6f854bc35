import { readFileSync } from "node:fs";
import { phase, report, resume } from "./phases.js";

const [file, type] = process.argv.slice(2);

resume();
const { compile, parseSchema } = await import(
  new URL("index.js", process.env.SCRIMP_DIST ?? new URL("../../dist/", import.meta.url)).href
);
phase("import");
const schema = parseSchema({ "main.thrift": readFileSync(file, "utf8") }, { entry: "main.thrift" });
phase("parse and link");
compile(schema.struct(type)).warm();
phase("first codec");
report();
