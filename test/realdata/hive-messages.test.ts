/** Every method of Hive's TCLIService: calls that the generated client writes, replies that it reads. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileService } from "../../src/codec/message/service.js";
import { ApplicationError } from "../../src/errors.js";
import { resolveType, type StructDescriptor } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { difference } from "../support/outcome.js";
import { forEachSeed, Random, randomStruct } from "../support/random-value.js";
import { avoiding } from "./hive-defects.js";
import { HIVE_IDL, PeerCall, type PeerProtocol } from "./hive.js";

const SEEDS = 4;
const service = parseSchema({ "TCLIService.thrift": readFileSync(HIVE_IDL, "utf8") }).service("TCLIService");
const methods = service.methods.map((method) => [method.name, method] as const);

describe.each(["binary", "compact"] as const satisfies readonly PeerProtocol[])("calls of Hive over %s", (protocol) => {
  const random = (type: StructDescriptor, from: Random): Record<string, unknown> => {
    const value = avoiding("writes", protocol, type, randomStruct(type, from));
    return avoiding("reads", protocol, type, value) as Record<string, unknown>;
  };

  forEachBackend((backend) => {
    const codec = compileService(service, { protocol, backend });

    it.each(methods)("%s", (name, method) => {
      const result = resolveType(method.returnType!) as StructDescriptor;
      forEachSeed(SEEDS, (from) => {
        const args = random(method.args, from);
        args["req"] ??= random(resolveType(method.args.fields[0].type) as StructDescriptor, from);
        const call = new PeerCall(method, args["req"], protocol);
        const message = codec.decodeMessage(call.bytes);
        expect(message).toMatchObject({ type: "call", name });
        expect(difference((message as { args: unknown }).args, args)).toBeUndefined();
        expect(toHex(codec.encodeMessage(message))).toBe(toHex(call.bytes));

        const success = random(result, from);
        const { seqid } = message;
        const reply = call.receive(codec.encodeMessage({ type: "reply", name, seqid, success }));
        expect(reply.error).toBeNull();
        expect(difference(reply.success, success)).toBeUndefined();
      });
    });

    it("an exception instead of a reply", () => {
      const [name, method] = methods[0];
      const { type } = method.args.fields[0];
      const request = random(resolveType(type) as StructDescriptor, new Random(1));
      const call = new PeerCall(method, request, protocol);
      const { seqid } = codec.decodeMessage(call.bytes);
      const error = new ApplicationError(6, "no such séance");
      const reply = call.receive(codec.encodeMessage({ type: "exception", name, seqid, error }));
      expect(reply.error).toMatchObject({ type: 6, message: "no such séance" });
    });
  });
});
