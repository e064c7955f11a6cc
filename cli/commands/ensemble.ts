/** `odegrad ensemble PROBLEM` */
import { Command } from "commander";
import { deviceNamed, type GivenDevice } from "../../ensemble/devices/index.ts";
import { solveEnsemble, type EnsembleSolution } from "../../ensemble/solve-ensemble.ts";
import { bandsFigure } from "../../plot/bands.ts";
import { formatNumber } from "../../plot/numbers.ts";
import type { Precision } from "../../src/devices/device.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { progressBar } from "../ensemble/bar.ts";
import { outPath, writeOut } from "../ensemble/out.ts";
import {
  columnsOf,
  reducersOf,
  reductionsIn,
  type Percentage,
  type Reduction,
  type StatisticColumn,
} from "../ensemble/reduce.ts";
import { variation, varyOf, type Variation } from "../ensemble/vary.ts";
import { EveryTrajectoryFailed, OptionsDisagree } from "../messages/errors.ts";
import { toJson } from "../messages/json.ts";
import { naming } from "../messages/naming.ts";
import { abbreviated, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { warningLines } from "../messages/wording.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import { print } from "../output/print.ts";
import { isPath } from "../problem/find.ts";
import { showProgress } from "../output/progress.ts";
import { precision, saveat, wholeNumber } from "./options.ts";
import { plotOption, problemArgument, taskOf, type SharedOptions } from "./shared.ts";

interface EnsembleCommandOptions extends SharedOptions {
  readonly trajectories: number;
  readonly vary: readonly Variation[];
  readonly seed: number;
  /** A device's name, or "cluster". */
  readonly device: string;
  readonly redis?: string;
  readonly resume?: string;
  readonly precision?: Precision;
  readonly saveat?: number | number[];
  /** Undefined where the states are kept. */
  readonly reduce?: readonly Reduction[];
  readonly chunk?: number;
  readonly out?: string;
  readonly plot?: string;
}

export function ensembleCommand(): Command {
  return plotOption(
    problemArgument(
      new Command("ensemble").description("solves a problem for many parameters and initial states, and sums up"),
      "tsit5 in kernels; what these cannot do as `odegrad solve` chooses",
    ),
  )
    .requiredOption(
      "--vary <component=distribution>",
      "what differs between trajectories, such as p.a=uniform(1,2) or u0.x=normal(0,0.1); also loguniform(a,b), lognormal(a,b) of mean and deviation of ln x, and linspace(a,b); may be repeated",
      variation,
    )
    .option("--trajectories <number>", "how many", wholeNumber("--trajectories", 1), 1000)
    .option("--seed <number>", "of the random numbers", wholeNumber("--seed", 1, 2 ** 31 - 1), 1)
    .option(
      "--device <name>",
      "auto, which measures a few trajectories and says why, cpu or threads (f64), webgpu (f32), or cluster",
      device,
      "auto",
    )
    .option("--redis <url>", "where the Redis of the cluster is (default: redis://127.0.0.1:6379)")
    .option("--resume <run>", "goes on with a run of the cluster whose program died, by the ID that it told")
    .option("--precision <name>", "f32, f32x2 or f64: what to compute in at least (default: as --rtol asks)", precision)
    .option(
      "--saveat <times>",
      "the distance between saved times, or the times as a,b,c (default: a fiftieth of the span)",
      saveat,
    )
    .option("--reduce <names>", "what is kept: some of mean, variance and quantiles, or states, all of them", reductionsIn, [
      "mean",
      "quantiles",
    ] as const)
    .option("--chunk <number>", "trajectories that are solved together (default: chosen)", wholeNumber("--chunk", 1, 2 ** 31 - 1))
    .option("--out <file>", "write what is kept into an .npy or .csv file", outPath)
    .action(run);
}

/** Throws UnknownDevice. */
function device(text: string): string {
  if (text !== CLUSTER) naming("--device", text, () => deviceNamed(text));
  return text;
}

const CLUSTER = "cluster";

/** The cluster is loaded where it is asked for. Throws {@link OptionsDisagree}. */
async function deviceOf(problem: string, { device, redis, resume, set = {} }: EnsembleCommandOptions): Promise<GivenDevice> {
  if (device !== CLUSTER) {
    if (resume !== undefined) throw new OptionsDisagree(`--resume is of --device cluster alone, and the device is ${device}.`);
    if (redis !== undefined) throw new OptionsDisagree(`--redis is of --device cluster alone, and the device is ${device}.`);
    return device as GivenDevice;
  }
  const { cluster } = await import("../../cluster/producer/cluster.ts");
  const onRun = (run: string): void => console.error(`run ${run}: --resume ${run} goes on with it, should this program die`);
  return cluster({ redis, resume, onRun, problem: isPath(problem) ? { module: problem } : { name: problem, options: set } });
}

interface Finished {
  readonly problem: OdeProblem;
  readonly tspan: readonly [number, number];
  readonly solver: string;
  readonly solution: EnsembleSolution;
  readonly columns: readonly StatisticColumn[];
  readonly seconds: number;
}

async function run(name: string, options: EnsembleCommandOptions): Promise<void> {
  const { plot, out, json } = options;
  if (plot !== undefined) checkPicturePath(plot);
  const { rtol, atol, trajectories, precision, maxTime, maxSteps, seed, chunk } = options;
  // Machines elsewhere know the problem as it is, and are told of its span.
  const { problem, solver } = await taskOf(name, { ...options, tspan: undefined });
  const { tspan = problem.tspan } = options;
  const [t0, t1] = tspan;
  const device = await deviceOf(name, options);
  // Bands are drawn of quantiles.
  const reduce = plot === undefined ? options.reduce : [...new Set<Reduction>([...(options.reduce ?? []), "quantiles"])];
  const started = performance.now();
  const onProgress = showProgress && ((progress: Parameters<typeof progressBar>[0]) => showProgress!(progressBar(progress)));
  const solution = await solveEnsemble(problem, {
    trajectories,
    tspan,
    vary: varyOf(options.vary),
    seed,
    solver,
    rtol,
    atol,
    saveat: options.saveat ?? Math.abs(t1 - t0) / 50,
    ...(reduce && { reduce: reducersOf(reduce) }),
    device,
    precision,
    maxTime,
    maxSteps,
    chunk,
    onProgress,
  }).finally(() => showProgress?.(""));
  const seconds = (performance.now() - started) / 1e3;
  const { succeeded, failures } = solution;
  if (succeeded === 0) throw new EveryTrajectoryFailed(problem.name, failures[0].reason, trajectories);
  const columns = columnsOf(solution);
  const finished = { problem, tspan, solver: solution.plan.solver ?? "chosen", solution, columns, seconds };
  if (out !== undefined) await writeOut(out, solution);
  print(json ? asJson(options, finished) : summary(options, finished));
  if (out !== undefined && !json) print(`numbers: ${out}`);
  const draw = () => bandsFigure(bandsOf(finished), `${problem.name}: ${howMany(trajectories)}`);
  await addPicture(plot, draw, json);
}

/** By time and component. */
function statesOf({ solution: { t, names } }: Finished, { at }: StatisticColumn): number[][] {
  return Array.from(t, (_, k) => names.map((__, c) => at(k, c)));
}

function columnNamed({ columns }: Finished, label: string): StatisticColumn | undefined {
  return columns.find((column) => column.label === label);
}

function quantilesOf(finished: Finished): Record<Percentage, number[][]> {
  const of = (percent: number) => statesOf(finished, columnNamed(finished, `${percent} %`)!);
  return { 5: of(5), 25: of(25), 50: of(50), 75: of(75), 95: of(95) };
}

function bandsOf(finished: Finished): Parameters<typeof bandsFigure>[0] {
  const { t, names } = finished.solution;
  return { t, names, quantiles: quantilesOf(finished) };
}

function asJson(options: EnsembleCommandOptions, finished: Finished): string {
  const { trajectories, vary, seed, rtol, atol } = options;
  const { problem, solver, solution, seconds } = finished;
  const { t, names, u, succeeded, failures, reasons, steps, rejections, plan, warnings } = solution;
  const moments = (["mean", "variance"] as const).flatMap((label) => {
    const column = columnNamed(finished, label);
    return column ? [[label, statesOf(finished, column)] as const] : [];
  });
  return toJson({
    problem: problem.name,
    solver,
    rtol,
    atol,
    trajectories,
    vary,
    seed,
    device: plan.device,
    precision: plan.precision,
    solved: plan.solved,
    chunk: plan.chunk,
    reasons: plan.reasons,
    names,
    t,
    ...Object.fromEntries(moments),
    ...(columnNamed(finished, "50 %") && { quantiles: quantilesOf(finished) }),
    ...(u && { u }),
    succeeded,
    failed: reasons,
    failures,
    steps,
    rejections,
    seconds,
    warnings,
  });
}

function howMany(trajectories: number): string {
  return trajectories === 1 ? "1 trajectory" : `${trajectories} trajectories`;
}

const shownTimes = 6;
const shownComponents = 4;

function summary({ trajectories, vary, seed, rtol, atol }: EnsembleCommandOptions, finished: Finished): string {
  const { problem, tspan, solver, solution, seconds } = finished;
  const { names, succeeded, reasons, failures, steps, rejections, plan, warnings } = solution;
  const components = solution.u ? [] : abbreviated([...names.keys()], shownComponents, -1);
  return [
    `${problem.name}: ${howMany(trajectories)}, t = ${tspan.map(formatNumber).join(" … ")}`,
    ...vary.map(({ component, distribution, numbers }) => `  ${component} ~ ${distribution}(${numbers.join(", ")})`),
    `solver ${solver}, rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}, seed ${seed}`,
    String(plan),
    "",
    ...components.flatMap((c) => (c < 0 ? ["…", ""] : [componentTable(names[c], c, finished), ""])),
    `${succeeded} success`,
    ...Object.entries(reasons).map(([reason, count]) => {
      const first = failures.find((failure) => failure.reason === reason);
      return first
        ? `${count} ${reason}, the first is trajectory ${first.index} at t = ${formatNumber(first.t)}`
        : `${count} ${reason}`;
    }),
    `steps: ${formatNumber(steps / trajectories)} a trajectory; rejected: ${formatNumber(rejections / trajectories)}`,
    formatSeconds(seconds),
    ...warningLines(warnings),
  ].join("\n");
}

function componentTable(name: string, c: number, { solution: { t }, columns }: Finished): string {
  const times = abbreviated([...t.keys()], shownTimes, -1);
  const header = [name, ...columns.map(({ label }) => label)];
  const row = (k: number): string[] => [formatNumber(t[k]), ...columns.map(({ at }) => formatNumber(at(k, c)))];
  return table([header, ...times.map((k) => (k < 0 ? ["…", ...header.slice(1).map(() => "")] : row(k)))]);
}
