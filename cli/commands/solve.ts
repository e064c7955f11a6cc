/** `odegrad solve PROBLEM` */
import { Command } from "commander";
import { formatNumber } from "../../plot/numbers.ts";
import { solutionFigure } from "../../plot/solution.ts";
import type { Solution } from "../../solvers/solution/solution.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { saveat } from "./options.ts";
import { toJson } from "../messages/json.ts";
import { abbreviated, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { print } from "../output/print.ts";
import { warningLines } from "../messages/wording.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import { plotOption, problemArgument, stepOptions, taskOf, type SharedOptions, type Task } from "./shared.ts";
import type { StepOptions } from "../../solvers/solve/step-options.ts";
import { counted } from "../../src/core/in-words.ts";

interface SolveOptions extends SharedOptions, StepOptions {
  readonly plot?: string;
  readonly saveat?: number | number[];
}

export function solveCommand(): Command {
  return stepOptions(plotOption(problemArgument(new Command("solve").description("solves a problem"))))
    .option("--saveat <times>", "the distance between saved times, or the times as a,b,c (default: every step)", saveat)
    .action(run);
}

async function run(name: string, options: SolveOptions): Promise<void> {
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const task = await taskOf(name, options);
  const { rtol, atol, saveat, maxStep, firstStep, stops, maxTime, maxSteps } = options;
  const limits = { maxStep, firstStep, stops, maxTime, maxSteps };
  const solution = solve(task.problem, { solver: task.solver, rtol, atol, saveat, ...limits });
  print(options.json ? json(task, options, solution) : summary(task, options, solution));
  const { layout, name: title } = task.problem;
  await addPicture(options.plot, () => solutionFigure(solution, layout.u, title), options.json);
}

function json(
  { problem }: Task,
  { rtol, atol }: SolveOptions,
  { t, states, names, solver, stats, seconds, result, warnings }: Solution<unknown>,
): string {
  return toJson({ problem: problem.name, solver, rtol, atol, t, u: states, names, stats, seconds, result, warnings });
}

const shownTimes = 10;
const shownComponents = 6;

function summary({ problem }: Task, { rtol, atol }: SolveOptions, solution: Solution<unknown>): string {
  const { t, states, names, stats, seconds } = solution;
  const gap = abbreviated([...names.keys()], shownComponents, -1);
  const cells = (i: number) => gap.map((component) => (component < 0 ? "…" : formatNumber(states[i][component])));
  const times = abbreviated([...t.keys()], shownTimes, -1);
  return [
    `${problem.name}: ${counted(names.length, "state")}, t = ${problem.tspan.map(formatNumber).join(" … ")}`,
    `solver ${solution.solver}, rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}: ${solution.result}${stats.terminated ? `, ended by an event at t = ${formatNumber(solution.terminated!.t)}` : ""}`,
    "",
    table([
      ["t", ...gap.map((component) => (component < 0 ? "…" : names[component]))],
      ...times.map((i) => (i < 0 ? ["…", ...gap.map(() => "")] : [formatNumber(t[i]), ...cells(i)])),
    ]),
    "",
    `${stats.steps} steps, ${stats.rejected} rejected, ${stats.rhsCalls} calls of the right-hand side, ${stats.jacobians} Jacobians, ` +
      `${stats.factorizations} factorizations, ${stats.linearSolves} linear solves, ${stats.newtonIterations} Newton iterations`,
    `${formatSeconds(seconds.prepare)} to prepare, ${formatSeconds(seconds.solve)} to solve`,
    ...warningLines(solution.warnings),
  ].join("\n");
}
