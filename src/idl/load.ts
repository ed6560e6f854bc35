/** IDL from disk. The only file of this layer that needs Node.js. */
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Follower, type LoadedFile, type Paths, type ReadResult } from "./include.js";
import { DEFAULT_IDL_LIMITS, type IdlLimits } from "./limits.js";

/** What is read from disk, and how much of it. All are optional. */
export interface LoadOptions {
  /** Folders to search for includes that are not beside the including file. */
  includeDirs?: readonly string[];
  /** How much IDL is read before it is refused. */
  limits?: IdlLimits;
}

const diskPaths: Paths = {
  join: (folder, path) => (resolve(path) === path ? path : join(folder, path)),
  dirname,
  identity: (path) => resolve(path),
};

/**
 * Reads an IDL file and what it includes, from beside the including file or else from `includeDirs`. Files come in
 * dependency order: after all that they include, so the entry is last.
 *
 * @throws IdlError with the mistakes of all files that were reached.
 */
export async function loadIdl(entryPath: string, options: LoadOptions = {}): Promise<LoadedFile[]> {
  const maxFileBytes = options.limits?.maxFileBytes ?? DEFAULT_IDL_LIMITS.maxFileBytes;
  const followed = new Follower(diskPaths, options).follow(entryPath);
  let step = followed.next();
  while (step.done !== true) step = followed.next(await read(step.value, maxFileBytes));
  return step.value;
}

async function read(path: string, maxFileBytes: number): Promise<ReadResult> {
  let file;
  try {
    file = await open(path);
    const stat = await file.stat();
    if (stat.isDirectory()) return undefined;
    if (stat.size > maxFileBytes) {
      return { code: "ERR_THRIFT_IDL_LIMIT", problem: `${path} is larger than ${String(maxFileBytes)} bytes` };
    }
    return { text: await file.readFile("utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return { code: "ERR_THRIFT_INCLUDE_NOT_FOUND", problem: `cannot read ${path}: ${code ?? "unknown error"}` };
  } finally {
    await file?.close();
  }
}
