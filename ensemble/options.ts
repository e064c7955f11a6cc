/** What ensembles are asked for. */
import type { Shaped } from "../src/arrays/pack.ts";
import { packFinite } from "../src/arrays/pack.ts";
import { BadOption } from "../src/core/errors.ts";
import { requireKeys, type Check, type Checks } from "../src/core/options/check.ts";
import { anything, callable, whole } from "../src/core/options/kinds.ts";
import { checkTimeSpan } from "../src/core/options/time-span.ts";
import { shown } from "../src/core/options/shown.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { batchChecks, type BatchOptions } from "../solvers/batch/given-batch.ts";
import { startOf } from "../solvers/systems/start.ts";
import type { SolveSettings } from "./chunks/task.ts";
import { deviceCheck, type GivenDevice } from "./devices/index.ts";
import { drawsOf } from "./members/draws.ts";
import type { Base, Members, Vary } from "./members/members.ts";

/** How far an ensemble has come. */
export interface EnsembleProgress {
  /** Trajectories. */
  readonly done: number;
  readonly of: number;
  /** As long as it took so far for those done; Infinity before the first. */
  readonly secondsLeft: number;
}

/** What is asked of ensembles, whatever is done with them. */
export interface MembersOptions<U, P> extends Omit<BatchOptions<U, P>, "u0" | "p" | "device" | "onProgress"> {
  /** How many. */
  readonly trajectories: number;
  /**
   * How they differ: a function of the index that gives `u0`, `p`, `tspan`, or some of their components by name, or distributions by the
   * components' names, { "p.a": { uniform: [1, 2] } }, whose numbers are a function of `seed`, the trajectory and the component alone. Default: not at all.
   */
  readonly vary?: Vary<U, P>;
  /** Of distributions: a whole number; the same one gives the same numbers. Default 1. */
  readonly seed?: number;
  /** What trajectories begin with where `vary` says nothing else. Default: the problem's own. */
  readonly u0?: U | Shaped<U>;
  readonly p?: P | Shaped<P>;
  readonly tspan?: readonly [number, number];
  /**
   * Trajectories that are solved together, which are one job. The numbers may depend on it, in their last digits, as they do not on threads or workers.
   * Default: 4096, fewer where a chunk's states would take more than 16 MB.
   */
  readonly chunk?: number;
  /**
   * `"cpu"`: the lanes of this processor, in one thread. `"threads"`: those of worker threads, with the same numbers. `"webgpu"`: a GPU, in f32. `"auto"`: which of them is the fastest by a few trajectories that
   * are tried, as the plan says; a GPU is only where the tolerance allows f32. Or other machines, as `cluster` of `odegrad/cluster` makes them.
   * Default `"cpu"`.
   */
  readonly device?: GivenDevice;
  readonly onProgress?: (progress: EnsembleProgress) => void;
}

const trajectories: Check = (value, what) => {
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  const isTooMany = typeof value === "number" && value > Number.MAX_SAFE_INTEGER;
  const most = isTooMany ? `, more than an index can count: ${Number.MAX_SAFE_INTEGER} at most` : "";
  throw new BadOption(`${what} is ${shown(value)}${most || ", but must be a positive whole number"}.`);
};

export const membersChecks: Checks<MembersOptions<unknown, unknown>> = {
  ...batchChecks,
  trajectories,
  vary: anything,
  seed: whole,
  chunk: whole,
  device: deviceCheck,
  onProgress: callable,
};

export interface GivenMembers {
  readonly members: Members;
  /** The user's function of the trajectory. */
  readonly vary?: (trajectory: number) => unknown;
}

/** Throws BadVariation, BadOption, BadTimeSpan, NonFinite, and as `pack` does. */
export function givenMembers<U, P>(problem: OdeProblem<U, P>, options: MembersOptions<U, P>, verb: string): GivenMembers {
  requireKeys(options, verb, "trajectories");
  const { trajectories, vary, seed = 1, tspan = problem.tspan } = options;
  checkTimeSpan(tspan);
  const p = packFinite(problem.layout.p, options.p === undefined ? problem.p : options.p, "p");
  const followsP = options.u0 === undefined && problem.initial !== undefined;
  const u0 = followsP ? undefined : startOf(problem as OdeProblem, options.u0, p);
  const base: Base = { ...(u0 && { u0 }), p, tspan };
  if (typeof vary === "function") callable(vary, "vary");
  const draws = vary === undefined || typeof vary === "function" ? [] : drawsOf(problem as OdeProblem, vary);
  return {
    members: { trajectories, base, seed, draws },
    ...(typeof vary === "function" && { vary }),
  };
}

/** How they are solved. */
export function settingsOf<U, P>(options: MembersOptions<U, P>): SolveSettings {
  const { solver, rtol, atol, maxSteps, maxStep, minStep, firstStep, stops, controller, norm, positive, precision } = options;
  return {
    solver,
    rtol,
    atol,
    maxSteps,
    maxStep,
    minStep,
    firstStep,
    stops,
    controller,
    norm,
    positive,
    precision,
  } as SolveSettings;
}
