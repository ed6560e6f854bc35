import { loadIdlFromMemory, type LoadedFile } from "../idl/include.js";
import type { IdlLimits } from "../idl/limits.js";
import { link, type LinkOptions } from "./link.js";
import { Schema } from "./schema.js";

/** Options of {@link parseSchema}. */
export interface ParseSchemaOptions extends LinkOptions {
  /** The file to start from; only it and what it includes is read. Default: the first of the files. */
  entry?: string;
  /** Folders, in the names of the files, to search for includes that are not beside the including file. */
  includeDirs?: readonly string[];
  /** How much IDL is read before it is refused. */
  limits?: IdlLimits;
}

/**
 * Makes a schema of IDL texts by file name: `parseSchema({ "p.thrift": "struct P { 1: i32 x }" })`. Needs no file system.
 *
 * @throws IdlError for text that cannot be read, SchemaError for text that means nothing; both list every mistake.
 */
export function parseSchema(files: Readonly<Record<string, string>>, options: ParseSchemaOptions = {}): Schema {
  const { entry = Object.keys(files)[0], includeDirs, limits } = options;
  if (entry === undefined) throw new TypeError("expected at least one file");
  const loaded = loadIdlFromMemory(files, { entry, ...(includeDirs && { includeDirs }), ...(limits && { limits }) });
  return linkLoaded(loaded, options);
}

/** Links what an IDL loader gave; the entry is the last file. */
export function linkLoaded(loaded: readonly LoadedFile[], options: LinkOptions): Schema {
  const files = loaded.map(({ document, includes }) => ({ document, includes: [...includes.values()] }));
  const { files: linked, warnings } = link(files, options);
  return new Schema({ files: linked, entry: linked[linked.length - 1], warnings });
}
