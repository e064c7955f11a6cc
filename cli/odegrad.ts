#!/usr/bin/env node
/** The process of the `odegrad` command. */
import { reportError, runCommand } from "./command.ts";
import { EndedEarly, NeverReturned } from "./messages/errors.ts";
import { flushOutput, watchOutput } from "./output/print.ts";
import { watch } from "./watchdog.ts";

/** What shells say of a command that a closed pipe ended. */
const UNREAD = 141;

let isReported = false;
/** Where `--max-time` is given: why nothing came back. */
let overtime: () => NeverReturned | undefined = () => undefined;

function end(code: number): never {
  isReported = true;
  process.exit(code);
}

async function main(): Promise<void> {
  let code = await runCommand(process.argv.slice(2), (maxTime) => {
    const error = new NeverReturned(maxTime);
    const isOver = watch(maxTime, () => end(reportError(error)));
    overtime = () => (isOver() ? error : undefined);
  });
  try {
    if (!(await flushOutput())) code ||= UNREAD;
  } catch (error) {
    code = reportError(error);
  }
  // Timers and servers of the user's module would keep the process.
  end(code);
}

watchOutput();
// A callback of the user's module may throw after it was loaded.
process.on("uncaughtException", (error) => end(reportError(error)));
process.on("exit", () => {
  if (!isReported) process.exitCode = reportError(overtime() ?? new EndedEarly());
});
void main();
