/** Follows the includes of an IDL file: each file once, cycles named, within limits. Knows no file system. */
import { IdlError, type ErrorCode, type Problem } from "../errors.js";
import { LineTable, codeFrame, nearest } from "./frame.js";
import { resolveLimits, type IdlLimits } from "./limits.js";
import { parseIdl } from "./parse.js";
import type { Document, IncludeSyntax } from "./syntax.js";

/** A file, and the document that each of its includes stands for, by the path as the include statement writes it. */
export interface LoadedFile {
  document: Document;
  includes: ReadonlyMap<string, Document>;
}

/** Options of {@link loadIdlFromMemory}. */
export interface MemoryOptions {
  /** Which of the files to start from. */
  entry: string;
  /** Folders to search for includes that are not beside the including file. */
  includeDirs?: readonly string[];
  limits?: IdlLimits;
}

/** Why a file is not read. */
interface Refusal {
  code: ErrorCode;
  problem: string;
}

/** What reading a file gave; undefined where there is none. */
export type ReadResult = { text: string } | Refusal | undefined;

/** How paths work where the files are. */
export interface Paths {
  /** The path of an include seen from a folder; `folder` may be empty. */
  join(folder: string, path: string): string;
  dirname(path: string): string;
  /** Equal for two paths of one file. */
  identity(path: string): string;
}

/**
 * Reads IDL from a record of file names and texts. Files come in dependency order: after all that they include, so the
 * entry is last. A file that is not reached from the entry is not read.
 *
 * @throws IdlError with the mistakes of all files that were reached.
 */
export function loadIdlFromMemory(files: Readonly<Record<string, string>>, options: MemoryOptions): LoadedFile[] {
  // A Map, so that a file may be called `__proto__`, and that `constructor` is not one.
  const texts = new Map(Object.entries(files).map(([path, text]) => [normalize(path), text]));
  const followed = new Follower(memoryPaths, options, texts.keys()).follow(options.entry);
  let step = followed.next();
  while (step.done !== true) {
    const text = texts.get(step.value);
    if (text !== undefined && typeof text !== "string")
      throw new TypeError(`expected the text of ${step.value} to be a string`);
    step = followed.next(text === undefined ? undefined : { text });
  }
  return step.value;
}

const memoryPaths: Paths = {
  join: (folder, path) => normalize(folder === "" || path.startsWith("/") ? path : `${folder}/${path}`),
  dirname: (path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))),
  identity: (path) => path,
};

/** Resolves `.`, `..` and doubled slashes, as a POSIX file system would. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}

/** Walks include statements depth first. Asks for texts by yielding paths, so that one walk serves disk and memory. */
export class Follower {
  readonly #paths: Paths;
  readonly #includeDirs: readonly string[];
  readonly #limits: Required<IdlLimits>;
  readonly #known: Iterable<string>;
  readonly #problems: Problem[] = [];
  /** By identity; undefined while the includes of a file are being followed, or when it could not be parsed. */
  readonly #documents = new Map<string, Document | undefined>();
  readonly #loaded: LoadedFile[] = [];
  /** The files from the entry to the one that is being read. */
  readonly #chain: { identity: string; path: string }[] = [];

  /** `known` are paths to suggest when one is misspelt. */
  constructor(
    paths: Paths,
    options: { includeDirs?: readonly string[]; limits?: IdlLimits },
    known: Iterable<string> = [],
  ) {
    this.#paths = paths;
    this.#includeDirs = options.includeDirs ?? [];
    this.#limits = resolveLimits(options.limits);
    this.#known = known;
  }

  *follow(entry: string): Generator<string, LoadedFile[], ReadResult> {
    const path = this.#paths.join("", entry);
    const result = yield path;
    if (result !== undefined && "text" in result) {
      yield* this.#file(path, result.text);
    } else {
      const { code, problem } = result ?? this.#notFound(entry, [path]);
      this.#problems.push({ code, message: problem, location: { file: path, line: 0, column: 0 }, frame: "" });
    }
    if (this.#problems.length > 0) throw new IdlError(this.#problems);
    return this.#loaded;
  }

  *#file(path: string, text: string): Generator<string, Document | undefined, ReadResult> {
    const identity = this.#paths.identity(path);
    this.#documents.set(identity, undefined);
    let document: Document;
    try {
      document = parseIdl(text, path, this.#limits);
    } catch (error) {
      if (!(error instanceof IdlError)) throw error;
      this.#problems.push(...error.problems);
      return undefined;
    }
    const includes = new Map<string, Document>();
    this.#chain.push({ identity, path });
    for (const include of document.includes) {
      const target = yield* this.#include(document, include);
      if (target !== undefined) includes.set(include.path, target);
    }
    this.#chain.pop();
    this.#documents.set(identity, document);
    this.#loaded.push({ document, includes });
    return document;
  }

  *#include(from: Document, include: IncludeSyntax): Generator<string, Document | undefined, ReadResult> {
    const candidates = this.#candidates(from, include);
    for (const candidate of candidates) {
      const identity = this.#paths.identity(candidate);
      const start = this.#chain.findIndex((file) => file.identity === identity);
      if (start >= 0) {
        const circle = [...this.#chain.slice(start).map((file) => file.path), candidate].join(" → ");
        return this.#refuse(include, from, {
          code: "ERR_THRIFT_INCLUDE_CYCLE",
          problem: `circle of includes: ${circle}`,
        });
      }
      if (this.#documents.has(identity)) return this.#documents.get(identity);
      const result = yield candidate;
      if (result === undefined) continue;
      const refusal = "text" in result ? this.#overLimit() : result;
      if (refusal !== undefined) return this.#refuse(include, from, refusal);
      return yield* this.#file(candidate, "text" in result ? result.text : "");
    }
    return this.#refuse(include, from, this.#notFound(include.path, candidates));
  }

  #candidates(from: Document, { path }: IncludeSyntax): string[] {
    const folders = [this.#paths.dirname(from.file), ...this.#includeDirs];
    return [...new Set(folders.map((folder) => this.#paths.join(folder, path)))];
  }

  /** Why one more file may not be read, if it may not. */
  #overLimit(): Refusal | undefined {
    const { maxFiles, maxIncludeDepth } = this.#limits;
    const code = "ERR_THRIFT_IDL_LIMIT";
    if (this.#chain.length > maxIncludeDepth) {
      return { code, problem: `includes are nested deeper than ${String(maxIncludeDepth)} levels` };
    }
    return this.#documents.size >= maxFiles
      ? { code, problem: `there are more than ${String(maxFiles)} files` }
      : undefined;
  }

  #notFound(path: string, candidates: readonly string[]): Refusal {
    const meant = nearest(path, this.#known);
    const hint = meant === undefined ? "" : `; did you mean '${meant}'?`;
    const problem = `cannot find '${path}', looked for ${candidates.join(", ")}${hint}`;
    return { code: "ERR_THRIFT_INCLUDE_NOT_FOUND", problem };
  }

  #refuse(include: IncludeSyntax, from: Document, { code, problem }: Refusal): undefined {
    const { line, column } = new LineTable(from.text).at(include.start);
    const frame = codeFrame(from.text, line, column, column + include.end - include.start);
    this.#problems.push({ code, message: problem, location: { file: from.file, line, column }, frame });
  }
}
