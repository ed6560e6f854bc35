/** Certificates for one test run, made by the openssl program. No key is ever written into the repository. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Whether certificates can be made here. */
export const hasOpenssl = ((): boolean => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("tests of TLS are skipped: there is no openssl on PATH to make certificates");
    return false;
  }
})();

/** An authority that signs certificates. */
export class Authority implements Certificate {
  readonly cert: string;
  readonly key: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "scrimp-ca-"));

  constructor(name: string) {
    this.#openssl([
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "1",
      "-subj",
      `/CN=${name}`,
    ]);
    this.cert = this.#read("ca.pem");
    this.key = this.#read("ca.key");
  }

  /** @param san as openssl takes it, for example `DNS:localhost,IP:127.0.0.1`. */
  sign(san: string, { days = 1 }: { days?: number } = {}): Certificate {
    writeFileSync(join(this.#folder, "extensions"), `subjectAltName=${san}\n`);
    this.#openssl(["req", ...NEW_KEY, "-keyout", "key", "-out", "request", "-subj", "/CN=not.used"]);
    const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", String(days)];
    this.#openssl(["x509", "-req", "-in", "request", "-extfile", "extensions", "-out", "cert", ...signing]);
    return { cert: this.#read("cert"), key: this.#read("key") };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openssl(words: readonly string[]): void {
    execFileSync("openssl", words, { cwd: this.#folder, stdio: "pipe" });
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
