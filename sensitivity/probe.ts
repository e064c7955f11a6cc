/** A look at a problem before its gradient is planned: a short forward solve, and the right-hand side timed. */
import { componentNames } from "../src/arrays/layout.ts";
import { integrateWith, type Lend } from "../solvers/auto.ts";
import { failureOf } from "../solvers/failure.ts";
import type { Method } from "../solvers/method.ts";
import type { Prepared } from "../solvers/prepare.ts";
import type { Statistics } from "../solvers/trajectory.ts";
import { lender, requestOf } from "./methods/forward-solve.ts";
import type { UnplannedTask } from "./methods/method.ts";

/** Milliseconds for the steps of each method. The solver looks at the signal every 64 steps: that many are taken at least. */
const SOLVE = 10;
/** Milliseconds of a batch of calls, longer than clocks are coarse; the best of several counts. */
const BATCH = 0.1;
const BATCHES = 3;

export interface Probe {
  /** As the trajectory reports it; with the time of the change where the method changed. */
  readonly solver: string;
  /** The method that went furthest, and its right-hand sides in a step. */
  readonly method: Method;
  readonly stages: number;
  /** Where the method changed for stiffness. */
  readonly stiffAt: number | undefined;
  /** Time reached, the steps accepted until then, and steps tried for the whole span, extrapolated where the end was not reached. */
  readonly reached: number;
  readonly taken: number;
  readonly steps: number;
  /** Nanoseconds of a step of the method, and of a right-hand side. */
  readonly cost: { readonly step: number; readonly rhs: number };
}

/** Steps by one method. */
interface Stretch {
  readonly method: Method;
  readonly stages: number;
  readonly from: number;
  steps: number;
  first: number;
  last: number;
}

/** Throws the kinds of SolveFailed. */
export function probe(task: UnplannedTask): Probe {
  const [t0, t1] = task.problem.tspan;
  const lend = lender(task);
  const stretches: Stretch[] = [];
  const abort = new AbortController();
  let t = t0;
  const observed: Lend = (method, use) =>
    lend(method, (prepared) => {
      stretches.push({ method, stages: prepared.programs.rhsCalls.perStep, from: t, steps: 0, first: NaN, last: NaN });
      return use(prepared);
    });
  const { trajectory, solver } = integrateWith(observed, task.solver, {
    ...requestOf(task),
    signal: abort.signal,
    onStep(step) {
      const stretch = stretches.at(-1)!;
      const now = performance.now();
      if (stretch.steps++ === 0) stretch.first = now;
      stretch.last = now;
      t = step.t1;
      if (now - stretch.first > SOLVE) abort.abort();
    },
  });
  const { statistics, result } = trajectory;
  if (result.kind !== "success" && result.kind !== "aborted" && result.kind !== "tooManySteps") {
    throw failureOf(result, solver, componentNames(task.problem.layout.u, "u"), trajectory);
  }
  const { method, stages, from, steps, first, last } = stretches.at(-1)!;
  const covered = t === from ? 1 : (t - from) / (t1 - from);
  // Tries for a step accepted.
  const tries = statistics.steps ? 1 + statistics.rejected / statistics.steps : 1;
  return {
    solver,
    method,
    stages,
    stiffAt: stretches.length > 1 ? from : undefined,
    reached: t,
    taken: statistics.steps,
    steps: Math.ceil(tries * (statistics.steps - steps + steps / covered)),
    cost: { step: stepTime(statistics, steps, last - first, trajectory.seconds) / tries, rhs: lend(method, rhsTime(task)) },
  };
}

/** Without what comes before the first step ends: linking. */
function stepTime({ steps: all }: Statistics, steps: number, milliseconds: number, seconds: number): number {
  return steps > 1 ? (milliseconds / (steps - 1)) * 1e6 : (seconds / Math.max(1, all)) * 1e9;
}

function rhsTime({ u0, p, problem }: UnplannedTask): (prepared: Prepared) => number {
  return ({ code: { rhs, address, view } }) => {
    view.u.set(u0);
    view.p.set(p);
    return nanosecondsOf(() => rhs(address.fNext, address.u, address.p, problem.tspan[0]));
  };
}

function nanosecondsOf(work: () => void): number {
  const batch = (calls: number): number => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) work();
    return performance.now() - start;
  };
  let calls = 1;
  while (batch(calls) < BATCH) calls *= 2;
  return (Math.min(...Array.from({ length: BATCHES }, () => batch(calls))) / calls) * 1e6;
}
