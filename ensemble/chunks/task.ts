/** What is done with every chunk. */
import type { BatchOptions } from "../../solvers/batch/given-batch.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { Loss } from "../../src/problem/problem.ts";
import type { Members } from "../members/members.ts";
import type { Reducers } from "../reducers/reducer.ts";

/** How trajectories are solved; of all the same. */
export type SolveSettings = Pick<
  BatchOptions<unknown, unknown>,
  | "solver"
  | "rtol"
  | "atol"
  | "maxSteps"
  | "maxStep"
  | "minStep"
  | "firstStep"
  | "stops"
  | "controller"
  | "norm"
  | "positive"
  | "precision"
>;

export interface Task {
  readonly members: Members;
  /** Of kernels, where the settings ask for none. */
  readonly method?: Method;
  /** What is differentiated; without it trajectories are solved. */
  readonly loss?: Loss;
  /** Times at which states are kept or reduced, [K]. */
  readonly times: Float64Array;
  /** Whether that is the end alone, of each trajectory its own. */
  readonly atEnd?: boolean;
  readonly settings: SolveSettings;
  /** The components that are kept; without it all. */
  readonly save?: readonly string[];
  /** Without them the states are what is asked for. */
  readonly reducers?: Reducers;
}
