/**
 * A business status in the string pairs of a TTHeader: `biz-status`, a decimal number that is not 0; `biz-message`; and,
 * when there is more to say, `biz-extra`, a JSON object of strings. The message behind such a header is a reply without
 * a result.
 */

import { BizStatusError, DecodeError } from "../errors.js";
import { StringKey } from "../transport/ttheader-keys.js";

/** Adds a status to the pairs of a reply. */
export function writeBizStatus(status: BizStatusError, strings: Map<string, string>): void {
  strings.set(StringKey.BIZ_STATUS, String(status.statusCode));
  strings.set(StringKey.BIZ_MESSAGE, status.statusMessage);
  if (status.extra.size > 0) strings.set(StringKey.BIZ_EXTRA, JSON.stringify(Object.fromEntries(status.extra)));
}

/**
 * Takes the status out of the pairs of a reply.
 *
 * @param path the method, for the error.
 * @returns undefined where there is none, or a status of 0.
 * @throws DecodeError INVALID_DATA on a status that is no number, or more about it that is no JSON object of strings.
 */
export function readBizStatus(strings: ReadonlyMap<string, string>, path: string): BizStatusError | undefined {
  const status = strings.get(StringKey.BIZ_STATUS);
  if (status === undefined || status === "0") return undefined;
  const code = Number(status);
  if (!/^-?\d+$/.test(status) || code !== (code | 0)) throw malformed(path, "a 32-bit integer as biz-status");
  if (code === 0) return undefined;
  return new BizStatusError(code, strings.get(StringKey.BIZ_MESSAGE) ?? "", readExtra(strings, path));
}

function readExtra(strings: ReadonlyMap<string, string>, path: string): ReadonlyMap<string, string> {
  const text = strings.get(StringKey.BIZ_EXTRA);
  if (text === undefined || text === "") return new Map();
  let extra: unknown;
  try {
    extra = JSON.parse(text);
  } catch {
    // Falls through to the same error as JSON of another kind.
  }
  if (typeof extra !== "object" || extra === null || Array.isArray(extra)) throw malformed(path, EXTRA);
  const pairs = Object.entries(extra);
  if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === "string")) throw malformed(path, EXTRA);
  return new Map(pairs);
}

const EXTRA = "a JSON object of strings as biz-extra";

function malformed(path: string, expected: string): DecodeError {
  return new DecodeError("ERR_THRIFT_INVALID_DATA", { path, offset: 0 }, `expected ${expected}, found something else`);
}
