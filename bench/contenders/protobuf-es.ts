/** @bufbuild/protobuf without its code generator: protobufjs reads the .proto file and hands over its descriptors. */

import { create, createFileRegistry, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type DescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";

import { read, spell } from "../workload/shape.js";
import { type Family, readIdl } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";
import { protobufMap } from "./protobuf-map.js";

export const contender: Contender = {
  title: "protobuf-es",
  note: "i64 bigint; messages made outside the timing; zero and false are not written",
  prepare(workload) {
    const message = messagesOf(workload.family);
    const schema = message(workload.shape.name);
    return prepared<Message>(workload, {
      spelled: (shape, value) =>
        spell(shape, value, {
          map: protobufMap((entry) => create(message("Entry"), entry)),
          struct: (fields, { name }) => create(message(name), fields),
        }),
      encode: (input) => toBinary(schema, input),
      decode: (bytes) => fromBinary(schema, bytes),
      readBack: (shape, decoded) => read(shape, decoded, {}),
    });
  },
};

function messagesOf(family: Family): (name: string) => DescMessage {
  const { root } = protobuf.parse(readIdl(family, "proto"), { keepCase: true });
  root.resolveAll();
  const bytes = descriptor.FileDescriptorSet.encode(root.toDescriptor("proto3")).finish();
  const files = fromBinary(FileDescriptorSetSchema, bytes);
  for (const file of files.file) {
    for (const message of file.messageType) qualifyTypeNames(message, `.${file.package}`);
  }
  const registry = createFileRegistry(files);
  return (name) => {
    const found = registry.getMessage(`${family}.${name}`);
    if (!found) throw new Error(`${family}.proto has no message ${name}`);
    return found;
  };
}

/** protobufjs leaves type names as the file has them; descriptors name them in full. */
function qualifyTypeNames(message: DescriptorProto, scope: string): void {
  const own = `${scope}.${message.name}`;
  for (const field of message.field) {
    if (!field.typeName) continue;
    const isNested = message.nestedType.some(({ name }) => name === field.typeName);
    field.typeName = `${isNested ? own : scope}.${field.typeName}`;
  }
  for (const entry of message.nestedType) {
    for (const field of entry.field) if (field.typeName) field.typeName = `${scope}.${field.typeName}`;
  }
}
