/**
 * A look at a problem before its gradient is planned: the forward solve of the discrete adjoint, which is the most likely one, or of
 * the problem alone, cut short where it is long. What a step costs is counted and not timed, so that the same problem has the same
 * plan in every process.
 */
import { costOf } from "../../src/analysis/cost.ts";
import { isProgram } from "../../src/ir/ir.ts";
import { integrateWith, type Integrated, type WithPrepared } from "../../solvers/solve/auto.ts";
import { failureOf } from "../../solvers/solution/failure.ts";
import type { Method } from "../../solvers/step/method.ts";
import { stepPrograms, type Prepared } from "../../solvers/step-loop/prepare.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import type { ResultKind } from "../../solvers/step-loop/trajectory.ts";
import { carriedSystem } from "../adjoints/discrete/guarded-solve.ts";
import type { UnplannedTask } from "../task/task.ts";
import { withIntegral } from "../adjoints/forward/with-integral.ts";

/** A method may go on for so many nanoseconds by its costs, and for so many steps in any case: stiffness takes some to show. */
const PATIENCE = 1e7;
const LEAST_STEPS = { explicit: 256, implicit: 32 };
/** Nanoseconds of a plain function that cannot be read: of a call, and of each number that it takes or gives. */
const PLAIN = { call: 100, number: 20 };

/** Ends that are no failures of the solve. */
const CUT_SHORT: ReadonlySet<ResultKind> = new Set(["success", "aborted", "outOfTime", "tooManySteps"]);

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
  /** Nanoseconds of a step of the method, of one that carries a tangent along, and of a right-hand side. */
  readonly cost: { readonly step: number; readonly guarded: number; readonly rhs: number };
}

/** Steps by one method. */
interface Stretch {
  readonly method: Method;
  readonly from: number;
  /** At most. */
  readonly most: number;
  steps: number;
}

/** `guarded`: the steps are controlled for derivatives. Throws the kinds of SolveFailed. */
export function probe(task: UnplannedTask, guarded: boolean): Probe {
  const carried = guarded ? carriedSystem(task) : withIntegral(task);
  const { integrated, stretches } = solveShortly(task, carried);
  const { trajectory, solver } = integrated;
  const { statistics, result, times } = trajectory;
  if (!CUT_SHORT.has(result.kind)) {
    // Derivatives, or an integral, that cannot be followed are for the gradient to explain.
    if (trajectory.n > task.u0.length) return probe({ ...task, loss: { ...task.loss, integral: undefined } }, false);
    throw failureOf(task.code, task.p, trajectory, solver);
  }
  const { method, from } = stretches.at(-1)!;
  const reached = times.at(-1)!;
  // Steps tried for one accepted.
  const tries = statistics.steps ? 1 + statistics.rejected / statistics.steps : 1;
  // At the pace of the last step, unless that is uncommonly short.
  const pace = Math.max(Math.abs(result.h), Math.abs(reached - from) / Math.max(1, stretches.at(-1)!.steps));
  const left = trajectory.terminated ? 0 : Math.abs(task.problem.tspan[1] - reached) / pace;
  const guardedCost = carried.withPrepared(method, costsOf).step;
  const system = systemOf(task.code);
  const alone = system ? { system, method, programs: stepPrograms(system, method) } : undefined;
  const describe = ({ system, programs }: Pick<Prepared, "system" | "programs">): Probe => ({
    solver,
    method,
    stages: programs.evaluations.perStep,
    factors: programs.factors.size,
    stiffAt: !task.solver && method.family.implicit ? from : undefined,
    reached,
    taken: statistics.steps,
    steps: Math.ceil(tries * (statistics.steps + left)),
    cost: { ...costsOf({ system, method, programs }), guarded: guardedCost },
  });
  return alone ? describe(alone) : carried.withPrepared(method, describe);
}

function solveShortly(
  task: UnplannedTask,
  { withPrepared, request }: ReturnType<typeof carriedSystem>,
): { integrated: Integrated; stretches: readonly Stretch[] } {
  const stretches: Stretch[] = [];
  const abort = new AbortController();
  let reached = task.problem.tspan[0];
  const observed: WithPrepared = (method, use) =>
    withPrepared(method, (prepared) => {
      const most = Math.max(
        method.family.implicit ? LEAST_STEPS.implicit : LEAST_STEPS.explicit,
        Math.floor(PATIENCE / costsOf(prepared).step),
      );
      stretches.push({ method, from: reached, most, steps: 0 });
      return use(prepared);
    });
  const integrated = integrateWith(observed, task.solver, {
    ...request,
    saveat: undefined,
    signal: abort.signal,
    onSteps(steps) {
      const stretch = stretches.at(-1)!;
      stretch.steps += steps.count;
      reached = steps.time(steps.count);
      if (stretch.steps >= stretch.most) abort.abort();
    },
    onRestart() {
      stretches.length = 0;
      reached = task.problem.tspan[0];
    },
  });
  return { integrated, stretches };
}

/** Of a step, and of a right-hand side. */
function costsOf({ system, method, programs }: Pick<Prepared, "system" | "method" | "programs">): { step: number; rhs: number } {
  const { rhs, n, np } = system;
  const { step, evaluations, fsal } = programs;
  const own = costOf(step);
  if (isProgram(rhs)) return { step: own + (fsal ? 0 : costOf(rhs)), rhs: costOf(rhs) };
  const plain = PLAIN.call + PLAIN.number * (2 * n + np);
  // A Jacobian of differences, and one along time.
  const differences = method.family.implicit ? n + 3 : 0;
  return { step: own + (evaluations.perStep + (fsal ? 0 : 1) + differences) * plain, rhs: plain };
}
