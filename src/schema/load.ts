/** Schemas from disk. The only file of this layer that needs Node.js. */

import { loadIdl, type LoadOptions } from "../idl/load.js";
import type { LinkOptions } from "./link.js";
import { linkLoaded } from "./parse.js";
import type { Schema } from "./schema.js";

/** Options of {@link loadSchema}. */
export type LoadSchemaOptions = LoadOptions & LinkOptions;

/**
 * Reads an IDL file and what it includes and makes a schema of them.
 *
 * @throws IdlError for text that cannot be read, SchemaError for text that means nothing; both list every mistake.
 */
export async function loadSchema(path: string, options: LoadSchemaOptions = {}): Promise<Schema> {
  return linkLoaded(await loadIdl(path, options), options);
}
