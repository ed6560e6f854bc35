/** What a command reads from and writes to: the standard streams of the process, or those of a test. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { styleText } from "node:util";
import { InputError } from "./input-error.js";

type Stream = Writable & { isTTY?: boolean };
type Style = Parameters<typeof styleText>[0];

/** UTF-16 units that are worth a write. */
const WRITE_SIZE = 16 * 1024;

/** Puts a style around text, or gives it back as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export interface ShellStreams {
  input: Readable & { isTTY?: boolean };
  output: Stream;
  errors: Stream;
  env: NodeJS.ProcessEnv;
}

/** Standard input, output and error as the commands see them. */
export class Shell {
  readonly #streams: ShellStreams;
  /** For standard output. */
  readonly paint: Paint;
  /** For standard error. */
  readonly paintError: Paint;

  constructor(streams: ShellStreams) {
    this.#streams = streams;
    this.paint = wantsColour(streams.output, streams.env) ? colour : plain;
    this.paintError = wantsColour(streams.errors, streams.env) ? colour : plain;
  }

  /** Standard error, for what draws over itself. */
  get errors(): Writable {
    return this.#streams.errors;
  }

  /** True when a person reads standard output. */
  get isTerminal(): boolean {
    return this.#streams.output.isTTY === true;
  }

  /** Writes to standard output and waits while the reader is slower. */
  async print(chunk: string | Uint8Array): Promise<void> {
    if (!this.#streams.output.write(chunk)) await once(this.#streams.output, "drain");
  }

  /** Writes lines as they come, many at a time: a write for each would cost more than making it. */
  async printLines(lines: Iterable<string>): Promise<void> {
    let gathered = "";
    for (const line of lines) {
      gathered += `${line}\n`;
      if (gathered.length < WRITE_SIZE) continue;
      await this.print(gathered);
      gathered = "";
    }
    if (gathered !== "") await this.print(gathered);
  }

  /** Writes a line to standard error. */
  tell(text: string): void {
    this.#streams.errors.write(`${text}\n`);
  }

  /** The whole of a file; of standard input for `-` and when there is none. @throws InputError when it cannot be read. */
  async read(file = "-"): Promise<Uint8Array> {
    if (file !== "-") return readFile(file).catch((error: unknown) => cannotRead(file, error));
    if (this.#streams.input.isTTY === true) this.tell("reading standard input; end it with Ctrl-D");
    return buffer(this.#streams.input);
  }
}

function cannotRead(file: string, error: unknown): never {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  throw new InputError(`cannot read ${file}: ${SYSTEM_ERRORS[code] ?? code}`);
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

/** NO_COLOR switches colours off, FORCE_COLOR on, also where no terminal is; FORCE_COLOR wins, as in Node.js itself. */
function wantsColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = env;
  if (force !== undefined) return force !== "0" && force !== "false";
  return stream.isTTY === true && (no ?? "") === "" && terminal !== "dumb";
}

// Newer versions of Node.js would look at the real standard output; the decision is made above.
const colour: Paint = (style, text) => styleText(style, text, { validateStream: false });
const plain: Paint = (_style, text) => text;
