/** `odegrad gradient PROBLEM` */
import { Command } from "commander";
import { gradientComponents, gradientFigure } from "../../plot/gradient.ts";
import { formatNumber } from "../../plot/numbers.ts";
import { gradient, type Gradient } from "../../sensitivity/gradient.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { NoLoss } from "../messages/errors.ts";
import { toJson } from "../messages/json.ts";
import { abbreviated, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { print } from "../output/print.ts";
import { warningLines } from "../messages/wording.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import {
  derivativeOptions,
  plotOption,
  problemArgument,
  stepOptions,
  taskOf,
  type DerivativeOptions,
  type SharedOptions,
} from "./shared.ts";
import type { StepOptions } from "../../solvers/solve/step-options.ts";

interface GradientOptions extends SharedOptions, DerivativeOptions, StepOptions {
  readonly plot?: string;
  readonly check?: boolean;
}

export function gradientCommand(): Command {
  const command = new Command("gradient").description("differentiates a problem's loss through the solve");
  return stepOptions(derivativeOptions(plotOption(problemArgument(command))))
    .option("--check", "check the gradient against forward mode in a random direction, however often it was checked before")
    .action(run);
}

async function run(name: string, options: GradientOptions): Promise<void> {
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const { problem, loss, solver } = await taskOf(name, options);
  if (!loss) throw new NoLoss(problem.name);
  const { wrt, rtol, atol, adjoint, vjp, check, maxStep, firstStep, stops, maxTime, maxSteps } = options;
  const limits = { maxStep, firstStep, stops, maxTime, maxSteps };
  const result = gradient(problem, { loss, wrt, solver, rtol, atol, adjoint, vjp, check, ...limits });
  print(options.json ? json(problem, result) : summary(problem, options, result));
  await addPicture(options.plot, () => gradientFigure(problem, result), options.json);
}

function json(
  problem: OdeProblem,
  { value, gradient, plan, stats, seconds, check, warnings }: Gradient<unknown, unknown>,
): string {
  // Methods that carry derivatives along have no backward pass.
  const ways = { ...stats, backward: stats.backward ?? null };
  return toJson({ problem: problem.name, value, gradient, plan, stats: ways, seconds, check, warnings });
}

const shownComponents = 16;

function summary(problem: OdeProblem, { rtol, atol }: GradientOptions, result: Gradient<unknown, unknown>): string {
  const { value, plan, seconds, check, warnings } = result;
  const rows = abbreviated(
    gradientComponents(problem, result).map(({ name, value }) => [name, formatNumber(value)]),
    shownComponents,
    ["…", ""],
  );
  return [
    `${problem.name}: rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}`,
    plan.summary,
    "",
    table([["loss", formatNumber(value)], ["", ""], ["gradient by", ""], ...rows]),
    "",
    `reverse against forward mode: ${check.passed ? "passed" : "FAILED"}, relative difference ${formatNumber(check.relativeDifference)}`,
    `${formatSeconds(seconds.prepare)} to prepare, ${formatSeconds(seconds.solve)} to solve, ${formatSeconds(seconds.gradient)} for the gradient`,
    ...warningLines(warnings),
  ].join("\n");
}
