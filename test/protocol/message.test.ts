import { describe, expect, it } from "vitest";
import { ApplicationError } from "../../src/errors.js";
import { readApplicationError, writeApplicationError } from "../../src/protocol/message.js";
import {
  type MessageHeader,
  type MessageOptions,
  MessageType,
  ProtocolError,
  type ProtocolReader,
  type ProtocolWriter,
} from "../../src/protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../src/protocol/protocols.js";
import { hex, toHex } from "../support/hex.js";

const NAMES = Object.keys(PROTOCOLS) as ProtocolName[];

function readerOf(protocol: ProtocolName, bytes: Uint8Array): ProtocolReader {
  const reader = PROTOCOLS[protocol].createReader({ maxStringBytes: Infinity, strictUtf8: false });
  reader.reset(bytes);
  return reader;
}

function writerOf(protocol: ProtocolName): ProtocolWriter {
  return PROTOCOLS[protocol].createWriter({ strictUtf8: false });
}

/** A message with an empty struct. */
function write(protocol: ProtocolName, header: MessageHeader): Uint8Array {
  const writer = writerOf(protocol);
  writer.writeMessageBegin(header);
  writer.writeStructBegin();
  writer.writeFieldStop();
  writer.writeStructEnd();
  writer.writeMessageEnd();
  return writer.finish();
}

/** Reads a message with an empty struct to its end. */
function read(protocol: ProtocolName, bytes: Uint8Array, options?: MessageOptions): MessageHeader {
  const reader = readerOf(protocol, bytes);
  const header = reader.readMessageBegin(options);
  reader.readStructBegin();
  expect(reader.readFieldBegin()).toBe(false);
  reader.readStructEnd();
  reader.readMessageEnd();
  expect(reader.position).toBe(bytes.length);
  return header;
}

function failure(protocol: ProtocolName, bytes: Uint8Array, options?: MessageOptions): [code: string, offset: number] {
  try {
    readerOf(protocol, bytes).readMessageBegin(options);
  } catch (error) {
    if (error instanceof ProtocolError) return [error.code, error.offset];
    throw error;
  }
  throw new Error("nothing was thrown");
}

const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);

const PING = { name: "ping", type: MessageType.CALL, seqid: 7 };
const OLD = hex`00000004 70696e67  01  00000007  00`;

/** Calls of "ping" with seqid 7 and no arguments. */
const WIRE: Readonly<Record<ProtocolName, Uint8Array>> = {
  binary: hex`8001 00 01  00000004 70696e67  00000007  00`,
  compact: hex`82 21 07 04 70696e67 00`,
  tjson: text('[1,"ping",1,7,{}]'),
};

