/** What a person is told when something is wrong with what they gave. */

import { IdlError, SchemaError, ThriftError, type Problem } from "../errors.js";
import { CallFailure, callFailureText } from "./call-failure.js";
import { InputError } from "./input-error.js";
import type { Paint } from "./shell.js";

/** The text for an error that the user can mend; undefined for one that is a bug of ours. */
export function failureText(error: unknown, paint: Paint): string | undefined {
  if (error instanceof CallFailure) return callFailureText(error, paint);
  if (error instanceof InputError) return withDetail(headline(error.message, paint), error.detail);
  if (error instanceof IdlError || error instanceof SchemaError) {
    return error.problems.map((problem) => problemText(problem, "error", paint)).join("\n\n");
  }
  if (error instanceof ThriftError) return headline(codedMessage(error, paint), paint);
  // Of the operating system: a full disk, for example.
  if (error instanceof Error && "syscall" in error) return headline(error.message, paint);
  return undefined;
}

/** The message of an error with its code behind it. */
export function codedMessage(error: ThriftError, paint: Paint): string {
  return `${error.message} ${paint("dim", `[${error.code}]`)}`;
}

/** `idl/user.thrift:12:3: error: …` and the code frame below it. */
export function problemText(
  { message, location, frame }: Problem,
  severity: "error" | "warning",
  paint: Paint,
): string {
  const { file, line, column } = location;
  const place = line > 0 ? `${file}:${String(line)}:${String(column)}: ` : `${file}: `;
  const colour = severity === "error" ? "red" : "yellow";
  return withDetail(
    `${paint("bold", place)}${paint(colour, `${severity}:`)} ${message}`,
    paintFrame(frame, colour, paint),
  );
}

/** Colours the marker of a code frame. */
export function paintFrame(frame: string, colour: "red" | "yellow", paint: Paint): string {
  return frame.replace(/^(\s*\|\s*)(\^+)/m, (_, margin: string, marker: string) => margin + paint(colour, marker));
}

function headline(message: string, paint: Paint): string {
  return `${paint("red", "error:")} ${message}`;
}

function withDetail(line: string, detail: string): string {
  return detail === "" ? line : `${line}\n${detail}`;
}
