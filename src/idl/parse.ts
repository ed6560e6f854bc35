import { createParser } from "@creditkarma/thrift-parser/dist/main/parser.js";
import { Grammar } from "./grammar.js";
import { resolveLimits, type IdlLimits } from "./limits.js";
import { Problems, TOO_MANY_PROBLEMS } from "./problems.js";
import { Scanner } from "./scan.js";
import type { Document } from "./syntax.js";
import { Tree } from "./tree.js";

/**
 * Reads one IDL file. Accepts what Apache's compiler accepts and what its newer versions added; `file` is the name that
 * errors show. Takes time in proportion to the text.
 *
 * @throws IdlError with every mistake of the file, up to `limits.maxProblems`.
 */
export function parseIdl(text: string, file: string, limits?: IdlLimits): Document {
  const { maxFileBytes, maxNesting, maxProblems } = resolveLimits(limits);
  const problems = new Problems(file, text, maxProblems);
  if (text.length > maxFileBytes) {
    problems.add({ start: 0, end: 0 }, `the file is larger than ${String(maxFileBytes)} bytes`, "ERR_THRIFT_IDL_LIMIT");
    throw problems.toError();
  }
  const scanner = new Scanner(text, problems);
  const grammar = readAll(scanner, problems, maxNesting);
  if (grammar === undefined || problems.any) throw problems.toError();
  const { feed } = grammar;
  const parser = createParser(feed.tokens, ({ message, loc }) => {
    problems.add({ start: loc.start.index, end: loc.end.index }, message);
    parser.synchronize();
  });
  const statements = parser.parse().body;
  if (problems.any) throw problems.toError();
  const { includes, namespaces, definitions } = new Tree(feed, statements);
  return { file, text, doc: scanner.fileDoc, includes, namespaces, definitions };
}

/** The grammar after a whole file, or undefined when the file has too many mistakes to be read to its end. */
function readAll(scanner: Scanner, problems: Problems, maxNesting: number): Grammar | undefined {
  try {
    const grammar = new Grammar(scanner, problems, maxNesting);
    grammar.document();
    return grammar;
  } catch (thrown) {
    if (thrown !== TOO_MANY_PROBLEMS) throw thrown;
    return undefined;
  }
}
