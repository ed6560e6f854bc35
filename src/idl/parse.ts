import { createParser } from "@creditkarma/thrift-parser/dist/main/parser.js";
import type { ThriftStatement } from "@creditkarma/thrift-parser/dist/main/types.js";
import type { Feed } from "./feed.js";
import { Grammar } from "./grammar.js";
import { resolveLimits, type IdlLimits } from "./limits.js";
import { FILE_IS_WRONG, Problems } from "./problems.js";
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
  const grammar = new Grammar(scanner, problems, maxNesting);
  grammar.document();
  problems.throwIfAny();
  const statements = build(grammar.feed, problems);
  const { includes, namespaces, definitions } = new Tree(grammar.feed, statements);
  return { file, text, doc: scanner.fileDoc, includes, namespaces, definitions };
}

/**
 * The statements of thrift-parser. It has nothing to complain of in what the grammar lets through; should it find
 * something nevertheless, that is reported rather than printed or lost.
 */
function build(feed: Feed, problems: Problems): ThriftStatement[] {
  const parser = createParser(feed.tokens, ({ message, loc }) => {
    problems.add({ start: loc.start.index, end: loc.end.index }, `thrift-parser says: ${message}`);
    parser.synchronize();
  });
  const { body } = parser.parse();
  problems.throwIfAny();
  return body;
}