describe.each(NAMES)("a message header in %s", (protocol) => {
  it("is read, and written", () => {
    expect(read(protocol, WIRE[protocol])).toEqual(PING);
    expect(toHex(write(protocol, PING))).toBe(toHex(WIRE[protocol]));
  });

  it.each([1, 2, 3, 4] as const)("says message type %i", (type) => {
    expect(read(protocol, write(protocol, { ...PING, type }))).toEqual({ ...PING, type });
  });

  it.each([0, 1, 127, 128, 2 ** 31 - 1, -1, -128, -(2 ** 31)])("has room for seqid %i", (seqid) => {
    expect(read(protocol, write(protocol, { ...PING, seqid }))).toEqual({ ...PING, seqid });
  });

  it.each(["x".repeat(512), "é".repeat(256), "𝄞".repeat(128), 'a"b\\\n', "Service:ping", "__proto__"])(
    "carries a name of up to 512 bytes (%#)",
    (name) => {
      expect(read(protocol, write(protocol, { ...PING, name })).name).toBe(name);
    },
  );

  it.each(["", "x".repeat(513), "é".repeat(257), "\ud800".repeat(171)])(
    "is not written for a name that is empty or over 512 bytes (%#)",
    (name) => {
      const writer = writerOf(protocol);
      expect(() => writer.writeMessageBegin({ ...PING, name })).toThrow(
        expect.objectContaining({ code: "ERR_THRIFT_OUT_OF_RANGE", offset: -1 }),
      );
      expect(writer.position).toBe(0);
    },
  );

  it("holds names to a limit", () => {
    expect(read(protocol, WIRE[protocol], { maxNameBytes: 4 })).toEqual(PING);
    expect(failure(protocol, WIRE[protocol], { maxNameBytes: 3 })[0]).toBe("ERR_THRIFT_INVALID_DATA");
  });

  it("is never read from less than all of it", () => {
    const { length } = WIRE[protocol];
    const body = protocol === "tjson" ? 3 : 1;
    for (let end = 0; end < length - body; end++) {
      const [code, offset] = failure(protocol, WIRE[protocol].slice(0, end));
      expect(["ERR_THRIFT_TRUNCATED", "ERR_THRIFT_SIZE_LIMIT"]).toContain(code);
      expect(offset).toBeLessThanOrEqual(end);
    }
  });

  it("is no state: the struct may be read by another reader, from where the header ended", () => {
    const reader = readerOf(protocol, WIRE[protocol]);
    reader.readMessageBegin();
    const other = readerOf(protocol, WIRE[protocol]);
    other.position = reader.position;
    other.readStructBegin();
    expect(other.readFieldBegin()).toBe(false);
    other.readStructEnd();
    other.readMessageEnd();
    expect(other.position).toBe(WIRE[protocol].length);
  });
});

const NAME_513 = "78".repeat(513);

