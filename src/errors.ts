/**
 * Every error scrimp throws, and the one table of their codes.
 *
 * A message is lower case, without a full stop, and says what was expected, what was found and where; it never
 * quotes a value from the wire or from the caller. Programs should test `error.code`, people read the message.
 */

/** Every code an error of scrimp can carry, with the sentence that documents it. */
export const ERROR_CODES = {
  ERR_THRIFT_IDL_SYNTAX: "the IDL text does not follow the grammar",
  ERR_THRIFT_IDL_LIMIT: "the IDL is larger, deeper or includes more files than the limits allow",
  ERR_THRIFT_INCLUDE_NOT_FOUND: "an included file is not beside the including file nor in any includeDirs",
  ERR_THRIFT_INCLUDE_CYCLE: "files include each other in a circle",
  ERR_THRIFT_UNKNOWN_TYPE: "a type name is not defined, or names something that is not a type",
  ERR_THRIFT_UNKNOWN_NAME: "a name looked up in a schema, service or constant, or a member of JSON, is not defined",
  ERR_THRIFT_DUPLICATE_NAME: "a name is defined twice in one scope",
  ERR_THRIFT_DUPLICATE_ID: "a field id or enum number is used twice in one scope",
  ERR_THRIFT_BAD_FIELD_ID: "a field id is outside the 16-bit range",
  ERR_THRIFT_BAD_CONSTANT: "a constant or default does not fit its declared type",
  ERR_THRIFT_CYCLE: "a typedef, constant or service refers to itself",
  ERR_THRIFT_BAD_SERVICE:
    "a service breaks a rule of Thrift: oneway with a result, throws of a non-exception, extends of a non-service",
  ERR_THRIFT_BAD_SNAPSHOT: "the JSON given to schemaFromJSON is not a schema snapshot",
  ERR_THRIFT_WRONG_TYPE: "a value given to encode has the wrong type",
  ERR_THRIFT_OUT_OF_RANGE: "a number given to encode or decode does not fit its type",
  ERR_THRIFT_REQUIRED_MISSING: "a required field is missing",
  ERR_THRIFT_UNION_NOT_ONE: "a union does not have exactly one field set",
  ERR_THRIFT_NO_SPACE: "the target given to encodeInto is too small",
  ERR_THRIFT_TRUNCATED: "the input ends inside a value",
  ERR_THRIFT_INVALID_DATA: "the input breaks a rule of the protocol",
  ERR_THRIFT_INVALID_UTF8: "a string is not valid UTF-8 and the codec is strict",
  ERR_THRIFT_NEGATIVE_SIZE: "a length or count is negative",
  ERR_THRIFT_SIZE_LIMIT:
    "a length, count or the memory of a message is over its limit or over what is left of the input",
  ERR_THRIFT_DEPTH_LIMIT: "structs are nested deeper than the limit, or a value given to encode refers to itself",
  ERR_THRIFT_BAD_VERSION: "a message header has the wrong protocol version",
  ERR_THRIFT_APPLICATION: "a call cannot be run or answered: a TApplicationException, from the peer or for it",
  ERR_THRIFT_DECLARED: "an exception that the IDL declares",
  ERR_THRIFT_TRANSPORT: "a connection failed",
  ERR_THRIFT_BAD_FRAME: "a frame breaks a rule of its transport",
  ERR_THRIFT_BAD_CHECKSUM: "the payload of a frame does not match its checksum",
  ERR_THRIFT_NOT_THRIFT: "the peer speaks something else than a transport and protocol of Thrift",
  ERR_THRIFT_DEADLINE: "a call did not finish in time",
  ERR_THRIFT_CANCELLED: "the caller's signal ended a call",
  ERR_THRIFT_CLOSED: "a call was made on a client that is closed, or was open when it was destroyed",
  ERR_THRIFT_OVERLOADED: "a queue of this process is full, so a call was not sent",
  ERR_THRIFT_BREAKER_OPEN: "a circuit breaker is open, so a call was not sent",
  ERR_THRIFT_FORBIDDEN: "a rule of this process does not allow a call",
  ERR_THRIFT_BIZ_STATUS: "a handler answered with a business status other than 0",
  ERR_THRIFT_INTERNAL: "scrimp contradicts itself; please report it",
} as const;

