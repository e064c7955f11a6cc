/** `odegrad fit PROBLEM` */
import { Command } from "commander";
import {
  fit,
  multiStart,
  predict,
  type Fit,
  type FitOptions,
  type Observations,
  type PredictOptions,
  type Predictions,
  type Starts,
} from "../../training/index.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Figure } from "../../plot/figure.ts";
import { fitFigure } from "../../plot/fit.ts";
import { dataOptions, headerOf, observablesIn, observationsOf, type DataOptions } from "../fit/data.ts";
import { heldOutIn, heldOutOption, type HeldOutOptions } from "../fit/held-out.ts";
import { inTime } from "../fit/in-time.ts";
import { freeIn, freeOptions, type FreeOptions } from "../fit/parameters.ts";
import { toJson } from "../messages/json.ts";
import { formatSeconds } from "../messages/text.ts";
import { ofCommand } from "../messages/wording.ts";
import { print } from "../output/print.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import { oneDigit, tellProgress, tenth } from "../train/progress.ts";
import { wholeNumber } from "./options.ts";
import { plotOption, problemArgument, taskOf, type SharedOptions } from "./shared.ts";

interface FitCommandOptions extends SharedOptions, DataOptions, FreeOptions, HeldOutOptions {
  readonly starts?: number;
  readonly seed: number;
  readonly plot?: string;
}

export function fitCommand(): Command {
  const command = new Command("fit").description("finds the parameters under which data are most likely");
  return plotOption(heldOutOption(freeOptions(dataOptions(problemArgument(command)))))
    .option(
      "--starts <number>",
      "fit from so many starts, and keep the best (default: 1)",
      wholeNumber("--starts", 1, 2 ** 31 - 1),
    )
    .option("--seed <number>", "of the starts, and of what is held out", wholeNumber("--seed", 1, 2 ** 31 - 1), 1)
    .action(run);
}

async function run(name: string, options: FitCommandOptions): Promise<void> {
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const { problem, solver } = await taskOf(name, options);
  const { data, heldOut } = heldOutIn(await observationsOf(problem, options), options);
  const { rtol, atol, maxSteps, maxTime } = options;
  const free = freeIn(problem, options);
  const began = performance.now();
  const found = await inTime(maxTime, (signal) =>
    fitted(problem, data, { ...free, solver, rtol, atol, maxSteps, signal, ...(heldOut.length > 0 && { heldOut }) }, options),
  );
  const seconds = (performance.now() - began) / 1000;
  print(options.json ? json(problem, found, seconds) : summary(problem, data, options, found, seconds));
  const best = "best" in found ? found.best : found;
  await addPicture(
    options.plot,
    () => picture(problem, data, best, { solver, rtol, atol, maxSteps, of: observablesIn(problem, options) }),
    options.json,
  );
}

const CURVE = 300;

/** With bands from the start to the last observation. */
async function picture(
  problem: OdeProblem,
  data: readonly Observations[],
  best: Fit,
  { of, ...settings }: Pick<PredictOptions<unknown, unknown>, "solver" | "rtol" | "atol" | "maxSteps" | "of">,
): Promise<Figure> {
  const start = problem.tspan[0];
  const end = Math.max(...data.map(({ times }) => times[times.length - 1]));
  const t = Array.from({ length: CURVE + 1 }, (_, i) => start + ((end - start) * i) / CURVE);
  const names = [...new Set(best.residuals.map(({ name }) => name))];
  const asked = { ...settings, t, components: names.filter((name) => !Object.hasOwn(of ?? {}, name)), of };
  const predicted = ({ u0, p }: Partial<Observations>): Promise<Predictions> =>
    predict(problem, best, { ...asked, u0, p: p as object });
  // Where experiments have conditions of their own there is a prediction for each, else one for all.
  const alike = data.every(({ u0, p }) => u0 === undefined && p === undefined) ? await predicted({}) : undefined;
  const predictions = alike ? data.map(() => alike) : await Promise.all(data.map(predicted));
  return fitFigure({ residuals: best.residuals, predictions }, problem.name);
}

/** From one start, or from several. */
async function fitted(
  problem: OdeProblem,
  data: readonly Observations[],
  model: FitOptions,
  { starts, seed }: FitCommandOptions,
): Promise<Fit | Starts> {
  const isOne = starts === undefined || starts === 1;
  const progress = tellProgress(
    isOne
      ? { value: "misfit", nameOf: (k) => `iteration ${k}`, isDue: oneDigit }
      : { value: "misfit", nameOf: (k) => `start ${k} of ${starts}`, isDue: tenth(starts) },
  );
  try {
    return isOne
      ? await fit(problem, data, { ...model, onProgress: ({ iteration, value }) => progress.step(iteration, value) })
      : await multiStart(problem, data, { ...model, starts, seed, onProgress: ({ done, value }) => progress.step(done, value) });
  } finally {
    progress.end();
  }
}

function json(problem: OdeProblem, found: Fit | Starts, seconds: number): string {
  const { best, ...starts } = "best" in found ? found : { best: found };
  return toJson({ problem: problem.name, ...best, ...starts, seconds });
}

function summary(
  problem: OdeProblem,
  data: readonly Observations[],
  options: FitCommandOptions,
  found: Fit | Starts,
  seconds: number,
): string {
  return [headerOf(problem, data, options), "", ...String(found).split("\n").map(ofCommand), formatSeconds(seconds)].join("\n");
}
