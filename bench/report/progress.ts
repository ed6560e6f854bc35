/** Progress on standard error: one line that is written over, or nothing where nobody watches. */
export function showProgress(step: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const percent = Math.floor((done / total) * 100);
  process.stderr.write(`\r\u001b[K${String(percent).padStart(3)}%  ${step}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
