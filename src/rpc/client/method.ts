/** The methods of a service as a client calls them. */

import type { MethodCodec } from "../../codec/message/method.js";
import { compileService, type ServiceCodec, type ServiceOptions } from "../../codec/message/service.js";
import type { MethodDescriptor, ServiceDescriptor } from "../../schema/descriptor.js";
import type { ProtocolName } from "../../protocol/protocols.js";

/** The codecs of a service, one for each protocol that is used. */
export class ClientCodecs {
  readonly service: ServiceDescriptor;
  readonly #options: Omit<ServiceOptions, "protocol">;
  readonly #codecs = new Map<ProtocolName, ServiceCodec>();

  constructor(service: ServiceDescriptor, options: Omit<ServiceOptions, "protocol">) {
    this.service = service;
    this.#options = options;
  }

  for(protocol: ProtocolName): ServiceCodec {
    let codec = this.#codecs.get(protocol);
    if (codec === undefined) {
      codec = compileService(this.service, { ...this.#options, protocol });
      this.#codecs.set(protocol, codec);
    }
    return codec;
  }
}

/** One method. */
export class ClientMethod {
  readonly descriptor: MethodDescriptor;
  readonly service: ServiceDescriptor;
  /** In the protocol of the client. */
  readonly codec: MethodCodec;
  /** `Everything.grow`, for messages. */
  readonly path: string;
  /** How many arguments it takes. */
  readonly arity: number;
  readonly oneway: boolean;
  readonly #codecs: ClientCodecs;
  readonly #names: readonly string[];
  /** All arguments, unset and in order: the copies that are made of it have one shape. */
  readonly #noArgs: Readonly<Record<string, unknown>>;

  constructor(codecs: ClientCodecs, codec: MethodCodec) {
    const { descriptor } = codec;
    this.descriptor = descriptor;
    this.service = codecs.service;
    this.codec = codec;
    this.path = `${codecs.service.name}.${descriptor.name}`;
    this.oneway = descriptor.oneway;
    this.#codecs = codecs;
    this.#names = descriptor.args.fields.map(({ name }) => name);
    this.arity = this.#names.length;
    this.#noArgs = Object.fromEntries(this.#names.map((name) => [name, undefined]));
  }

  codecFor(protocol: ProtocolName): MethodCodec {
    return this.#codecs.for(protocol).methods.get(this.descriptor.name)!;
  }

  /** @returns arguments by name, as codecs take them. */
  nameArgs(args: readonly unknown[]): Record<string, unknown> {
    // Every name is an own property by now, so that assigning to one called `__proto__` sets a value.
    const named = { ...this.#noArgs };
    for (let i = 0; i < this.#names.length; i++) named[this.#names[i]] = args[i];
    return named;
  }
}
