/** The public face of scrimp, in the order data flows: IDL to schema, schema to codec, codec to bytes. */

export type { LoadOptions } from "./idl/load.js";
export { loadSchema, type LoadSchemaOptions } from "./schema/load.js";
export * from "./index.browser.js";
// Of the same name, and so in the place of those that browsers get.
export { messageTranscoder, rawCodec, transcoder } from "./transcode/node.js";
