/**
 * The back end of generated JavaScript, for conversions between binary and compact and for checks of both: code for one
 * program runs several times as fast as what walks any program. Plain JSON and TJSON spend their time on text instead.
 *
 * What it does not take, right or wrong, the interpreter does.
 */

import { isMute } from "../../codec/source/backend.js";
import { join, js } from "../../codec/source/code.js";
import { fail } from "../../codec/source/failure.js";
import { decodeFrom, input } from "../../codec/source/input.js";
import { collect, collectInto, measure } from "../../codec/source/output.js";
import { canGenerate, instantiate } from "../../codec/source/unit.js";
import { ProtocolError } from "../../protocol/protocol.js";
import { NO_ROOM, type TranscodeBackend } from "../backend.js";
import { interpreter } from "../interpreter.js";
import { Header, Program, ProgramFlag, ProtocolCode } from "../program.js";
import { convertFunction, functionName, structsOf, type Spellings } from "./convert.js";
import { defaultWriter, READERS, RUNTIME, WRITERS } from "./wire.js";

/**
 * Loads a program.
 *
 * @param fallback converts what generated code does not take. Default: the interpreter.
 * @returns undefined for other protocols, for unknown fields that are kept, and where no code may be generated.
 */
export function sourceBackend(buffer: ArrayBuffer, fallback?: TranscodeBackend): TranscodeBackend | undefined {
  const program = new Program(buffer);
  const read = READERS.get(program.words[Header.FROM]);
  const write = WRITERS.get(program.words[Header.TO]);
  const isNone = program.words[Header.TO] === ProtocolCode.none;
  if (!canGenerate || read === undefined || (write === undefined && !isNone)) return undefined;
  if (program.has(ProgramFlag.KEEP_UNKNOWN)) return undefined;
  return new SourceBackend(program, { read, write }, fallback ?? interpreter(buffer));
}

type Convert = (position: number) => number;

class SourceBackend implements TranscodeBackend {
  readonly name = "source";
  readonly #fallback: TranscodeBackend;
  readonly #run: (bytes: unknown) => number;
  readonly #writes: boolean;

  constructor(program: Program, spellings: Spellings, fallback: TranscodeBackend) {
    this.#fallback = fallback;
    this.#run = runner(program, spellings);
    this.#writes = spellings.write !== undefined;
  }

  convert(bytes: Uint8Array): Uint8Array | undefined {
    try {
      return collect(this.#run, bytes);
    } catch (error) {
      if (isMute(error)) return this.#fallback.convert(bytes);
      throw error;
    }
  }

  convertInto(bytes: Uint8Array, target: Uint8Array, offset: number): number {
    try {
      if (!this.#writes) return measure(this.#run, bytes);
      return collectInto(this.#run, bytes, { bytes: target, offset });
    } catch (error) {
      if (error instanceof ProtocolError && error.code === "ERR_THRIFT_NO_SPACE") return NO_ROOM;
      if (isMute(error)) return this.#fallback.convertInto(bytes, target, offset);
      throw error;
    }
  }
}

/** What converts a message into the shared output and gives its size. */
function runner(program: Program, spellings: Spellings): (bytes: unknown) => number {
  const maxMessageBytes = program.limit(Header.MAX_MESSAGE_BYTES);
  const maxHeapBytes = program.limit(Header.MAX_HEAP_BYTES);
  const ignoresTrailing = program.has(ProgramFlag.IGNORE_TRAILING);
  let convert: Convert = (position) => (convert = compileProgram(program, spellings))(position);
  return (bytes) => {
    const message = bytes as Uint8Array;
    if (message.length > maxMessageBytes) fail();
    const size = decodeFrom(convert, message, maxHeapBytes) as number;
    if (ignoresTrailing ? input.position > input.end : input.position !== input.end) fail();
    return size;
  };
}

function compileProgram(program: Program, spellings: Spellings): Convert {
  const functions = structsOf(program).map((struct) => convertFunction(program, struct, spellings));
  const root = functionName(program.words[Header.ROOT]);
  const { read, write } = spellings;
  const runtime = {
    ...read.dialect.runtime,
    ...write?.dialect.runtime,
    ...RUNTIME,
    putText: write?.putText,
    putDefault: defaultWriter(program.blobView),
    maxDepth: program.limit(Header.MAX_DEPTH),
    skipField: read.dialect.fieldSkipper({
      maxSkipDepth: program.limit(Header.MAX_SKIP_DEPTH),
      maxStringBytes: program.limit(Header.MAX_STRING_BYTES),
    }),
  };
  const body = join([...functions, js`return function (p) { return ${root}(p, 0); };\n`], "\n");
  return instantiate(`${body.text}//# sourceURL=scrimp/transcode.js`, runtime) as Convert;
}
