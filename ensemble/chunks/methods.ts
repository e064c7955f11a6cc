/** Trajectories are solved in kernels where these can, else one by one. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { CannotBatch, ReadError } from "../../src/core/errors.ts";
import { BatchTooLarge } from "../../src/devices/errors.ts";
import type { Able } from "./able.ts";
import { inKernels } from "./in-kernels.ts";
import { inTurns } from "./in-turns.ts";
import type { Solved, Where } from "./solved.ts";
import type { Task } from "./task.ts";

export interface SolvedSomehow {
  readonly solved: Solved;
  /** Why kernels could not. */
  readonly oneByOne?: string;
}

/** Of tasks that no kernel can do, why: said once, and not tried again with each chunk. */
const refused = new WeakMap<Task, string>();

export async function solvedOf(problem: OdeProblem, task: Task, able: Able, where: Where): Promise<SolvedSomehow> {
  if (able.places.length === 0) return { solved: inTurnsOfNone };
  if (!refused.has(task)) {
    try {
      return { solved: await inKernels(problem, task, able, where) };
    } catch (error) {
      if (!(error instanceof CannotBatch || error instanceof ReadError || error instanceof BatchTooLarge)) throw error;
      refused.set(task, error.message);
    }
  }
  return { solved: await inTurns(problem, task, able, where), oneByOne: refused.get(task) };
}

const inTurnsOfNone: Solved = {
  states: new Float64Array(),
  outcomes: [],
  ends: [],
  steps: 0,
  rejections: 0,
  device: "cpu",
  precision: "f64",
  warnings: [],
};
