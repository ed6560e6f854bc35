/** Plain JSON in the closure back end. */

import { JsonScanner } from "../../protocol/json/scanner.js";
import { JsonWriter } from "../../protocol/json/writer.js";
import type { ClosureFormat } from "../closure/format.js";
import { compileDecoder, type DecodeContext } from "./closure-decode.js";
import { compileEncoder, type EncodeContext } from "./closure-encode.js";

export const JSON_FORMAT: ClosureFormat<EncodeContext, DecodeContext> = {
  compileEncoder,
  compileDecoder,
  newEncodeContext: () => ({ writer: new JsonWriter(), depth: 0, path: [] }),
  newDecodeContext: ({ limits, utf8 }) => {
    const { maxStringBytes } = limits;
    return { reader: new JsonScanner({ maxStringBytes, strictUtf8: utf8 === "strict" }), depth: 0, heap: 0, path: [] };
  },
  start: ({ reader }, { bytes, view }, [start, end]) => {
    reader.reset(bytes, start, end, view);
  },
};
