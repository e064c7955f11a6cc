/** Why no steady state was found, as an error. */
import { componentName } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { NoSteadyState, OutOfTime, type SolveFailed } from "../solution/errors.ts";
import { failureOf } from "../solution/failure.ts";
import type { ResultKind } from "../step-loop/trajectory.ts";
import type { Found } from "./search.ts";

/** So many times the largest state before, a state has no bound. */
const GROWN = 1e6;

/** Failures of steps that a solution without a bound ends in. */
const BROKEN_DOWN: ReadonlySet<Found["kind"]> = new Set<ResultKind>([
  "stepUnderflow",
  "nonFiniteDerivative",
  "convergenceFailure",
]);

export function searchFailure(
  code: ProblemCode,
  p: Float64Array,
  u0: Float64Array,
  found: Found,
  solution: unknown,
): SolveFailed {
  const { kind, t, u, slope, trajectory } = found;
  const where = `steadyState stopped at t = ${Number(t.toPrecision(14))}`;
  const nameOf = (i: number): string => componentName(code.layout.u, code.layout.u.offset + i, "u");
  if (kind === "outOfTime") return new OutOfTime(where, undefined, solution);
  const growth = growthOf(u0, found);
  if (growth !== undefined && (kind === "noSteadyState" || BROKEN_DOWN.has(kind))) {
    const cause = `${nameOf(growth)} grows without bound: it was ${short(u0[growth])} at the start, and is ${short(u[growth])}.`;
    return new NoSteadyState(where, `${cause} Look for a loss or a limit that the right-hand side lacks.`, solution);
  }
  if (kind !== "noSteadyState") return failureOf(code, p, trajectory!, "steadyState", solution);
  return new NoSteadyState(where, causeOf(found, nameOf, slope), solution);
}

function causeOf({ course, u, scales, trajectory }: Found, nameOf: (i: number) => string, slope: Float64Array): string {
  const fastest = slope.reduce((best, f, i) => (Math.abs(f / scales[i]) > Math.abs(slope[best] / scales[best]) ? i : best), 0);
  const last = `The derivative of ${nameOf(fastest)} is still ${short(slope[fastest])}, of a value of ${short(u[fastest])}`;
  const oscillation = course.oscillation;
  const { steps, rejected } = trajectory!.statistics;
  if (oscillation?.lasts) {
    const { component, low, high } = oscillation;
    return (
      `${nameOf(component)} goes on oscillating between ${short(low)} and ${short(high)}, as on a limit cycle or around a center. Solve it ` +
      "over time (solve), or begin at the steady state itself to ask for its stability."
    );
  }
  const slowly = oscillation ? `${nameOf(oscillation.component)} oscillates, ever less. ` : "";
  return `${slowly}${last}, after ${steps + rejected} steps. Raise maxSteps, or begin nearer to it.`;
}

function growthOf(u0: Float64Array, { u, slope }: Found): number | undefined {
  const before = u0.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
  let most: number | undefined;
  u.forEach((x, i) => {
    if (!(Math.abs(x) > GROWN * before) || x * slope[i] < 0) return;
    if (most === undefined || Math.abs(x) > Math.abs(u[most])) most = i;
  });
  return most;
}

function short(x: number): string {
  const size = Math.abs(x);
  return size >= 1e6 || (size > 0 && size < 1e-3) ? x.toExponential(2) : String(Number(x.toPrecision(3)));
}
