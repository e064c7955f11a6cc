/** Trains a model on batches of observations. */
import { ownLayouts } from "../src/arrays/layout.ts";
import { unpack, type Shaped } from "../src/arrays/pack.ts";
import { BadOption } from "../src/core/errors.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, callable, count, shown, whole } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { Batches } from "./batches/batches.ts";
import { BatchLoss } from "./batches/batch-loss.ts";
import { checkpointOf, requireSameValue, stateOf, type Checkpoint } from "./checkpoints/checkpoint.ts";
import { identityOf, textOf, type Identity } from "./checkpoints/identity.ts";
import type { Observations } from "./data/observations.ts";
import { heldOutMisfit, type HeldOutMisfit } from "./held-out/held-out-misfit.ts";
import { experimentsOf } from "./objective/experiment.ts";
import { badStart, freeOf, reasonOf, modelChecks, type ModelOptions } from "./objective/model.ts";
import { adam } from "./optimisers/adam.ts";
import { BadTrainingOption } from "./optimisers/errors.ts";
import { ahead, isFirstOrder, LED_ASTRAY, type Averages, type FirstOrder } from "./optimisers/first-order.ts";
import type { FreeParameters } from "./parameters/free.ts";
import { counted } from "../src/core/in-words.ts";

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
 * @returns The parameters, where held-out data were met best if there are any; else the last ones, with which the model can be solved.
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
  const prepared = preparedOf(problem as OdeProblem, data, options);
  const { free, optimiser, loss, identity } = prepared;
  const first: Course = options.resume
    ? stateOf(options.resume, identity, "train")
    : { step: 0, x: free.start, averages: optimiser.averages(free.list.length), failures: 0, shortened: 0 };
  const { course, value, history, ended } = await taken(first, prepared, options);
  const { u0, p } = free.put(free.valuesAt(course.best?.x ?? course.x), loss.first);
  const layout = ownLayouts(problem.layout);
  return {
    p: unpack<P>(layout.p, p),
    u0: unpack<U>(layout.u, u0),
    steps: course.step,
    ended,
    history,
    heldOut: course.best?.value,
    checkpoint: checkpointOf(course.step, identity, value, course),
  };
}

/** How far it has come. */
interface Course {
  readonly step: number;
  readonly x: Float64Array;
  readonly averages: Averages;
  /** How often held-out data were looked at since they were met best. */
  readonly failures: number;
  /** How many steps were made shorter than the optimiser's. */
  readonly shortened: number;
  readonly best?: { readonly value: number; readonly x: Float64Array };
}

interface Prepared {
  readonly free: FreeParameters;
  readonly optimiser: FirstOrder;
  readonly batches: Batches;
  readonly others: HeldOutMisfit | undefined;
  readonly loss: BatchLoss;
  readonly identity: Identity;
}

function preparedOf(problem: OdeProblem, data: Observations | readonly Observations[], options: TrainOptions): Prepared {
  const { optimiser = adam({ learningRate: 0.01 }), batch, window, every = 10, seed = 1 } = options;
  const { parameters, initial, solver, rtol, atol, maxSteps, signal } = options;
  const experiments = experimentsOf("train", problem, data);
  const size = batch ?? experiments.length;
  if (size > experiments.length) {
    throw new BadTrainingOption(`train: a batch of ${size} is more than the ${counted(experiments.length, "experiment")}.`);
  }
  if (window !== undefined && initial) {
    throw new BadTrainingOption("train: windows begin at observed states; leave out `window`, or `initial`.");
  }
  if (window !== undefined && window < 2) throw new BadTrainingOption("train: a window has at least two times.");
  const free = freeOf("train", experiments, { parameters, initial });
  const others = heldOutMisfit("train", problem, options, { free, experiments });
  return {
    free,
    optimiser,
    batches: new Batches(experiments, { size, window, seed }),
    others,
    loss: new BatchLoss(experiments, free, { solver, rtol, atol, maxSteps, signal }),
    identity: {
      ...identityOf(experiments, free, optimiser, options),
      batches: textOf({ batch: size, window, seed }),
      "held-out data": others === undefined ? "" : `${others.data}, every ${every} steps`,
    },
  };
}

type History = { step: number; value: number; heldOut?: number }[];

async function taken(
  first: Course,
  { optimiser, loss, batches, others, identity }: Prepared,
  { steps = 1000, every = 10, patience = 20, onProgress, onCheckpoint, resume }: TrainOptions,
): Promise<{ course: Course; value: number; history: History; ended: string }> {
  const history: History = [];
  let course = first;
  let { value, gradient } = await loss.at(course.x, batches.of(course.step));
  if (value === Infinity) throw badStart(loss.attempts.failure);
  if (resume) requireSameValue(resume, value, "train");
  while (course.step < steps) {
    const moved = optimiser.advance(course.x, gradient, course.averages);
    const step = course.step + 1;
    const next = await ahead(course.x, loss.within(moved.parameters), (x) => loss.at(x, batches.of(step)));
    if (!next) return { course, value, history, ended: `${LED_ASTRAY}. ${reasonOf(loss.attempts.failure)}` };
    course = {
      ...course,
      step,
      x: next.x,
      averages: moved.averages,
      shortened: course.shortened + Number(next.isShortened),
    };
    const isLookedAt = step % every === 0 || step === steps;
    const seen = isLookedAt && others ? await others.at(course.x) : undefined;
    if (seen !== undefined) course = withHeldOut(course, seen);
    const progress = { step, value, ...(seen !== undefined && { heldOut: seen }) };
    ({ value, gradient } = next);
    history.push(progress);
    onProgress?.({ ...progress, steps });
    if (isLookedAt) onCheckpoint?.(checkpointOf(step, identity, value, course));
    if (course.failures >= patience) {
      return { course, value, history, ended: endOf(`held-out data were met no better ${patience} times`, course) };
    }
  }
  return { course, value, history, ended: endOf(`it took all of its ${counted(steps, "step")}`, course) };
}

function endOf(why: string, { shortened }: Course): string {
  if (shortened === 0) return why;
  return `${why}; ${shortened} steps were made shorter, which led to where the model cannot be solved: see whether a bound is missing`;
}

function withHeldOut(course: Course, value: number): Course {
  return value < (course.best?.value ?? Infinity)
    ? { ...course, failures: 0, best: { value, x: course.x } }
    : { ...course, failures: course.failures + 1 };
}
