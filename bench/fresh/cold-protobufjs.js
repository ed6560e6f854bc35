import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { input } from "./input.js";
import { phase, report, resume } from "./phases.js";

const require = createRequire(import.meta.url);
const idl = new URL("../workload/bench.proto", import.meta.url);
const { plain } = input();

resume();
const protobuf = require("protobufjs");
phase("import");
const { root } = protobuf.parse(readFileSync(idl, "utf8"), { keepCase: true });
phase("parse and link");
const type = root.lookupType("bench.Medium").setup();
phase("compile");
const bytes = type.encode(plain).finish();
phase("first encode");
type.decode(bytes);
phase("first decode");
report();
