import { TransportError } from "../../src/errors.js";
import { PEER } from "./kitex.js";

/** What a TransportError that is thrown says: whether it may have been run, its code and its message. */
export function failure(run: () => unknown): [executed: string, code: string, message: string] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TransportError) || error.address !== PEER.address) throw error;
    return [error.executed, error.code.replace("ERR_THRIFT_", ""), error.message.replace(`${PEER.address}: `, "")];
  }
  throw new Error("nothing was thrown");
}
