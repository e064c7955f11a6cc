/** What is kept of each trajectory. */
import { componentNames } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { keptOf } from "../../solvers/solution/components.ts";
import type { Saved } from "../reducers/reducer.ts";
import type { Task } from "./task.ts";

/** Throws BadOption for components that there are not. */
export function savedOf({ layout: { u } }: OdeProblem, { times, save }: Pick<Task, "times" | "save">): Saved {
  return { t: times, names: save ? keptOf(u, save).names : componentNames(u, "u") };
}
