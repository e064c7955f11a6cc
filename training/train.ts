/** Trains a model on batches of observations. */
import { ownLayouts } from "../src/arrays/layout.ts";
import { unpack, type Shaped } from "../src/arrays/pack.ts";
import { BadOption } from "../src/core/errors.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, callable, count, shown } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { Batches } from "./batches/batches.ts";
import { BatchLoss } from "./batches/batch-loss.ts";
import { checkpointOf, resumed, type Checkpoint, type Course, type Made } from "./batches/checkpoint.ts";
import type { Observations } from "./data/observations.ts";
import { experimentsOf, type Experiment } from "./objective/experiment.ts";
import { badStart, freeOf, modelChecks, type ModelOptions } from "./objective/model.ts";
import { adam } from "./optimisers/adam.ts";
import { BadTrainingOption } from "./optimisers/errors.ts";
import { isFirstOrder, type FirstOrder } from "./optimisers/first-order.ts";
import type { FreeParameters } from "./parameters/free.ts";

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
  const { optimiser = adam({ learningRate: 0.01 }), seed = 1, resume } = options;
  const { free, batches, others, loss } = prepared(problem as OdeProblem, data, options);
  const made = { names: free.list.map(({ of, name }) => `${of}.${name}`), optimiser: optimiser.name, seed };
  const first: Course = resume
    ? resumed(resume, made)
    : { step: 0, x: free.start, averages: optimiser.averages(free.list.length), failures: 0 };
  const { course, history, ended } = await taken(first, optimiser, loss, batches, others, options, made);
  const { u0, p } = free.put(free.valuesAt(course.best?.x ?? course.x), loss.first);
  const layout = ownLayouts(problem.layout);
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

interface Prepared {
  readonly free: FreeParameters;
  readonly batches: Batches;
  /** Held-out data. */
  readonly others: readonly Experiment[] | undefined;
  readonly loss: BatchLoss;
}

function prepared(problem: OdeProblem, data: Observations | readonly Observations[], options: TrainOptions): Prepared {
  const { batch, window, heldOut, seed = 1, parameters, initial, solver, rtol, atol, maxSteps, signal } = options;
  const experiments = experimentsOf("train", problem, data);
  const free = freeOf("train", experiments, { parameters, initial });
  const size = batch ?? experiments.length;
  if (size > experiments.length) {
    throw new BadTrainingOption(`train: a batch of ${size} is more than the ${experiments.length} experiments.`);
  }
  if (window !== undefined && initial) {
    throw new BadTrainingOption("train: windows begin at observed states; leave out `window`, or `initial`.");
  }
  if (window !== undefined && window < 2) throw new BadTrainingOption("train: a window has at least two times.");
  return {
    free,
    batches: new Batches(experiments, { size, window, seed }),
    others: heldOut === undefined ? undefined : experimentsOf("train: heldOut", problem, heldOut),
    loss: new BatchLoss(experiments, free, { solver, rtol, atol, maxSteps, signal }),
  };
}

type History = { step: number; value: number; heldOut?: number }[];

async function taken(
  first: Course,
  optimiser: FirstOrder,
  loss: BatchLoss,
  batches: Batches,
  others: readonly Experiment[] | undefined,
  options: TrainOptions,
  made: Made,
): Promise<{ course: Course; history: History; ended: string }> {
  const { steps = 1000, every = 10, patience = 20, onProgress, onCheckpoint } = options;
  const history: History = [];
  let course = first;
  while (course.step < steps) {
    const { value, gradient } = await loss.at(course.x, batches.of(course.step));
    if (value === Infinity && course.step === 0) throw badStart(loss.attempts.failure);
    if (value === Infinity) {
      const ended = "a step led to where the model cannot be solved; a smaller learningRate goes more carefully";
      return { course, history, ended };
    }
    const moved = optimiser.advance(course.x, gradient, course.averages);
    const step = course.step + 1;
    course = { ...course, step, x: loss.within(moved.parameters), averages: moved.averages };
    const isLookedAt = step % every === 0 || step === steps;
    const seen = isLookedAt && others ? await loss.valueOf(course.x, others) : undefined;
    if (seen !== undefined) course = withHeldOut(course, seen);
    const progress = { step, value, ...(seen !== undefined && { heldOut: seen }) };
    history.push(progress);
    onProgress?.({ ...progress, steps });
    if (isLookedAt) onCheckpoint?.(checkpointOf(course, made));
    if (course.failures >= patience) return { course, history, ended: `held-out data were met no better ${patience} times` };
  }
  return { course, history, ended: `it took all of its ${steps} steps` };
}

function withHeldOut(course: Course, value: number): Course {
  return value < (course.best?.value ?? Infinity)
    ? { ...course, failures: 0, best: { value, x: course.x } }
    : { ...course, failures: course.failures + 1 };
}
