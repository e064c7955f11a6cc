#!/usr/bin/env node
/** The `odegrad` command. */
import { Command, CommanderError } from "commander";
import { batchCommand } from "./commands/batch.ts";
import { benchCommand } from "./commands/bench.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { gradientCommand } from "./commands/gradient.ts";
import { problemsCommand } from "./commands/problems.ts";
import { solveCommand } from "./commands/solve.ts";
import { UsageError } from "./errors.ts";
import { flushOutput, watchOutput } from "./output/print.ts";

/** What shells say of a command that a closed pipe ended. */
const UNREAD = 141;

const program = new Command("odegrad")
  .description("Solves differential equations and differentiates through the solve.")
  .addHelpText(
    "after",
    "\nExit codes: 0 success, 1 failure, 2 a command line that cannot be read. DEBUG=odegrad shows stack traces.",
  );
for (const command of [
  problemsCommand(),
  solveCommand(),
  gradientCommand(),
  explainCommand(),
  batchCommand(),
  benchCommand(),
  doctorCommand(),
]) {
  program.addCommand(command.exitOverride());
}

watchOutput();
// A callback of the user's module may throw after it was loaded.
process.on("uncaughtException", (error) => process.exit(report(error)));
let code = 0;
try {
  await program.exitOverride().parseAsync();
} catch (error) {
  code = report(error);
}
try {
  if (!(await flushOutput())) code ||= UNREAD;
} catch (error) {
  code = report(error);
}
// Timers and servers of the user's module would keep the process.
process.exit(code);

/** Tells the error in one message on stderr; returns the exit code. */
function report(error: unknown): number {
  // Commander has told its own already, and throws for --help as well.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  if (process.env.DEBUG === "odegrad" && error instanceof Error) console.error(error.stack);
  return error instanceof UsageError ? 2 : 1;
}
