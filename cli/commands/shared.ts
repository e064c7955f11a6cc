/** What the commands on a problem have in common. */
import type { AdjointName } from "../../sensitivity/adjoints/index.ts";
import type { VjpName } from "../../sensitivity/vjp/backends/index.ts";
import { Option, type Command } from "commander";
import { remake } from "../../src/problem/problem.ts";
import { methodNamed, methods } from "../../solvers/methods/index.ts";
import type { Method } from "../../solvers/step/method.ts";
import { MissingStepSize } from "../../solvers/step/errors.ts";
import { UnknownOption } from "../../src/core/errors.ts";
import { OptionsDisagree } from "../messages/errors.ts";
import { positive, relative, setting, stops, tspan, wholeNumber, wrt, type WrtName } from "./options.ts";
import { findProblem } from "../problem/find.ts";
import { naming } from "../messages/naming.ts";
import type { ProblemWithLoss } from "../problem/module.ts";

export interface SharedOptions {
  readonly set?: Record<string, unknown>;
  readonly solver?: string;
  readonly dt?: number;
  readonly rtol: number;
  readonly atol?: number;
  readonly tspan?: [number, number];
  readonly maxTime?: number;
  readonly maxSteps?: number;
  readonly json?: boolean;
}

/** `chosen`: the solver where none is named. */
export function problemArgument(command: Command, chosen = "chosen as the solve shows stiffness"): Command {
  return command
    .argument(
      "<problem>",
      "a name that `odegrad problems` lists, or the path of a .ts or .js module whose default export is a problem or { problem, loss }",
    )
    .option("--set <name=value>", "an option of a named problem; may be repeated", setting)
    .option("--solver <name>", `one of ${Object.keys(methods).join(", ")} (default: ${chosen})`)
    .option("--dt <number>", "the length of every step, for methods of fixed step (euler, rk4)", positive("--dt"))
    .addOption(new Option("--rtol <number>", "relative tolerance").argParser(relative("--rtol")).default(1e-6, "1e-6"))
    .option(
      "--atol <number>",
      "absolute tolerance (default: rtol times the initial size of each component, 1e-6 at most)",
      positive("--atol"),
    )
    .option(
      "--max-time <milliseconds>",
      "what the work may take, looked at between steps; what never returns is ended a second later",
      positive("--max-time"),
    )
    .option("--max-steps <number>", "how many steps may be tried (default: 1e6)", wholeNumber("--max-steps", 1))
    .option("--tspan <a,b>", "another span of time than the problem's", tspan)
    .option("--json", "print one JSON object");
}

export function plotOption(command: Command): Command {
  return command.option("--plot <file>", "draw a picture into an .svg or .png file");
}

export function stepOptions(command: Command): Command {
  return command
    .option("--max-step <number>", "the longest step (default: chosen)", positive("--max-step"))
    .option("--first-step <number>", "the first step (default: chosen)", positive("--first-step"))
    .option("--stops <a,b,c>", "times at which the right-hand side may become another one (default: found in its text)", stops);
}

export interface DerivativeOptions {
  readonly wrt: WrtName[];
  /** As it was written: the library refuses what it does not know. */
  readonly adjoint?: AdjointName;
  readonly vjp?: VjpName;
}

export function derivativeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--wrt <names>", "what to differentiate by: some of p, u0, t0, t1, such as p,u0")
        .argParser(wrt)
        .default(["p"], "p"),
    )
    .option("--adjoint <name>", "the adjoint method (default: chosen)")
    .option("--vjp <name>", "the backend of vector-Jacobian products (default: chosen)");
}

export interface Task extends ProblemWithLoss {
  readonly solver?: Method;
}

/** The problem and the solver that the command line names. */
export async function taskOf(name: string, options: SharedOptions): Promise<Task> {
  const solver = solverOf(options);
  const { problem, loss } = await findProblem(name, options.set ?? {});
  return { problem: options.tspan ? remake(problem, { tspan: options.tspan }) : problem, loss, solver };
}

function solverOf({ solver, dt }: SharedOptions): Method | undefined {
  const fixed = Object.keys(methods).filter(takesStep).join(", ");
  if (solver === undefined) {
    if (dt !== undefined) throw new OptionsDisagree(`--dt ${dt} is for methods of fixed step: give --solver, too (${fixed}).`);
    return undefined;
  }
  try {
    return naming("--solver", solver, () => methodNamed(solver, dt === undefined ? {} : { dt }));
  } catch (error) {
    if (error instanceof MissingStepSize)
      throw new OptionsDisagree(`--solver ${solver} takes steps of fixed length: give it, such as --dt 0.01.`);
    if (error instanceof UnknownOption)
      throw new OptionsDisagree(
        `--dt ${dt} is for methods of fixed step (${fixed}), and ${solver} chooses its own: leave it out, or give --max-step.`,
      );
    throw error;
  }
}

/** Is its step fixed? */
function takesStep(name: string): boolean {
  try {
    methodNamed(name);
    return false;
  } catch {
    return true;
  }
}
