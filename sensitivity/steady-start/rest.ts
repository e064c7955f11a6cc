/** Steady states of a problem at parameters of its own, and the last of them. */
import { defaultTarget } from "../../src/compile/compile.ts";
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { holding, type OdeProblem } from "../../src/problem/problem.ts";
import { requireAutonomous } from "../../solvers/steady/autonomous.ts";
import { searchFailure } from "../../solvers/steady/failure.ts";
import { search, type Found } from "../../solvers/steady/search.ts";
import { DEFAULT_STEADY_STEPS, DEFAULT_STEADY_TOLERANCE, steadyTolerance } from "../../solvers/steady/steady-state.ts";
import { agreementAlong } from "../../solvers/systems/agreement.ts";
import { startOf } from "../../solvers/systems/start.ts";

/** What `fromSteadyState` takes beside the problem whose steady state it is. */
export interface SteadyStartOptions<U = unknown, P = unknown, U2 = unknown, P2 = unknown, C = unknown> {
  /** The parameters of that problem, in their shape, from those of the problem that begins there. Default: the same. */
  readonly parameters?: (p: P2, constants: C) => P;
  /** The initial state from the steady state `u`, and from the parameters of the problem that begins there. Default: the same. */
  readonly state?: (u: U, p: P2, constants: C) => U2;
  /** The last argument of both functions. */
  readonly constants?: C;
  /** Relative accuracy of the steady state. Default 1e-10. */
  readonly rtol?: number;
  /** Steps tried in the search for it, at most. Default 10,000. */
  readonly maxSteps?: number;
}

/** The problem that is at rest, and what was said of it. */
export interface Rest {
  readonly problem: OdeProblem;
  readonly options: SteadyStartOptions;
}

/** Searches whose results are kept. */
const KEPT = 8;

/** The steady state at these parameters of the problem that is at rest. Throws as `steadyState` does. */
export function restAt(rest: Rest, p: Float64Array): Found {
  return holding(rest.problem, "fromSteadyState", (held) => {
    held.code.requireConstants();
    const kept = keptOf(held.code, rest);
    const known = kept.find((one) => one.p.every((x, j) => Object.is(x, p[j])));
    if (known) return known.found;
    const found = searchAt(held, rest.options, p);
    kept.unshift({ p: p.slice(), found });
    kept.length = Math.min(kept.length, KEPT);
    return found;
  });
}

const keptOf = memo((_code: ProblemCode, _rest: Rest): { readonly p: Float64Array; readonly found: Found }[] => []);

function searchAt(problem: OdeProblem, { rtol = DEFAULT_STEADY_TOLERANCE, maxSteps }: Rest["options"], p: Float64Array): Found {
  const { code, tspan } = problem;
  const u0 = startOf(problem, undefined, p);
  requireAutonomous(problem, u0, p, tspan[0], tspan[1] - tspan[0]);
  const target = defaultTarget();
  const found = search({
    code,
    u0,
    p,
    tspan,
    rtol,
    atol: steadyTolerance(u0, rtol),
    maxSteps: maxSteps ?? DEFAULT_STEADY_STEPS,
    target,
    watch: agreementAlong(code, p, target, { u0, t0: tspan[0] }),
  });
  if (found.kind !== "success") throw searchFailure(code, p, u0, found, found.u);
  return found;
}
