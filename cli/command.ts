/** The `odegrad` command: from its arguments to an exit code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { packageRoot } from "../node/package-root.ts";
import { nearest } from "../src/core/options/names.ts";
import { ensembleCommand } from "./commands/ensemble.ts";
import { benchCommand } from "./commands/bench.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { fitCommand } from "./commands/fit.ts";
import { gradientCommand } from "./commands/gradient.ts";
import { problemsCommand } from "./commands/problems.ts";
import { sampleCommand } from "./commands/sample.ts";
import { solveCommand } from "./commands/solve.ts";
import { trainCommand } from "./commands/train.ts";
import { workerCommand } from "./commands/worker.ts";
import { UnknownCommand, UsageError } from "./messages/errors.ts";
import { inCommandWords } from "./messages/wording.ts";
import { printable } from "./messages/text.ts";

/** Made anew for each run: commander keeps the values of options. */
export function odegradCommand(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };
  const program = new Command("odegrad")
    .description("Solves differential equations and differentiates through the solve.")
    .version(version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printable(text)) })
    .addHelpText(
      "after",
      "\nExit codes: 0 success, 1 failure, 2 a command line that cannot be read. DEBUG=odegrad shows stack traces.",
    );
  for (const command of [
    problemsCommand(),
    solveCommand(),
    gradientCommand(),
    explainCommand(),
    trainCommand(),
    fitCommand(),
    sampleCommand(),
    ensembleCommand(),
    workerCommand(),
    benchCommand(),
    doctorCommand(),
    helpCommand(program),
  ]) {
    const help = `\`odegrad help ${command.name()}\` says what it takes.`;
    program.addCommand(command.copyInheritedSettings(program).showHelpAfterError(help));
  }
  return program;
}

function helpCommand(program: Command): Command {
  return new Command("help")
    .description("says what a command does and takes")
    .argument("[command]", "the command (default: all of them, in short)")
    .action((name?: string) => {
      const known = program.commands.map((command) => command.name());
      const asked = name === undefined ? program : program.commands.find((command) => command.name() === name);
      if (!asked) throw new UnknownCommand(name!, nearest(name!, known), known);
      asked.outputHelp();
    });
}

/** Returns the exit code; what there is to say is on standard output and standard error. `onLimit` is told of `--max-time` first. */
export async function runCommand(args: readonly string[], onLimit: (maxTime: number) => void = () => {}): Promise<number> {
  try {
    const program = odegradCommand().hook("preAction", (_, command) => {
      const { maxTime } = command.opts<{ maxTime?: number }>();
      if (maxTime !== undefined) onLimit(maxTime);
    });
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

/** Tells the error in one message on standard error; returns the exit code. */
export function reportError(error: unknown): number {
  // Commander has told its own already, and throws for --help as well.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const text = error instanceof Error ? `${error.name}: ${inCommandWords(error.message, odegradCommand())}` : String(error);
  console.error(printable(text));
  if (process.env.DEBUG === "odegrad" && error instanceof Error) console.error(error.stack);
  return error instanceof UsageError ? 2 : 1;
}
