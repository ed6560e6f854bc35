import { describe, expect, it } from "vitest";
import { BizStatusError, DecodeError } from "../../src/errors.js";
import { readBizStatus, writeBizStatus } from "../../src/rpc/biz-status.js";
import { decodeTTHeader } from "../../src/transport/ttheader-read.js";
import { PEER, VECTORS } from "../transport/kitex.js";

function read(pairs: Record<string, string>): BizStatusError | undefined {
  return readBizStatus(new Map(Object.entries(pairs)), "S.echo");
}

describe("a business status", () => {
  it("is read from a reply of Kitex", () => {
    const { header } = decodeTTHeader(VECTORS.TTH_BIZ.subarray(4), PEER);
    const status = readBizStatus(header.strings, "Echo.echo")!;
    expect(status.statusCode).toBe(404);
    expect(status.statusMessage).toBe("no user");
    expect(status.extra).toEqual(new Map([["k", "v"]]));
  });

  it.each([
    new BizStatusError(7, ""),
    new BizStatusError(-2_147_483_648, "fünf", { k: "v", __proto: "x" }),
    new BizStatusError(2_147_483_647, "x", new Map([["__proto__", "kept"]])),
  ])("is read as it was written: $statusCode", (status) => {
    const strings = new Map<string, string>();
    writeBizStatus(status, strings);
    const { statusCode, statusMessage, extra } = readBizStatus(strings, "S.echo")!;
    expect({ statusCode, statusMessage, extra }).toEqual({
      statusCode: status.statusCode,
      statusMessage: status.statusMessage,
      extra: status.extra,
    });
  });

  it.each([{}, { "biz-status": "0" }, { "biz-status": "00" }, { "biz-message": "fine" }])(
    "is absent from %j",
    (pairs) => {
      expect(read(pairs)).toBeUndefined();
    },
  );

  it.each([
    { "biz-status": "" },
    { "biz-status": "1e3" },
    { "biz-status": " 1" },
    { "biz-status": "2147483648" },
    { "biz-status": "0x10" },
    { "biz-status": "1", "biz-extra": "{" },
    { "biz-status": "1", "biz-extra": "[]" },
    { "biz-status": "1", "biz-extra": "null" },
    { "biz-status": "1", "biz-extra": '{"k":1}' },
  ])("is refused in %j", (pairs) => {
    expect(() => read(pairs)).toThrow(DecodeError);
    expect(() => read(pairs)).toThrow(/^cannot decode S\.echo: expected/);
  });
});
