/** An input is wrong: text that is no hex, no JSON, bytes that do not decode. Ends the command with exit code 1. */
export class InputError extends Error {
  /** More lines below the message: a code frame, a window of bytes. */
  readonly detail: string;

  constructor(message: string, detail = "") {
    super(message);
    this.detail = detail;
  }
}
