import { isStruct, type MapShape } from "../workload/shape.js";

/** Protobuf's maps are objects; struct keys, which protobuf has not, become a list of entries. */
export function protobufMap(createEntry: (entry: { key: unknown; value: unknown }) => unknown) {
  return (entries: [unknown, unknown][], { key }: MapShape): unknown => {
    if (!isStruct(key)) return Object.fromEntries(entries.map(([name, value]) => [String(name), value]));
    return entries.map(([struct, value]) => createEntry({ key: struct, value }));
  };
}
