/** Runs the same tests on every back end, or on every protocol in every back end. */

import { describe } from "vitest";
import type { CodecProtocol } from "../../src/codec/options.js";

const BACKENDS = ["source", "closure"] as const;

export type BackendName = (typeof BACKENDS)[number];

/** The back ends under test: all, or the one that the environment variable SCRIMP_BACKEND names. */
export const backends: readonly BackendName[] = chosen(process.env["SCRIMP_BACKEND"]);

/** Registers the tests once for each back end under test. */
export function forEachBackend(register: (backend: BackendName) => void): void {
  for (const backend of backends) {
    describe(`backend ${backend}`, () => {
      register(backend);
    });
  }
}

/** The protocols of Apache Thrift under test. What bytes of each look like says support/wire/. */
export const protocols = ["binary", "compact", "tjson"] as const satisfies readonly CodecProtocol[];

export type ProtocolUnderTest = (typeof protocols)[number];

/** Plain JSON too, for tests of what holds without types on the wire. */
export const protocolsAndJson = [...protocols, "json"] as const satisfies readonly CodecProtocol[];

/** Registers the tests once for each protocol in each back end under test. */
export function forEachCodec(register: (protocol: ProtocolUnderTest, backend: BackendName) => void): void {
  forEachOf(protocols, register);
}

/** As {@link forEachCodec}, and for plain JSON. */
export function forEachCodecAndJson(register: (protocol: CodecProtocol, backend: BackendName) => void): void {
  forEachOf(protocolsAndJson, register);
}

function forEachOf<P extends CodecProtocol>(
  names: readonly P[],
  register: (protocol: P, backend: BackendName) => void,
): void {
  for (const protocol of names) {
    for (const backend of backends) {
      describe(`${protocol}, backend ${backend}`, () => {
        register(protocol, backend);
      });
    }
  }
}

function chosen(name: string | undefined): readonly BackendName[] {
  if (name === undefined || name === "") return BACKENDS;
  const found = BACKENDS.filter((backend) => backend === name);
  if (found.length === 0) throw new Error(`SCRIMP_BACKEND must be one of ${BACKENDS.join(", ")}`);
  return found;
}