/** One of the codes of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The base of every error scrimp throws. `instanceof` holds across copies of the package (ESM and CommonJS, two versions). */
export class ThriftError extends Error {
  /** Stable, machine-readable kind of failure. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(this, value);
  }
}

/** A place in an IDL file. */
export interface SourceLocation {
  /** File name as it was loaded. */
  file: string;
  /** Counts from 1; 0 when there is no text to point into, as in a schema made from a snapshot. */
  line: number;
  /** Counts from 1, in UTF-16 units; 0 when the line is 0. */
  column: number;
}

/** One mistake found in IDL. */
export interface Problem {
  /** Stable, machine-readable kind of mistake. */
  code: ErrorCode;
  /** What is wrong, in one sentence without position. */
  message: string;
  /** Where the mistake begins. */
  location: SourceLocation;
  /** The lines around the mistake with a marker below it; empty when the text is not at hand. */
  frame: string;
}

/** What {@link IdlError} and {@link SchemaError} share: a list of problems, the first of which gives code and place. */
class SourceError extends ThriftError {
  /** Every mistake that was found, in order of file and position; at least one. */
  readonly problems: readonly Problem[];
  /** The file of the first mistake, as it was loaded. */
  readonly file: string;
  /** Counts from 1; 0 when the mistake has no place in a text (a schema made by hand). */
  readonly line: number;
  /** Counts from 1, in UTF-16 units; 0 when unknown. */
  readonly column: number;
  /** The source lines around the first mistake, marked. */
  readonly frame: string;

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    const first = problems[0];
    super(first.code, problems.map(describeProblem).join("\n\n"), options);
    this.problems = problems;
    this.file = first.location.file;
    this.line = first.location.line;
    this.column = first.location.column;
    this.frame = first.frame;
  }
}

/** IDL text that cannot be read: syntax, limits, includes. */
export class IdlError extends SourceError {}

/** IDL that reads well but means nothing: unknown types, duplicates, bad constants. Also thrown when a name is looked up that a schema lacks. */
export class SchemaError extends SourceError {}

/** A value that cannot be encoded. No bytes of it leave the codec. */
export class EncodeError extends ThriftError {
  /** Where in the value, for example `Nesting.ListSimple[3].StringField`. */
  readonly path: string;

  constructor(code: ErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(code, `cannot encode ${path}: ${message}`, options);
    this.path = path;
  }
}

/** Bytes that are not what the schema says. */
export class DecodeError extends ThriftError {
  /** Where in the value, for example `Nesting.ListSimple[3].StringField`. */
  readonly path: string;
  /** Byte offset into the input given to decode at which the mistake stands. */
  readonly offset: number;

  constructor(code: ErrorCode, where: { path: string; offset: number }, message: string, options?: ErrorOptions) {
    super(code, `cannot decode ${where.path}: ${message} (byte ${String(where.offset)})`, options);
    this.path = where.path;
    this.offset = where.offset;
  }
}

/** Whether the peer ran the call that failed: what a retry needs to know. */
export type Executed = "no" | "maybe" | "yes";

/** A connection that could not be made, broke, or carried a frame that cannot be. */
export class TransportError extends ThriftError {
  /** The peer, as `host:port` or the path of a socket. */
  readonly address: string;
  /** `"no"` where a retry is always safe. */
  readonly executed: Executed;

  /** The code is ERR_THRIFT_TRANSPORT where none is given. */
  constructor(
    peer: { address: string; executed: Executed; code?: ErrorCode },
    message: string,
    options?: ErrorOptions,
  ) {
    super(peer.code ?? "ERR_THRIFT_TRANSPORT", `${peer.address}: ${message}`, options);
    this.address = peer.address;
    this.executed = peer.executed;
  }
}

