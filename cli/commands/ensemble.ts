/** `odegrad ensemble PROBLEM` */
import { Command } from "commander";
import { deviceNamed, type GivenDevice } from "../../ensemble/devices/index.ts";
import { solveEnsemble } from "../../ensemble/solve-ensemble.ts";
import { bandsFigure } from "../../plot/bands.ts";
import type { Precision } from "../../src/devices/device.ts";
import { progressBar } from "../ensemble/bar.ts";
import { outPath, writeOut } from "../ensemble/out.ts";
import { between, type Between } from "../ensemble/bins.ts";
import { asJson, quantilesOf, type Finished } from "../ensemble/finished.ts";
import { columnsOf, reducersOf, reductionsIn, type Reduction } from "../ensemble/reduce.ts";
import { howMany, summary } from "../ensemble/summary.ts";
import { variation, varyOf, type Variation } from "../ensemble/vary.ts";
import { EveryTrajectoryFailed, OptionsDisagree } from "../messages/errors.ts";
import { naming } from "../messages/naming.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import { print } from "../output/print.ts";
import { isPath } from "../problem/find.ts";
import { showProgress } from "../output/progress.ts";
import { names, precision, saveat, wholeNumber } from "./options.ts";
import { plotOption, problemArgument, stepOptions, taskOf, type SharedOptions } from "./shared.ts";

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
  readonly save?: string[];
  readonly maxStep?: number;
  readonly firstStep?: number;
  readonly stops?: number[];
  /** Undefined where the states are kept. */
  readonly reduce?: readonly Reduction[];
  readonly bins?: number;
  readonly between?: Between;
  readonly chunk?: number;
  readonly out?: string;
  readonly plot?: string;
}

export function ensembleCommand(): Command {
  return plotOption(
    stepOptions(
      problemArgument(
        new Command("ensemble").description("solves a problem for many parameters and initial states, and sums up"),
        "tsit5, or one for stiff problems where a few trajectories show it; what kernels cannot do as `odegrad solve` chooses",
      ),
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
    .option("--save <names>", "the components to keep, such as prey,predator (default: all)", names("--save"))
    .option(
      "--reduce <names>",
      "what is kept: some of mean, variance, quantiles and histogram, or states, all of them",
      reductionsIn,
      ["mean", "quantiles"] as const,
    )
    .option("--bins <number>", "of a histogram (default: 20)", wholeNumber("--bins", 1, 2 ** 20))
    .option(
      "--between <range>",
      "the ends of a histogram: a,b of all components, or component=a,b of one, which may be repeated",
      between,
    )
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

async function run(name: string, options: EnsembleCommandOptions): Promise<void> {
  const { plot, out, json } = options;
  if (plot !== undefined) checkPicturePath(plot);
  const { rtol, atol, trajectories, precision, maxTime, maxSteps, maxStep, firstStep, stops, save, seed, chunk } = options;
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
    save,
    ...(reduce && { reduce: reducersOf(reduce, { bins: options.bins, between: options.between }) }),
    device,
    precision,
    maxTime,
    maxSteps,
    maxStep,
    firstStep,
    stops,
    chunk,
    onProgress,
  }).finally(() => showProgress?.(""));
  const seconds = (performance.now() - started) / 1e3;
  const { succeeded, failures } = solution;
  if (succeeded === 0) throw new EveryTrajectoryFailed(problem.name, failures[0].reason, trajectories);
  const columns = columnsOf(solution, "histogram");
  const finished = { problem, tspan, solver: solution.plan.solver ?? "chosen", solution, columns, seconds };
  if (out !== undefined) await writeOut(out, solution);
  print(json ? asJson(options, finished) : summary(options, finished));
  if (out !== undefined && !json) print(`numbers: ${out}`);
  const draw = () => bandsFigure(bandsOf(finished), `${problem.name}: ${howMany(trajectories)}`);
  await addPicture(plot, draw, json);
}

function bandsOf(finished: Finished): Parameters<typeof bandsFigure>[0] {
  const { t, names } = finished.solution;
  return { t, names, quantiles: quantilesOf(finished) };
}
