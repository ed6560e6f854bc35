/**
 * The text of a doc comment (what stands between its markers) as Apache's compiler cleans it for `--gen json`: a
 * prefix of stars that all lines share and common indentation go, every line ends with a line feed. Undefined for a
 * single blank line, of which the compiler dies.
 */
export function cleanDocComment(inner: string): string | undefined {
  const lines = inner.replaceAll("\r", "").split("\n");
  if (isBlank(lines.at(-1)!)) lines.pop();
  if (lines.length === 0) return undefined;
  lines[0] = lines[0].replace(/^[ \t]+/, "");
  removeStars(lines);
  removeIndentation(lines);
  const trimmed = lines.map(trimEnd);
  if (trimmed[0] === "") trimmed.shift();
  return trimmed.map((line) => `${line}\n`).join("");
}

/** Removes a star in the same column of every line after the first, with what is before it, unless a line breaks the row. */
function removeStars(lines: string[]): void {
  let column = -1;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i];
    if (isBlank(line)) {
      lines[i] = "";
      continue;
    }
    const at = indentation(line);
    if (line[at] !== "*" || (column >= 0 && at !== column)) return;
    column = at;
  }
  if (column < 0) return;
  for (let i = 1; i < lines.length; i++) lines[i] = lines[i].slice(column + 1);
}

function removeIndentation(lines: string[]): void {
  let least = Infinity;
  for (let i = 1; i < lines.length; i++) {
    if (!isBlank(lines[i])) least = Math.min(least, indentation(lines[i]));
  }
  if (least === Infinity) return;
  for (let i = 1; i < lines.length; i++) lines[i] = lines[i].slice(least);
}

function indentation(line: string): number {
  let at = 0;
  while (line[at] === " " || line[at] === "\t") at++;
  return at;
}

function isBlank(line: string): boolean {
  return indentation(line) === line.length;
}

/** A loop, for `/[ \t]+$/` takes quadratic time on a long run of blanks that does not end the line. */
function trimEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === " " || line[end - 1] === "\t") end--;
  return line.slice(0, end);
}