/** A call that did not finish in time. */
export class DeadlineError extends ThriftError {
  /** Milliseconds that the call was given. */
  readonly timeoutMs: number;
  /** `"no"` when the time was over before the call left. */
  readonly executed: Executed;

  constructor(call: { timeoutMs: number; executed: Executed }, message: string, options?: ErrorOptions) {
    super("ERR_THRIFT_DEADLINE", message, options);
    this.timeoutMs = call.timeoutMs;
    this.executed = call.executed;
  }
}

/** A TApplicationException: a call that cannot be run, or whose reply lacks a result. */
export class ApplicationError extends ThriftError {
  /** TApplicationException type: 0 unknown, 1 unknown method, 2 invalid message type, 3 wrong method name, 4 bad sequence id, 5 missing result, 6 internal error, 7 protocol error. */
  readonly typeId: number;
  /** `"no"` where the peer refused the call before its handler ran; `"yes"` unless that is known. */
  readonly executed: Executed;

  constructor(typeId: number, message: string, options?: ErrorOptions & { executed?: Executed }) {
    super("ERR_THRIFT_APPLICATION", message, options);
    this.typeId = typeId;
    this.executed = options?.executed ?? "yes";
  }
}

/**
 * Kitex's BizStatusErr: a call that was run and that the handler answered with a business status instead of a result. It
 * travels in the TTHeader of a reply; the other transports cannot carry it.
 */
export class BizStatusError extends ThriftError {
  /** A signed 32-bit integer other than 0. */
  readonly statusCode: number;
  /** What the handler says, for people. */
  readonly statusMessage: string;
  /** More about it, by name. */
  readonly extra: ReadonlyMap<string, string>;

  /** @throws RangeError on a status of 0, which means success, or beyond 32 bits. */
  constructor(
    statusCode: number,
    statusMessage: string,
    extra: ReadonlyMap<string, string> | Readonly<Record<string, string>> = new Map<string, string>(),
  ) {
    if (statusCode === 0 || statusCode !== (statusCode | 0)) {
      throw new RangeError("a business status must be a 32-bit integer other than 0");
    }
    super("ERR_THRIFT_BIZ_STATUS", `business status ${String(statusCode)}: ${statusMessage}`);
    this.statusCode = statusCode;
    this.statusMessage = statusMessage;
    this.extra = extra instanceof Map ? extra : new Map(Object.entries(extra));
  }
}

/**
 * The base of the classes that `schema.exception(name)` gives. The fields of the IDL are own properties of an
 * instance and win over those of Error, so `message`, `name` and `code` may be fields of any type.
 */
export class ThriftException extends ThriftError {
  constructor() {
    super("ERR_THRIFT_DECLARED", "");
  }
}

const BRAND = Symbol.for("scrimp.error");
const CLASSES = {
  ThriftError,
  IdlError,
  SchemaError,
  EncodeError,
  DecodeError,
  TransportError,
  DeadlineError,
  ApplicationError,
  BizStatusError,
  ThriftException,
};

for (const [name, errorClass] of Object.entries(CLASSES)) {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
  Object.defineProperty(errorClass.prototype, BRAND, { value: name });
}

/** `instanceof` by brand for the classes above, by prototype for classes derived from them. */
function hasBrand(target: abstract new (...args: never) => unknown, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const brand: unknown = Object.hasOwn(target.prototype as object, BRAND)
    ? (target.prototype as Record<symbol, unknown>)[BRAND]
    : undefined;
  for (let p: unknown = Object.getPrototypeOf(value); p !== null; p = Object.getPrototypeOf(p)) {
    if (p === target.prototype) return true;
    if (brand !== undefined && Object.hasOwn(p as object, BRAND) && (p as Record<symbol, unknown>)[BRAND] === brand)
      return true;
  }
  return false;
}

function describeProblem(problem: Problem): string {
  const { file, line, column } = problem.location;
  const place = line > 0 ? `${file}:${String(line)}:${String(column)}: ` : "";
  return problem.frame === "" ? place + problem.message : `${place}${problem.message}\n${problem.frame}`;
}
