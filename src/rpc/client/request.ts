/** How requests go out, by transport: a length, a TTHeader, or nothing in front of the message. */

import type { Connection } from "../../transport/connection.js";
import type { TransportName } from "../transport-name.js";
import type { Attempt } from "./attempt.js";
import { RequestHeader, type RequestHeaderOptions } from "./request-header.js";

/** Queues an encoded request. @throws TransportError on one that is over a limit of the peer; nothing is queued then. */
export type SendRequest = (connection: Connection, attempt: Attempt, message: Uint8Array) => void;

/** @returns what sends requests over a transport. */
export function requestSender(transport: TransportName, header: Omit<RequestHeaderOptions, "framed">): SendRequest {
  switch (transport) {
    case "framed":
      return (connection, _attempt, message) => connection.sendFramed(message);
    case "buffered":
      return (connection, _attempt, message) => connection.send(message);
    case "ttheader":
    case "ttheader-framed": {
      const headers = new RequestHeader({ ...header, framed: transport === "ttheader-framed" });
      return (connection, attempt, message) =>
        connection.send(message, headers.prefixOf(attempt, message, connection.peer));
    }
  }
}
