/** Trajectories are done in kernels where these can, else one by one. */
import { CannotBatch, ReadError } from "../../src/core/errors.ts";
import { BatchTooLarge } from "../../src/devices/errors.ts";
import type { Able } from "./able.ts";
import type { Task } from "./task.ts";

/** Of tasks that no kernel can do, why: not tried again with each chunk. */
const refused = new WeakMap<Task, string>();

export interface Done<T> {
  readonly done: T;
  /** Why kernels could not. */
  readonly oneByOne?: string;
}

export async function inKernelsElse<T>(
  task: Task,
  { places }: Able,
  kernels: () => Promise<T>,
  turns: () => Promise<T>,
): Promise<Done<T>> {
  if (places.length === 0) return { done: await turns() };
  if (!refused.has(task)) {
    try {
      return { done: await kernels() };
    } catch (error) {
      if (!(error instanceof CannotBatch || error instanceof ReadError || error instanceof BatchTooLarge)) throw error;
      refused.set(task, error.message);
    }
  }
  return { done: await turns(), oneByOne: refused.get(task) };
}
