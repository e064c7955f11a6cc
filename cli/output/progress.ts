/** Progress of long work on standard error, in one line that the next one replaces; nothing where that is no terminal. */
export const showProgress: ((line: string) => void) | undefined = process.stderr.isTTY
  ? (line) => void process.stderr.write(`\r\x1b[K${line}`)
  : undefined;
