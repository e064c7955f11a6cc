/** Progress of long work on standard error, in one line that the next one replaces; nothing where that is no terminal. */
export const showProgress: ((line: string) => void) | undefined = process.stderr.isTTY
  ? (line) => void process.stderr.write(`\r\x1b[K${line}`)
  : undefined;

/** The same as lines one below the other, for progress of few lines that a log should show. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}
