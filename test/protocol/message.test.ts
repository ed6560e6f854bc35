import { describe, expect, it } from "vitest";
import { ApplicationError } from "../../src/errors.js";
import { BinaryReader, BinaryWriter } from "../../src/protocol/binary.js";
import {
  MessageType,
  readApplicationError,
  readMessageBegin,
  writeApplicationError,
  writeMessageBegin,
  type MessageOptions,
} from "../../src/protocol/message.js";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { hex, toHex } from "../support/hex.js";

function readerOf(bytes: Uint8Array): BinaryReader {
  const reader = new BinaryReader({ maxStringBytes: Infinity, strictUtf8: false });
  reader.reset(bytes);
  return reader;
}

function failure(bytes: Uint8Array, options?: MessageOptions): { code: string; offset: number } {
  try {
    readMessageBegin(readerOf(bytes), options);
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, offset: error.offset };
    throw error;
  }
  throw new Error("nothing was thrown");
}

// "ping", CALL, seqid 7
const STRICT = hex`8001 00 01  00000004 70696e67  00000007`;
const OLD = hex`00000004 70696e67  01  00000007`;
const PING = { name: "ping", type: MessageType.CALL, seqid: 7 };

describe("message header", () => {
  it("reads the strict form, and writes it", () => {
    const reader = readerOf(STRICT);
    expect(readMessageBegin(reader)).toEqual(PING);
    expect(reader.position).toBe(STRICT.length);
    const writer = new BinaryWriter({ strictUtf8: false });
    writeMessageBegin(writer, PING);
    expect(toHex(writer.finish())).toBe(toHex(STRICT));
  });

  it("reads the old form only when asked to", () => {
    expect(failure(OLD)).toEqual({ code: "ERR_THRIFT_BAD_VERSION", offset: 0 });
    expect(readMessageBegin(readerOf(OLD), { strict: false })).toEqual(PING);
    expect(readMessageBegin(readerOf(STRICT), { strict: false })).toEqual(PING);
  });

  it.each([1, 2, 3, 4] as const)("reads and writes message type %i", (type) => {
    const writer = new BinaryWriter({ strictUtf8: false });
    writeMessageBegin(writer, { name: "x", type, seqid: -1 });
    expect(readMessageBegin(readerOf(writer.finish()))).toEqual({ name: "x", type, seqid: -1 });
  });

  it.each([
    ["version 2", hex`8002 00 01 00000001 78 00000000`, "ERR_THRIFT_BAD_VERSION", 0],
    ["message type 0", hex`8001 00 00 00000001 78 00000000`, "ERR_THRIFT_INVALID_DATA", 3],
    ["message type 5", hex`8001 00 05 00000001 78 00000000`, "ERR_THRIFT_INVALID_DATA", 3],
    ["an empty name", hex`8001 00 01 00000000 00000000`, "ERR_THRIFT_INVALID_DATA", 4],
    ["a name of 513 bytes", hex`8001 00 01 00000201 ${"78".repeat(513)} 00000000`, "ERR_THRIFT_INVALID_DATA", 4],
    ["a negative name length", hex`8001 00 01 ffffffff 00000000`, "ERR_THRIFT_NEGATIVE_SIZE", 4],
    ["a name over what is left", hex`8001 00 01 00000003 7878`, "ERR_THRIFT_SIZE_LIMIT", 4],
    ["no seqid", hex`8001 00 01 00000001 78 000000`, "ERR_THRIFT_TRUNCATED", 9],
    ["nothing", hex`800100`, "ERR_THRIFT_TRUNCATED", 0],
  ])("refuses %s", (_name, bytes, code, offset) => {
    expect(failure(bytes)).toEqual({ code, offset });
  });

  it("refuses an old header with a bad type", () => {
    expect(failure(hex`00000001 78 09 00000000`, { strict: false })).toEqual({
      code: "ERR_THRIFT_INVALID_DATA",
      offset: 5,
    });
  });

  it("takes a name of 512 bytes, and writes none that is empty or longer", () => {
    const writer = new BinaryWriter({ strictUtf8: false });
    const name = "x".repeat(512);
    writeMessageBegin(writer, { ...PING, name });
    expect(readMessageBegin(readerOf(writer.finish())).name).toBe(name);
    expect(() => writeMessageBegin(writer, { ...PING, name: `${name}x` })).toThrow(ProtocolError);
    expect(() => writeMessageBegin(writer, { ...PING, name: "" })).toThrow(ProtocolError);
  });
});

describe("TApplicationException", () => {
  it("is written as message and type, and read back", () => {
    const writer = new BinaryWriter({ strictUtf8: false });
    writeApplicationError(writer, new ApplicationError(1, "no ping"));
    const bytes = writer.finish();
    expect(toHex(bytes)).toBe(
      toHex(hex`0b 0001 00000007 6e6f2070696e67 // 1: message
                08 0002 00000001                // 2: type
                00`),
    );
    const error = readApplicationError(readerOf(bytes), 64);
    expect(error).toBeInstanceOf(ApplicationError);
    expect([error.typeId, error.message]).toEqual([1, "no ping"]);
  });

  it("may lack fields, hold unknown ones, and hold known ones of another type", () => {
    const error = readApplicationError(readerOf(hex`08 0001 00000001  0b 0009 00000000  00`), 64);
    expect([error.typeId, error.message]).toEqual([0, ""]);
  });
});
