/** The back end in JavaScript: walks a program and an input together, and writes into memory that it uses again. */

import { isStackOverflow } from "../codec/closure/backend.js";
import { ProtocolError } from "../protocol/protocol.js";
import { NO_ROOM, REFUSED, type TranscodeBackend } from "./backend.js";
import { BinaryInput, CompactInput } from "./input/bytes.js";
import { refuse, type Input, type ThriftInput } from "./input/input.js";
import { JsonInput } from "./input/json.js";
import { TJsonInput } from "./input/tjson.js";
import { BinaryOutput } from "./output/binary.js";
import { CompactOutput } from "./output/compact.js";
import { JsonOutput } from "./output/json.js";
import { NoOutput } from "./output/none.js";
import type { Output } from "./output/output.js";
import { TJsonOutput } from "./output/tjson.js";
import { Header, Program, ProgramFlag, ProtocolCode } from "./program.js";
import { JsonWalker } from "./walk-json.js";
import { ThriftWalker } from "./walk-thrift.js";
import type { Walker } from "./walk.js";

/** Loads a program. */
export function interpreter(buffer: ArrayBuffer): TranscodeBackend {
  const program = new Program(buffer);
  const output = newOutput(program);
  if (program.words[Header.FROM] === ProtocolCode.json) {
    const input = new JsonInput(program);
    return new Interpreter(program, { input, output, walker: new JsonWalker(program, input, output) });
  }
  const input = newThriftInput(program);
  return new Interpreter(program, { input, output, walker: new ThriftWalker(program, input, output) });
}

function newThriftInput(program: Program): ThriftInput {
  const strictUtf8 = program.has(ProgramFlag.STRICT_UTF8);
  const options = { maxStringBytes: program.limit(Header.MAX_STRING_BYTES), strictUtf8 };
  switch (program.words[Header.FROM]) {
    case ProtocolCode.compact:
      return new CompactInput(options);
    case ProtocolCode.tjson:
      return new TJsonInput(options);
    default:
      return new BinaryInput(options);
  }
}

function newOutput(program: Program): Output {
  switch (program.words[Header.TO]) {
    case ProtocolCode.binary:
      return new BinaryOutput(program);
    case ProtocolCode.compact:
      return new CompactOutput(program);
    case ProtocolCode.tjson:
      return new TJsonOutput(program);
    case ProtocolCode.json:
      return new JsonOutput(program);
    default:
      return new NoOutput();
  }
}

interface Parts {
  readonly input: Input;
  readonly output: Output;
  readonly walker: Walker;
}

class Interpreter implements TranscodeBackend {
  readonly name = "interpreter";
  readonly #input: Input;
  readonly #output: Output;
  readonly #walker: Walker;
  readonly #maxMessageBytes: number;
  readonly #ignoresTrailing: boolean;

  constructor(program: Program, { input, output, walker }: Parts) {
    this.#input = input;
    this.#output = output;
    this.#walker = walker;
    this.#maxMessageBytes = program.limit(Header.MAX_MESSAGE_BYTES);
    this.#ignoresTrailing = program.has(ProgramFlag.IGNORE_TRAILING);
  }

  convert(bytes: Uint8Array): Uint8Array | undefined {
    return this.#accepts(bytes) ? this.#output.finish() : undefined;
  }

  convertInto(bytes: Uint8Array, target: Uint8Array, offset: number): number {
    if (!this.#accepts(bytes)) return REFUSED;
    const { position } = this.#output;
    if (position > target.length - offset) return NO_ROOM;
    this.#output.copyInto(target, offset);
    return position;
  }

  /** @returns whether the bytes are such a value and have been written. */
  #accepts(bytes: Uint8Array): boolean {
    try {
      this.#run(bytes);
      return true;
    } catch (error) {
      // Where maxDepth is off, the stack is the limit; the codecs say so, or need less of it.
      if (error instanceof ProtocolError || isStackOverflow(error)) return false;
      throw error;
    } finally {
      this.#input.release();
    }
  }

  #run(bytes: Uint8Array): void {
    const input = this.#input;
    if (bytes.length > this.#maxMessageBytes) refuse();
    input.start(bytes);
    this.#walker.walk();
    input.skipEnd();
    if (!this.#ignoresTrailing && input.position < bytes.byteOffset + bytes.length) refuse();
  }
}
