/** Trajectories are done in kernels where these can, else one by one. */
import { CannotBatch, ReadError } from "../../src/core/errors.ts";
import { BatchTooLarge } from "../../src/devices/errors.ts";
import { isOfOne } from "../../solvers/batch/own-failure.ts";
import { BadLoss, NonFiniteLoss } from "../../sensitivity/losses/errors.ts";
import type { Able } from "./able.ts";
import type { Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** Of tasks that no kernel can do, why: not tried again with each chunk. */
const refused = new WeakMap<Task, string>();

export interface Done<T> {
  readonly done: T;
  /** Why kernels could not. */
  readonly oneByOne?: string;
}

interface Doing {
  readonly task: Task;
  readonly able: Able;
  readonly where: Where;
}

/** What of a batch is thrown because of one trajectory's numbers keeps its chunk alone from kernels: one by one it is that trajectory's failure. */
export async function inKernelsElse<T>(
  { task, able, where: { signal, throwing } }: Doing,
  kernels: () => Promise<T>,
  turns: () => Promise<T>,
): Promise<Done<T>> {
  if (able.places.length === 0 || throwing) return { done: await turns() };
  if (!refused.has(task)) {
    try {
      return { done: await kernels() };
    } catch (error) {
      signal?.throwIfAborted();
      if (isOfOne(error) || error instanceof NonFiniteLoss || error instanceof BadLoss) {
        return { done: await turns(), oneByOne: error.message };
      }
      if (!(error instanceof CannotBatch || error instanceof ReadError || error instanceof BatchTooLarge)) throw error;
      refused.set(task, error.message);
    }
  }
  return { done: await turns(), oneByOne: refused.get(task) };
}
