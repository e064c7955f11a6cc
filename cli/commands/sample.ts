/** `odegrad sample PROBLEM` */
import { Command } from "commander";
import { pairsFigure } from "../../plot/pairs.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { sample, type PosteriorDraws, type SampleOptions } from "../../training/index.ts";
import { dataOptions, headerOf, observationsOf, type DataOptions } from "../fit/data.ts";
import { inTime } from "../fit/in-time.ts";
import { freeIn, freeOptions, type FreeOptions } from "../fit/parameters.ts";
import { toJson } from "../messages/json.ts";
import { formatSeconds } from "../messages/text.ts";
import { print } from "../output/print.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";
import { tellProgress, tenth } from "../train/progress.ts";
import { wholeNumber } from "./options.ts";
import { plotOption, problemArgument, taskOf, type SharedOptions } from "./shared.ts";
import { counted } from "../../src/core/in-words.ts";

interface SampleCommandOptions extends SharedOptions, DataOptions, FreeOptions {
  readonly chains: number;
  readonly draws: number;
  readonly warmup: number;
  readonly seed: number;
  readonly plot?: string;
}

export function sampleCommand(): Command {
  const command = new Command("sample").description("draws from the posterior of parameters, by the no-U-turn sampler");
  return plotOption(freeOptions(dataOptions(problemArgument(command))))
    .option("--chains <number>", "how many; from two on they are compared", wholeNumber("--chains", 1, 2 ** 31 - 1), 4)
    .option("--draws <number>", "of each chain", wholeNumber("--draws", 4, 2 ** 31 - 1), 1000)
    .option(
      "--warmup <number>",
      "transitions of each chain before those, in which it learns its steps",
      wholeNumber("--warmup", 1, 2 ** 31 - 1),
      1000,
    )
    .option("--seed <number>", "of the random numbers", wholeNumber("--seed", 1, 2 ** 31 - 1), 1)
    .action(run);
}

async function run(name: string, options: SampleCommandOptions): Promise<void> {
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const { problem, solver } = await taskOf(name, options);
  const data = [...(await observationsOf(problem, options)).values()];
  const { rtol, atol, maxSteps, maxTime, chains, draws, warmup, seed } = options;
  const free = freeIn(problem, options);
  const began = performance.now();
  const posterior = await inTime(maxTime, (signal) =>
    told({ chains, draws, warmup }, (onProgress) =>
      sample(problem, data, { ...free, solver, rtol, atol, maxSteps, signal, chains, draws, warmup, seed, onProgress }),
    ),
  );
  const seconds = (performance.now() - began) / 1000;
  const header = headerOf(problem, data, options);
  const each = `${counted(chains, "chain")} of ${counted(draws, "draw")} after ${warmup}, seed ${seed}`;
  print(
    options.json ? json(problem, posterior, seconds) : [header, each, "", String(posterior), formatSeconds(seconds)].join("\n"),
  );
  await addPicture(options.plot, () => pairsFigure(posterior, `${problem.name}: posterior`), options.json);
}

async function told<T>(
  { chains, draws, warmup }: Required<Pick<SampleOptions, "chains" | "draws" | "warmup">>,
  work: (onProgress: SampleOptions["onProgress"]) => Promise<T>,
): Promise<T> {
  const all = chains * (warmup + draws);
  const progress = tellProgress({ nameOf: (k) => `transition ${k} of ${all}`, isDue: tenth(all) });
  try {
    return await work(({ transitions }) => progress.step(transitions));
  } finally {
    progress.end();
  }
}

function json(
  problem: OdeProblem,
  { names, summary, divergences, evaluations, warnings, draws }: PosteriorDraws,
  seconds: number,
): string {
  return toJson({ problem: problem.name, names, summary, divergences, evaluations, warnings, draws, seconds });
}
