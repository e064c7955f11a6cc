/** Trains a model on batches of observations. */
import { unpack, type Shaped } from "../src/arrays/pack.ts";
import { BadOption } from "../src/core/errors.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, callable, count, shown } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { Batches } from "./batches/batches.ts";
import { BatchLoss } from "./batches/batch-loss.ts";
import { checkpointOf, resumed, type Checkpoint, type Course } from "./batches/checkpoint.ts";
import type { Observations } from "./data/observations.ts";
import { experimentsOf } from "./objective/experiment.ts";
import { badStart, freeOf, modelChecks, type ModelOptions } from "./objective/model.ts";
import { adam } from "./optimisers/adam.ts";
import { BadTrainingOption } from "./optimisers/errors.ts";
import { isFirstOrder, type FirstOrder } from "./optimisers/first-order.ts";

/** How far training has come. */
export interface TrainingProgress {
  /** Of so many steps. */
  readonly step: number;
  readonly steps: number;
  /** The misfit of the step's batch, for each observation. */
  readonly value: number;
  /** That of held-out data, where they were looked at after this step. */
  readonly heldOut?: number;
}

/** What `train` takes. */
export interface TrainOptions extends ModelOptions {
  /** adam, adamW or lion; adam({ learningRate: 0.01 }) by default. */
  readonly optimiser?: FirstOrder;
  /** 1000 by default. */
  readonly steps?: number;
  /** How many experiments a step takes, each once before any comes again; all by default. */
  readonly batch?: number;
  /** How many times in a row of each a step takes, from a state that was observed; all by default. */
  readonly window?: number;
  /** Data that are not trained on: what is returned is where their misfit was lowest. */
  readonly heldOut?: Observations | readonly Observations[];
  /** Held-out data are looked at, and a checkpoint is made, after so many steps. 10 by default. */
  readonly every?: number;
  /** Training ends where held-out data were looked at so often without a lower misfit. 20 by default. */
  readonly patience?: number;
  /** A whole number: the same one takes the same batches. 1 by default. */
  readonly seed?: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Gets what `resume` takes; it can be written as JSON. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** A checkpoint to go on from, with the same data and options: the numbers are those of training without a break. */
  readonly resume?: Checkpoint;
}

/** What `train` returns. */
export interface Trained<U, P> {
  /** In the shape of the problem's. */
  readonly p: Shaped<P>;
  readonly u0: Shaped<U>;
  readonly steps: number;
  /** Why it ended. */
  readonly ended: string;
  /** By step: the misfit of its batch for each observation, and that of held-out data where they were looked at. */
  readonly history: readonly { readonly step: number; readonly value: number; readonly heldOut?: number }[];
  /** The lowest misfit of held-out data, for each observation. */
  readonly heldOut?: number;
  readonly checkpoint: Checkpoint;
}

const firstOrder = (value: unknown, what: string): void => {
  if (isFirstOrder(value)) return;
  throw new BadOption(
    `${what} is ${shown(value)}. Batches take one that steps along gradients: adam(), adamW() or lion(); \`fit\` takes the others.`,
  );
};
const whole = (value: unknown, what: string): void => {
  if (!Number.isInteger(value)) throw new BadOption(`${what} is ${shown(value)}, but must be a whole number.`);
};

const checks: Checks<TrainOptions> = {
  ...modelChecks,
  optimiser: firstOrder,
  steps: count,
  batch: count,
  window: count,
  heldOut: anything,
  every: count,
  patience: count,
  seed: whole,
  onProgress: callable,
  onCheckpoint: callable,
  resume: anything,
};

/**
 * Trains a model on batches: of several trajectories, or of short parts of long ones, step by step along the gradient of each.
 *
 * @param problem - The model; its p and u0 are where training starts.
 * @param data - Observations, or a list of those of several experiments.
 * @param options - What is free, the batches, the optimiser, and when to stop.
 * @returns The parameters, where held-out data were met best if there are any; else the last ones.
 * @throws UnknownOption, BadOption, BadTrainingOption, BadParameter, BadData, BadStart, and what `solveWithPullback` throws of a model that
 * cannot be differentiated.
 * @example
 * const { p } = await train(neuralODE, trajectories, { batch: 8, window: 10, steps: 2000, heldOut: others });
 */
export async function train<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: TrainOptions = {},
): Promise<Trained<U, P>> {
  checkOptions(options, checks, "train");
  const { optimiser = adam({ learningRate: 0.01 }), steps = 1000, seed = 1, every = 10, patience = 20, ...rest } = options;
  const { batch, window, heldOut, onProgress, onCheckpoint, resume, parameters, initial, ...settings } = rest;
  const experiments = experimentsOf("train", problem as OdeProblem, data);
  const free = freeOf("train", problem as OdeProblem, experiments, { parameters, initial });
  const size = batch ?? experiments.length;
  if (size > experiments.length)
    throw new BadTrainingOption(`train: a batch of ${size} is more than the ${experiments.length} experiments.`);
  if (window !== undefined && (window < 2 || initial)) {
    throw new BadTrainingOption(
      initial
        ? "train: windows begin at observed states; leave out `window`, or `initial`."
        : "train: a window has at least two times.",
    );
  }
  const batches = new Batches(experiments, { size, window, seed });
  const others = heldOut === undefined ? undefined : experimentsOf("train: heldOut", problem as OdeProblem, heldOut);
  const loss = new BatchLoss(experiments, free, settings);
  const made = { names: free.list.map(({ of, name }) => `${of}.${name}`), optimiser: optimiser.name, seed };
  let course: Course = resume
    ? resumed(resume, made)
    : { step: 0, x: free.start, averages: optimiser.averages(free.list.length), failures: 0 };
  const history: { step: number; value: number; heldOut?: number }[] = [];
  let ended = `it took all of its ${steps} steps`;
  while (course.step < steps) {
    const { value, gradient } = await loss.at(course.x, batches.of(course.step));
    if (value === Infinity) {
      if (course.step === 0) throw badStart(loss.failure);
      ended = "a step led to where the model cannot be solved; a smaller learningRate goes more carefully";
      break;
    }
    const next = optimiser.advance(course.x, gradient, course.averages);
    const step = course.step + 1;
    course = { ...course, step, x: loss.within(next.parameters), averages: next.averages };
    const isLookedAt = step % every === 0 || step === steps;
    const seen = isLookedAt && others ? await loss.valueOf(course.x, others) : undefined;
    if (seen !== undefined) {
      const isBest = seen < (course.best?.value ?? Infinity);
      course = {
        ...course,
        failures: isBest ? 0 : course.failures + 1,
        best: isBest ? { value: seen, x: course.x } : course.best,
      };
    }
    const progress = { step, value, ...(seen !== undefined && { heldOut: seen }) };
    history.push(progress);
    onProgress?.({ ...progress, steps });
    if (isLookedAt) onCheckpoint?.(checkpointOf(course, made));
    if (course.failures >= patience) {
      ended = `held-out data were met no better ${patience} times`;
      break;
    }
  }
  const { u0, p } = free.put(free.valuesAt(course.best?.x ?? course.x), loss.first);
  const { layout } = problem;
  return {
    p: unpack<P>(layout.p, p),
    u0: unpack<U>(layout.u, u0),
    steps: course.step,
    ended,
    history,
    heldOut: course.best?.value,
    checkpoint: checkpointOf(course, made),
  };
}