describe("a broken message header", () => {
  it.each<[string, ProtocolName, Uint8Array, code: string, offset: number]>([
    ["version 2", "binary", hex`8002 00 01 00000001 78 00000000`, "BAD_VERSION", 0],
    ["message type 0", "binary", hex`8001 00 00 00000001 78 00000000`, "INVALID_DATA", 3],
    ["message type 5", "binary", hex`8001 00 05 00000001 78 00000000`, "INVALID_DATA", 3],
    ["an empty name", "binary", hex`8001 00 01 00000000 00000000`, "INVALID_DATA", 4],
    ["a name of 513 bytes", "binary", hex`8001 00 01 00000201 ${NAME_513} 00000000`, "INVALID_DATA", 4],
    ["a negative name length", "binary", hex`8001 00 01 ffffffff 00000000`, "NEGATIVE_SIZE", 4],
    ["a name over what is left", "binary", hex`8001 00 01 00000003 7878`, "SIZE_LIMIT", 4],
    ["no seqid", "binary", hex`8001 00 01 00000001 78 000000`, "TRUNCATED", 9],
    ["nothing", "binary", hex`800100`, "TRUNCATED", 0],
    ["another protocol", "compact", WIRE.binary, "BAD_VERSION", 0],
    ["another protocol", "binary", WIRE.tjson, "BAD_VERSION", 0],
    ["another protocol", "tjson", WIRE.compact, "INVALID_DATA", 0],
    ["version 2", "compact", hex`82 22 07 01 78 00`, "BAD_VERSION", 1],
    ["version 0", "compact", hex`82 20 07 01 78 00`, "BAD_VERSION", 1],
    ["message type 0", "compact", hex`82 01 07 01 78 00`, "INVALID_DATA", 1],
    ["message type 7", "compact", hex`82 e1 07 01 78 00`, "INVALID_DATA", 1],
    ["a seqid of 33 bits", "compact", hex`82 21 ffffffff1f 01 78 00`, "INVALID_DATA", 2],
    ["an empty name", "compact", hex`82 21 07 00 00`, "INVALID_DATA", 3],
    ["a name of 513 bytes", "compact", hex`82 21 07 8104 ${NAME_513} 00`, "INVALID_DATA", 3],
    ["a name length of 32 bits", "compact", hex`82 21 07 ffffffff0f 78 00`, "NEGATIVE_SIZE", 3],
    ["a name over what is left", "compact", hex`82 21 07 03 7878`, "SIZE_LIMIT", 3],
    ["version 2", "tjson", text('[2,"ping",1,7,{}]'), "BAD_VERSION", 1],
    ["version 1.5", "tjson", text('[1.5,"ping",1,7,{}]'), "INVALID_DATA", 1],
    ["message type 0", "tjson", text('[1,"ping",0,7,{}]'), "INVALID_DATA", 10],
    ["message type 5", "tjson", text('[1,"ping",5,7,{}]'), "INVALID_DATA", 10],
    ["a seqid of 33 bits", "tjson", text('[1,"ping",1,2147483648,{}]'), "INVALID_DATA", 12],
    ["an empty name", "tjson", text('[1,"",1,7,{}]'), "INVALID_DATA", 3],
    ["a name that is none", "tjson", text("[1,7,1,7,{}]"), "INVALID_DATA", 3],
    ["a name of 513 bytes", "tjson", text(`[1,"${"x".repeat(513)}",1,7,{}]`), "INVALID_DATA", 3],
    ["a name of 513 bytes in escapes", "tjson", text(`[1,"${"\\u0078".repeat(513)}",1,7,{}]`), "INVALID_DATA", 3],
    ["a name of 257 letters of two bytes", "tjson", text(`[1,"${"\\u00e9".repeat(257)}",1,7,{}]`), "INVALID_DATA", 3],
    ["an object", "tjson", text("{}"), "INVALID_DATA", 0],
  ])("with %s in %s is refused", (_what, protocol, bytes, code, offset) => {
    expect(failure(protocol, bytes)).toEqual([`ERR_THRIFT_${code}`, offset]);
  });

  it("of the old form is read only when asked to", () => {
    expect(failure("binary", OLD)).toEqual(["ERR_THRIFT_BAD_VERSION", 0]);
    expect(read("binary", OLD, { strictRead: false })).toEqual(PING);
    expect(read("binary", WIRE.binary, { strictRead: false })).toEqual(PING);
  });

  it.each([
    ["type", hex`00000001 78 09 00000000`, 5],
    ["name", hex`00000000 01 00000000`, 0],
  ])("of the old form with a bad %s is refused", (_what, bytes, offset) => {
    expect(failure("binary", bytes, { strictRead: false })).toEqual(["ERR_THRIFT_INVALID_DATA", offset]);
  });

  it("in tjson may have blanks everywhere", () => {
    expect(read("tjson", text(' [ 1 , "ping" ,\t1 , 7 ,\n{ } ] '))).toEqual(PING);
  });

  it("must end in tjson", () => {
    const reader = readerOf("tjson", text('[1,"ping",1,7,{},'));
    reader.readMessageBegin();
    reader.readStructBegin();
    reader.readFieldBegin();
    reader.readStructEnd();
    expect(() => reader.readMessageEnd()).toThrow(expect.objectContaining({ code: "ERR_THRIFT_INVALID_DATA" }));
  });
});

describe("TApplicationException", () => {
  it("is written as message and type, and read back", () => {
    const writer = writerOf("binary");
    writeApplicationError(writer, new ApplicationError(1, "no ping"));
    const bytes = writer.finish();
    expect(toHex(bytes)).toBe(
      toHex(hex`0b 0001 00000007 6e6f2070696e67 // 1: message
                08 0002 00000001                // 2: type
                00`),
    );
    const error = readApplicationError(readerOf("binary", bytes), 64);
    expect(error).toBeInstanceOf(ApplicationError);
    expect([error.typeId, error.message]).toEqual([1, "no ping"]);
  });

  it("may lack fields, hold unknown ones, and hold known ones of another type", () => {
    const error = readApplicationError(readerOf("binary", hex`08 0001 00000001  0b 0009 00000000  00`), 64);
    expect([error.typeId, error.message]).toEqual([0, ""]);
  });
});
