import { readFileSync } from "node:fs";

const codes = readFileSync(new URL("src/errors.ts", import.meta.url), "utf8").matchAll(/^ {2}(ERR_THRIFT_\w+):/gm);

/** The comment of a union tells of the properties of all its alternatives. */
const unions = {
  "index.DefinitionSnapshot": ["name", "kind", "type", "value", "members", "fields", "extends", "methods"],
  "index.DefinitionSnapshot.__type.members": ["name", "value"],
  "index.TypeSnapshot": ["base", "list", "set", "map", "annotations"],
  "index.ValueSnapshot": ["i64", "double", "binary", "map", "struct"],
  "rpc.Backoff": ["kind", "ms", "minMs", "maxMs", "baseMs"],
  "rpc.CallOptions.metainfo": ["transient", "persistent"],
  "rpc.ConnectionsOption": ["kind"],
  "rpc.ListenAddress": ["port", "host", "backlog", "path"],
};

/** API documentation of the public entry points; a gap in it is an error. */
export default {
  entryPoints: ["src/index.ts", "src/rpc/index.ts"],
  tsconfig: "tsconfig.build.json",
  out: "docs/api",
  readme: "none",
  // Links into a repository would need its address.
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  validation: { invalidLink: true, notDocumented: true, notExported: true },
  requiredToBeDocumented: [
    "Class",
    "Interface",
    "Function",
    "Method",
    "TypeAlias",
    "Variable",
    "Property",
    "Accessor",
    "Enum",
    "EnumMember",
  ],
  intentionallyNotDocumented: [
    // A code is documented by its value, the sentence beside it.
    ...Array.from(codes, ([, code]) => `index.ERROR_CODES.__type.${code}`),
    ...Object.entries(unions).flatMap(([type, names]) => names.map((name) => `${type}.__type.${name}`)),
  ],
  treatWarningsAsErrors: true,
};
