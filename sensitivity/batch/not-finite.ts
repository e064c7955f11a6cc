/** Looks along single trajectories of a batch. */
import { NonFinite } from "../../src/core/errors.ts";
import { NonFiniteLoss } from "../losses/errors.ts";

/** Undefined of a trajectory that leaves the finite numbers: that is told of in the batch, as how it ended. */
export function unlessNotFinite<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NonFinite || error instanceof NonFiniteLoss) return undefined;
    throw error;
  }
}
