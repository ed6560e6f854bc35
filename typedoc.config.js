import { readFileSync } from "node:fs";

const codes = readFileSync(new URL("src/errors.ts", import.meta.url), "utf8").matchAll(/^ {2}(ERR_THRIFT_\w+):/gm);

/** API documentation of the public entry points; a gap in it is an error. */
export default {
  entryPoints: ["src/index.ts"],
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
  // A code is documented by its value, the sentence beside it.
  intentionallyNotDocumented: Array.from(codes, ([, code]) => `ERROR_CODES.__type.${code}`),
  treatWarningsAsErrors: true,
};
