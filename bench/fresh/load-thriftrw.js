import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { phase, report, resume } from "./phases.js";

const require = createRequire(import.meta.url);
const [file, type] = process.argv.slice(2);

resume();
const { Thrift } = require("thriftrw");
phase("import");
const thrift = new Thrift({ source: readFileSync(file, "utf8"), strict: false, allowOptionalArguments: true });
phase("parse and link");
void thrift[type].rw;
phase("first codec");
report();
