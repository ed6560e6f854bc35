/** What the test of messages asks of a peer. */

import type { ProtocolName } from "../../../src/protocol/protocols.js";

export const IDL = `
struct Item { 1: required string name, 2: optional i32 count }
exception NotFound { 1: string reason }
service Base { void ping() }
service Shop extends Base {
  Item find(1: string name, 2: i32 count) throws (1: NotFound missing)
  oneway void forget(1: string name)
}`;

/**
 * What a call of `find` gives: an item of that name and count; for the name "lost" the exception NotFound with reason
 * "é"; for "broken" a TApplicationException.
 */
export type Found =
  | { item: { name: string; count: number } }
  | { missing: string }
  /** Type of the TApplicationException. */
  | { failed: number };

/** A library of Apache Thrift with code generated for {@link IDL}. */
export interface Peer {
  /** The type of TApplicationException that its server writes for an unknown method. */
  readonly unknownMethod: number;
  /** Runs a call and gives the reply; undefined where there is none. */
  serve(protocol: ProtocolName, call: Uint8Array): Promise<Uint8Array | undefined>;
  /** Calls `find` through a function that gives the reply. */
  find(protocol: ProtocolName, args: [name: string, count: number], send: Send): Promise<Found>;
  /** The bytes of a call of `forget`. */
  forget(protocol: ProtocolName, name: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type Send = (call: Uint8Array) => Uint8Array;
