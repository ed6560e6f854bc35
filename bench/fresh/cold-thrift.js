import { createRequire } from "node:module";
import { input } from "./input.js";
import { phase, report, resume } from "./phases.js";

const require = createRequire(import.meta.url);
const { plain } = input();

resume();
const thrift = require("thrift");
phase("import");
const { Header, Item, Medium } = require("../generated/apache/bench_types.cjs");
phase("compile");
const header = new Header(plain.header);
const message = new Medium({ ...plain, header, items: plain.items.map((item) => new Item(item)) });
let bytes;
const transport = new thrift.TBufferedTransport(undefined, (written) => (bytes = written));
message.write(new thrift.TBinaryProtocol(transport));
transport.flush();
phase("first encode");
new Medium().read(new thrift.TBinaryProtocol(new thrift.TFramedTransport(bytes)));
phase("first decode");
report();
