/** `odegrad train PROBLEM` */
import { Command, Option } from "commander";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { lossFigure } from "../../plot/loss.ts";
import { formatNumber } from "../../plot/numbers.ts";
import { componentNames } from "../../src/arrays/layout.ts";
import { unpack } from "../../src/arrays/pack.ts";
import { deadlineOf } from "../../src/core/options/time-limit.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { adam, adamW, inTurn, lbfgs, lion, toJson as parametersAsJson, toNpz, type Optimiser } from "../../training/index.ts";
import { BadOptionValue, CannotWrite, NoLoss, NothingToTrain } from "../messages/errors.ts";
import { toJson } from "../messages/json.ts";
import { abbreviated, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { addPicture, checkPicturePath, makeFolder } from "../output/picture.ts";
import { print } from "../output/print.ts";
import { LossObjective } from "../train/loss-objective.ts";
import { trained } from "../train/loop.ts";
import { positive, wholeNumber } from "./options.ts";
import { plotOption, problemArgument, taskOf, type SharedOptions } from "./shared.ts";

interface TrainOptions extends SharedOptions {
  readonly steps: number;
  readonly optimiser: OptimiserName;
  readonly learningRate: number;
  readonly out?: string;
  readonly plot?: string;
}

/** One each, of the learning rate. */
const optimisers = {
  adam: (learningRate: number) => adam({ learningRate }),
  adamW: (learningRate: number) => adamW({ learningRate }),
  lion: (learningRate: number) => lion({ learningRate }),
  lbfgs: () => lbfgs(),
  "adam,lbfgs": (learningRate: number) => inTurn([adam({ learningRate }), 300], [lbfgs()]),
} as const satisfies Readonly<Record<string, (learningRate: number) => Optimiser>>;

type OptimiserName = keyof typeof optimisers;

export function trainCommand(): Command {
  const command = new Command("train").description("makes a problem's loss small by its parameters");
  return plotOption(problemArgument(command))
    .addOption(new Option("--steps <number>", "how many steps at most").argParser(wholeNumber("--steps", 1)).default(500, "500"))
    .addOption(
      new Option(
        "--optimiser <name>",
        `one of ${Object.keys(optimisers).join(" ")}; the last one is 300 steps of the one, then the other`,
      )
        .argParser(optimiserName)
        .default("adam,lbfgs", "adam,lbfgs"),
    )
    .addOption(
      new Option("--learning-rate <number>", "the length of a step, about; lbfgs finds its own")
        .argParser(positive("--learning-rate"))
        .default(0.01, "0.01"),
    )
    .option("--out <file>", "write the parameters into a .json or .npz file", parametersPath)
    .action(run);
}

function optimiserName(text: string): OptimiserName {
  if (Object.hasOwn(optimisers, text)) return text as OptimiserName;
  throw new BadOptionValue("--optimiser", text, `one of ${Object.keys(optimisers).join(" ")}`);
}

function parametersPath(text: string): string {
  if (/[^/\\]\.(json|npz)$/.test(text)) return text;
  throw new BadOptionValue("--out", text, "a file that ends in .json or .npz");
}

async function run(name: string, options: TrainOptions): Promise<void> {
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const { problem, loss, solver } = await taskOf(name, options);
  if (!loss) throw new NoLoss(problem.name);
  if (problem.layout.p.size === 0) throw new NothingToTrain(problem.name);
  const { rtol, atol, maxSteps, steps, optimiser, learningRate, out } = options;
  const began = performance.now();
  const objective = new LossObjective(problem, loss, { solver, rtol, atol, maxSteps });
  const { state, losses, ended } = await trained(objective, optimisers[optimiser](learningRate), steps, deadlineOf(options));
  const p = unpack(problem.layout.p, state.x);
  if (out !== undefined) await write(out, p);
  const seconds = (performance.now() - began) / 1000;
  const result = { before: losses[0], value: state.value, steps: losses.length - 1, ended, seconds };
  print(options.json ? toJson({ problem: problem.name, ...result, p }) : summary(problem, options, result, state.x));
  await addPicture(
    options.plot,
    () =>
      lossFigure(
        losses.map((value, step) => ({ step, value })),
        `${problem.name}: the lowest loss so far`,
      ),
    options.json,
  );
}

async function write(path: string, p: unknown): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, path.endsWith(".npz") ? toNpz(p) : `${parametersAsJson(p)}\n`);
  } catch (error) {
    throw new CannotWrite(`"${path}"`, error as NodeJS.ErrnoException);
  }
}

const shownComponents = 16;

interface Result {
  readonly before: number;
  readonly value: number;
  readonly steps: number;
  readonly ended: string;
  readonly seconds: number;
}

function summary(problem: OdeProblem, { rtol, atol, optimiser, out }: TrainOptions, result: Result, x: Float64Array): string {
  const names = componentNames(problem.layout.p, "p");
  const rows = abbreviated(
    names.map((name, j) => [name, formatNumber(x[j])]),
    shownComponents,
    ["…", ""],
  );
  const { before, value, steps, ended, seconds } = result;
  return [
    `${problem.name}: ${x.length} parameters, ${optimiser}, rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}`,
    `loss ${formatNumber(before)} -> ${formatNumber(value)} in ${steps} steps, ${formatSeconds(seconds)}: ${ended}`,
    "",
    table(rows),
    ...(out === undefined ? [] : ["", `parameters in ${out}`]),
  ].join("\n");
}
