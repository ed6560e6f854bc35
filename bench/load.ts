/** `npm run bench:load`: from the text of a real IDL (TCLIService.thrift, 36 KB, 87 structs) to the first codec, beside thriftrw. */

import { fileURLToPath } from "node:url";

import { phaseText, runFresh } from "./harness/fresh.js";
import { describeMachine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";

const TURNS = 15;
const idl = fileURLToPath(new URL("../node_modules/hive-driver/thrift/TCLIService.thrift", import.meta.url));
const words = [idl, "TExecuteStatementReq"];

const samples = await runFresh(
  [
    { title: "scrimp", script: new URL("fresh/load-scrimp.js", import.meta.url), arguments: words },
    { title: "thriftrw", script: new URL("fresh/load-thriftrw.js", import.meta.url), arguments: words },
  ],
  TURNS,
  showProgress,
);
endProgress();
process.stdout.write(`${machineText(describeMachine())}\n\nload TCLIService.thrift\n${phaseText(samples)}\n`);
