/** A look at a problem before its gradient is planned: a forward solve, cut short where it is long, and the right-hand side timed. */
import { integrateWith, type Integrated, type Lend } from "../solvers/auto.ts";
import { failureOf } from "../solvers/failure.ts";
import type { Method } from "../solvers/method.ts";
import type { Prepared } from "../solvers/prepare.ts";
import { lender, requestOf } from "./methods/forward-solve.ts";
import { setTolerance } from "../solvers/tolerances.ts";
import type { UnplannedTask } from "./methods/method.ts";

/** A method may go on for so many milliseconds, and for so many steps in any case: stiffness takes some to show. */
const PATIENCE = 10;
const LEAST_STEPS = { explicit: 256, rosenbrock: 32 };
/** Milliseconds of a batch of calls, longer than clocks are coarse; the best of several counts. */
const BATCH = 0.1;
const BATCHES = 3;
/** Nanoseconds of going in and out of compiled code, which a right-hand side within it does not take. */
const CALL = 10;

export interface Probe {
  /** As the trajectory reports it; with the time of the change where the method changed. */
  readonly solver: string;
  /** The method that went furthest, its right-hand sides in a step, and the numbers in the factors of a step's matrix. */
  readonly method: Method;
  readonly stages: number;
  readonly factors: number;
  /** Where the method changed for stiffness. */
  readonly stiffAt: number | undefined;
  /** Time reached, steps accepted until then, and steps tried for the whole span, extrapolated where the end was not reached. */
  readonly reached: number;
  readonly taken: number;
  readonly steps: number;
  /** Nanoseconds of a step of the method, and of a right-hand side. */
  readonly cost: { readonly step: number; readonly rhs: number };
}

/** Steps by one method. */
interface Stretch {
  readonly method: Method;
  readonly from: number;
  readonly started: number;
  steps: number;
}

/** Throws the kinds of SolveFailed. */
export function probe(task: UnplannedTask): Probe {
  const { integrated, stretches } = solveShortly(task);
  const { trajectory, solver } = integrated;
  const { statistics, result, times, final } = trajectory;
  if (result.kind !== "success" && result.kind !== "aborted" && result.kind !== "tooManySteps") {
    throw failureOf(task.code, task.p, trajectory, solver);
  }
  const { method, from } = stretches.at(-1)!;
  const reached = times.at(-1)!;
  // Steps tried for one accepted.
  const tries = statistics.steps ? 1 + statistics.rejected / statistics.steps : 1;
  // At the pace of the last step, unless that is uncommonly short.
  const pace = Math.max(Math.abs(result.h), Math.abs(reached - from) / Math.max(1, stretches.at(-1)!.steps));
  const left = Math.abs(task.problem.tspan[1] - reached) / pace;
  return lender(task)(method, (prepared) => ({
    solver,
    method,
    stages: prepared.programs.rhsCalls.perStep,
    factors: prepared.programs.factors.size,
    stiffAt: !task.solver && method.family !== "explicit" ? from : undefined,
    reached,
    taken: statistics.steps,
    steps: Math.ceil(tries * (statistics.steps + left)),
    cost: costsAt(prepared, task, final, reached, result.h),
  }));
}

function solveShortly(task: UnplannedTask): { integrated: Integrated; stretches: readonly Stretch[] } {
  const lend = lender(task);
  const stretches: Stretch[] = [];
  const abort = new AbortController();
  let reached = task.problem.tspan[0];
  const observed: Lend = (method, use) =>
    lend(method, (prepared) => {
      stretches.push({ method, from: reached, started: performance.now(), steps: 0 });
      return use(prepared);
    });
  const integrated = integrateWith(observed, task.solver, {
    ...requestOf(task),
    signal: abort.signal,
    onSteps(steps) {
      const stretch = stretches.at(-1)!;
      stretch.steps += steps.count;
      reached = steps.time(steps.count);
      const { method, started } = stretch;
      if (stretch.steps >= LEAST_STEPS[method.family] && performance.now() - started > PATIENCE) abort.abort();
    },
    onRestart() {
      stretches.length = 0;
      reached = task.problem.tspan[0];
    },
  });
  return { integrated, stretches };
}

/** Of a step of length h from a state, and of a right-hand side there. */
function costsAt({ code }: Prepared, { p, rtol, atol }: UnplannedTask, state: Float64Array, t: number, h: number): Probe["cost"] {
  const { rhs, step, linearize, here, there, work, address, view } = code;
  here.state.set(state);
  view.p.set(p);
  setTolerance(view.atol, atol);
  rhs(here.f, here.u, address.p, t);
  return {
    step: nanosecondsOf(() => {
      linearize?.(here.u, work, address.p, t);
      step(here.u, there.u, here.f, there.f, work, address.p, address.atol, t, h, rtol);
    }),
    rhs: withoutCall(nanosecondsOf(() => rhs(there.f, here.u, address.p, t))),
  };
}

function withoutCall(nanoseconds: number): number {
  return Math.max(nanoseconds - CALL, nanoseconds / 3);
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
