/** What the annotations of a field mean for plain JSON. */

import { SchemaError } from "../../errors.js";
import type { FieldDescriptor, StructDescriptor } from "../../schema/descriptor.js";
import type { ResolvedJsonOptions } from "./options.js";

/** The name of the member that holds a field. */
export function memberName(field: FieldDescriptor, { names }: Pick<ResolvedJsonOptions, "names">): string {
  if (names === "idl") return field.name;
  const { annotations } = field;
  return annotations.get("api.body") || annotations.get("api.key") || jsonTag(annotations.get("go.tag")) || field.name;
}

/** The name in `json:"name,omitempty"`, whose quotes may be escaped; empty where there is none, or where it is `-`. */
function jsonTag(tag: string | undefined): string {
  const name = /(?:^|\s)json:\\?"([^"\\,]*)/.exec(tag ?? "")?.[1] ?? "";
  return name === "-" ? "" : name;
}

/** True for a field whose numbers are text. */
export function isTextField(
  field: FieldDescriptor,
  { valueMapping }: Pick<ResolvedJsonOptions, "valueMapping">,
): boolean {
  return valueMapping && field.annotations.has("api.js_conv");
}

/** Two fields cannot share a member. @throws SchemaError DUPLICATE_NAME where aliases make them do so. */
export function checkMemberNames(descriptor: StructDescriptor, members: readonly string[]): void {
  const seen = new Set<string>();
  members.forEach((member, index) => {
    if (seen.has(member)) {
      const { name, location } = descriptor.fields[index];
      const message = `the JSON name of ${descriptor.name}.${name} is that of another field`;
      throw new SchemaError([{ code: "ERR_THRIFT_DUPLICATE_NAME", message, location, frame: "" }]);
    }
    seen.add(member);
  });
}
