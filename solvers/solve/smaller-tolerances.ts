/**
 * Default absolute tolerances may be too large for what begins at zero and stays far below the rest: where steps become too short with these, a
 * solve is tried once more with far smaller ones.
 */
import { ownLayout } from "../../src/arrays/layout.ts";
import { packFinite } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { absoluteTolerance, DEFAULT_TOLERANCE, setTolerance } from "../step-loop/tolerances.ts";
import { startOf } from "../systems/start.ts";
import type { Progress } from "../step-loop/request.ts";

/** Of a default absolute tolerance, what is left of it after a breakdown: relative tolerances alone count then, down to rounding. */
const FAR_SMALLER = 1e-12;

interface Given {
  readonly u0?: unknown;
  readonly p?: unknown;
  readonly atol?: unknown;
  readonly rtol?: number;
}

/** What is solved with in place of defaults, and what is to be said of it; undefined where tolerances were given, or nothing begins at zero. */
export function smallerTolerances(
  problem: Pick<OdeProblem<unknown, unknown>, "u0" | "p" | "layout" | "code">,
  { u0, p = problem.p, atol, rtol = DEFAULT_TOLERANCE }: Given,
  where = "",
): { readonly atol: Float64Array; readonly note: string } | undefined {
  if (atol !== undefined) return undefined;
  const own = ownLayout(problem.layout.u);
  const start = startOf(problem, u0, packFinite(problem.layout.p, p, "p")).subarray(0, own.size);
  if (!start.includes(0)) return undefined;
  const each = new Float64Array(own.size);
  setTolerance(each, absoluteTolerance(undefined, own, { u0: start, rtol }));
  return {
    atol: each.map((x) => FAR_SMALLER * x),
    note:
      `With the default absolute tolerances steps became too short${where}, as those of components that begin at zero are a guess: ` +
      `solved once more with ${FAR_SMALLER} times as large ones. Give the sizes that matter by name, atol: { … }.`,
  };
}

/** Tells of solves that may begin again, and of these never less than was told before. */
export function neverLess(tell: ((progress: Progress) => void) | undefined): ((progress: Progress) => void) | undefined {
  if (!tell) return undefined;
  let furthest: Progress | undefined;
  return (progress) => {
    if (!furthest || progress.fraction >= furthest.fraction) furthest = progress;
    tell({ ...furthest, steps: progress.steps });
  };
}
