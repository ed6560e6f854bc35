import { Cursor } from "./cursor.js";
import { readStatements } from "./grammar.js";
import { resolveLimits, type IdlLimits } from "./limits.js";
import { FILE_IS_WRONG, Problems } from "./problems.js";
import { Scanner } from "./scan.js";
import type { Document } from "./syntax.js";

/**
 * Reads one IDL file. Accepts what Apache's compiler accepts and what its newer versions added; `file` is the name that
 * errors show. Takes time in proportion to the text.
 *
 * @throws IdlError with every mistake of the file, up to `limits.maxProblems`.
 */
export function parseIdl(text: string, file: string, limits?: IdlLimits): Document {
  const resolved = resolveLimits(limits);
  const problems = new Problems(file, text, resolved.maxProblems);
  try {
    return readDocument(text, file, { problems, ...resolved });
  } catch (thrown) {
    if (thrown !== FILE_IS_WRONG) throw thrown;
    throw problems.toError();
  }
}

interface Reading extends Required<IdlLimits> {
  problems: Problems;
}

function readDocument(text: string, file: string, { problems, maxFileBytes, maxNesting }: Reading): Document {
  if (text.length > maxFileBytes) {
    problems.add({ start: 0, end: 0 }, `the file is larger than ${String(maxFileBytes)} bytes`, "ERR_THRIFT_IDL_LIMIT");
  }
  problems.throwIfAny();
  const scanner = new Scanner(text, problems);
  const { includes, namespaces, definitions } = readStatements(new Cursor(scanner, problems, maxNesting));
  problems.throwIfAny();
  return { file, text, doc: scanner.fileDoc, includes, namespaces, definitions };
}
