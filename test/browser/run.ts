/**
 * The built package in headless Chromium: golden vectors go through decode and encode there, once on a page that may
 * generate code and once on a page whose policy forbids it. Usage: npm run test:browser (CHROMIUM names the program).
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";

import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleForBrowser } from "./bundle.js";

const GOLDEN = join(import.meta.dirname, "../testdata/golden");
const CHROMIUM = process.env.CHROMIUM ?? "chromium";
const TIMEOUT_MS = 60_000;

type CodeGeneration = "allowed" | "forbidden";
interface Report {
  count: number;
  failures: string[];
}

const POLICY: Record<CodeGeneration, string> = {
  allowed: "script-src 'self' 'unsafe-eval'",
  forbidden: "script-src 'self'",
};

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const vectors = readFileSync(join(GOLDEN, "golden.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { struct: string; binary: string });
const idlFiles = readdirSync(GOLDEN).filter((name) => name.endsWith(".thrift"));
const files = Object.fromEntries(idlFiles.map((name) => [name, readFileSync(join(GOLDEN, name), "utf8")]));
const script = await bundleForBrowser("page.js", import.meta.dirname);

let failed = false;
for (const codeGeneration of ["allowed", "forbidden"] as const) {
  const { count, failures } = await visit(codeGeneration);
  const expected = vectors.length * (codeGeneration === "allowed" ? 2 : 1);
  console.log(`code generation ${codeGeneration}: ${count} of ${expected} round trips, ${failures.length} failures`);
  for (const failure of failures.slice(0, 10)) console.error(`  ${failure.slice(0, 500)}`);
  failed ||= failures.length > 0 || count !== expected;
}
process.exitCode = failed ? 1 : 0;

/** Serves the page on a free port, opens it, and waits for what it reports. */
async function visit(codeGeneration: CodeGeneration): Promise<Report> {
  const { promise, resolve, reject } = deferred<Report>();
  const server = createServer((request, response) => {
    response.setHeader("content-security-policy", POLICY[codeGeneration]);
    const body = bodies(codeGeneration)[request.url ?? ""];
    if (request.method === "POST") {
      void readBody(request).then((text) => {
        resolve(JSON.parse(text) as Report);
        response.end();
      });
    } else if (body !== undefined) {
      response.setHeader("content-type", body.type).end(body.text);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = openChromium(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, reject);
  const timer = setTimeout(() => {
    reject(new Error(`the page did not report within ${TIMEOUT_MS} ms`));
  }, TIMEOUT_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await close();
    server.close();
    server.closeAllConnections();
  }
}

function bodies(codeGeneration: CodeGeneration): Partial<Record<string, { type: string; text: string }>> {
  const golden = { files, entry: "everything.thrift", vectors, codeGeneration };
  return {
    "/": { type: "text/html", text: `<!doctype html><script type="module" src="/page.js"></script>` },
    "/page.js": { type: "text/javascript", text: script },
    "/golden.json": { type: "application/json", text: JSON.stringify(golden) },
  };
}

/** Starts the browser with a profile of its own; the result ends it and removes the profile. */
function openChromium(url: string, onFailure: (error: Error) => void): () => Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "scrimp-chromium-"));
  const child = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, url], { stdio: ["ignore", "ignore", "pipe"] });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (messages += text));
  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      onFailure(error);
      resolve();
    });
    // "close", not "exit": only then have all its processes let go of the profile.
    child.once("close", (code) => {
      onFailure(new Error(`${CHROMIUM} ended with ${code}:\n${messages}`));
      resolve();
    });
  });
  return async () => {
    child.kill();
    await exited;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
  return text;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}
