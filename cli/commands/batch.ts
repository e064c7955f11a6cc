/** `odegrad batch PROBLEM` */
import { Command } from "commander";
import { bandsFigure } from "../../plot/bands.ts";
import { formatNumber } from "../../plot/numbers.ts";
import { solveBatch, type BatchSolution } from "../../solvers/batch/solve-batch.ts";
import { batchStatistics, QUANTILES, type BatchStatistics } from "../../solvers/batch/statistics.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import { componentNames } from "../../src/arrays/layout.ts";
import type { Precision } from "../../src/devices/device.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { chooseDevice, deviceName, type ChosenDevice, type DeviceName } from "../batch/device.ts";
import { endingsOf, spreadOf, type Spread } from "../batch/statistics.ts";
import { variation, variedRows, type Variation } from "../batch/vary.ts";
import { EveryTrajectoryFailed } from "../messages/errors.ts";
import { precision, saveat, wholeNumber } from "./options.ts";
import { toJson } from "../messages/json.ts";
import { showProgress } from "../output/progress.ts";
import { abbreviated, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { print } from "../output/print.ts";
import { warningLines } from "../messages/wording.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import { plotOption, problemArgument, taskOf, type SharedOptions } from "./shared.ts";

interface BatchOptions extends SharedOptions {
  readonly trajectories: number;
  readonly vary: readonly Variation[];
  readonly seed: number;
  readonly device: DeviceName;
  readonly precision?: Precision;
  readonly saveat?: number | number[];
  readonly plot?: string;
}

export function batchCommand(): Command {
  return plotOption(
    problemArgument(
      new Command("batch").description("solves a problem for many parameters and initial states at once"),
      "tsit5; batches take explicit ones",
    ),
  )
    .requiredOption(
      "--vary <component=distribution>",
      "what differs between trajectories, such as p.a=uniform(1,2) or u0.x=normal(0,0.1); also loguniform(a,b) and linspace(a,b); may be repeated",
      variation,
    )
    .option("--trajectories <number>", "how many", wholeNumber("--trajectories", 1), 1000)
    .option("--seed <number>", "of the random numbers", wholeNumber("--seed", 0, 2 ** 31 - 1), 1)
    .option("--device <name>", "auto, cpu or threads (f64), or webgpu (f32)", deviceName, "auto")
    .option("--precision <name>", "f32, f32x2 or f64: what to compute in at least (default: as --rtol asks)", precision)
    .option(
      "--saveat <times>",
      "the distance between saved times, or the times as a,b,c (default: a fiftieth of the span)",
      saveat,
    )
    .action(run);
}

interface Finished {
  readonly problem: OdeProblem;
  readonly solver: string;
  readonly chosen: ChosenDevice;
  readonly solution: BatchSolution;
  readonly statistics: BatchStatistics;
  readonly seconds: number;
}

async function run(name: string, options: BatchOptions): Promise<void> {
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const { rtol, atol, trajectories, precision, maxTime, maxSteps } = options;
  const { problem, solver = tsit5() } = await taskOf(name, options);
  const rows = variedRows(problem, options.vary, trajectories, options.seed);
  const chosen = await chooseDevice(options.device, rtol, precision);
  const [t0, t1] = problem.tspan;
  const saveat = options.saveat ?? Math.abs(t1 - t0) / 50;
  const started = performance.now();
  const onProgress = showProgress && ((done: number) => showProgress!(`${done} of ${trajectories} trajectories`));
  const { device } = chosen;
  const solution = await solveBatch(problem, {
    ...rows,
    solver,
    rtol,
    atol,
    saveat,
    device,
    precision,
    maxTime,
    maxSteps,
    onProgress,
  }).finally(() => showProgress?.(""));
  const seconds = (performance.now() - started) / 1e3;
  if (!solution.outcomes.includes("success")) throw new EveryTrajectoryFailed(problem.name, solution.outcomes[0], trajectories);
  const finished = { problem, solver: solver.name, chosen, solution, statistics: batchStatistics(solution), seconds };
  print(options.json ? json(options, finished) : summary(options, finished));
  const bands = { t: solution.t, names: componentNames(problem.layout.u, "u"), quantiles: finished.statistics.quantiles };
  await addPicture(options.plot, () => bandsFigure(bands, `${problem.name}: ${howMany(trajectories)}`), options.json);
}

function json(options: BatchOptions, { problem, solver, chosen, solution, statistics, seconds }: Finished): string {
  const { trajectories, vary, seed, rtol, atol } = options;
  return toJson({
    problem: problem.name,
    solver,
    rtol,
    atol,
    trajectories,
    vary,
    seed,
    device: solution.device,
    precision: solution.precision,
    reason: chosen.reason,
    names: componentNames(problem.layout.u, "u"),
    t: solution.t,
    ...statistics,
    outcomes: endingsOf(solution.outcomes),
    steps: spreadOf(solution.steps),
    rejections: spreadOf(solution.rejections),
    seconds,
    warnings: solution.warnings,
  });
}

function howMany(trajectories: number): string {
  return trajectories === 1 ? "1 trajectory" : `${trajectories} trajectories`;
}

const shownTimes = 6;
const shownComponents = 4;

function summary({ trajectories, vary, seed, rtol, atol }: BatchOptions, finished: Finished): string {
  const { problem, solver, chosen, solution, seconds } = finished;
  const names = componentNames(problem.layout.u, "u");
  const components = abbreviated([...names.keys()], shownComponents, -1);
  return [
    `${problem.name}: ${howMany(trajectories)}, t = ${problem.tspan.map(formatNumber).join(" … ")}`,
    ...vary.map(({ component, distribution, numbers }) => `  ${component} ~ ${distribution}(${numbers.join(", ")})`),
    `solver ${solver}, rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}, seed ${seed}`,
    `device ${solution.device}, ${solution.precision}: ${chosen.reason}`,
    "",
    ...components.flatMap((c) => (c < 0 ? ["…", ""] : [componentTable(names[c], c, finished), ""])),
    ...endingsOf(solution.outcomes).map(({ outcome, count, first }) =>
      outcome === "success" ? `${count} success` : `${count} ${outcome}, the first is trajectory ${first}`,
    ),
    `steps: ${spreadText(spreadOf(solution.steps))}; rejected: ${spreadText(spreadOf(solution.rejections))}`,
    formatSeconds(seconds),
    ...warningLines(solution.warnings),
  ].join("\n");
}

function componentTable(name: string, c: number, { solution: { t }, statistics: { mean, quantiles } }: Finished): string {
  const times = abbreviated([...t.keys()], shownTimes, -1);
  const row = (k: number): string[] => [
    formatNumber(t[k]),
    ...[mean, ...QUANTILES.map((percent) => quantiles[percent])].map((states) => formatNumber(states[k][c])),
  ];
  const header = [name, "mean", ...QUANTILES.map((percent) => `${percent} %`)];
  return table([header, ...times.map((k) => (k < 0 ? ["…", ...header.slice(1).map(() => "")] : row(k)))]);
}

function spreadText({ least, median, mean, most }: Spread): string {
  return `${formatNumber(least)} to ${formatNumber(most)}, median ${formatNumber(median)}, mean ${formatNumber(mean)}`;
}
