/**
 * A look at a problem before its gradient is planned: the forward solve of the discrete adjoint, which is the most likely one, or of
 * the problem alone, cut short where it is long. What a step costs is counted and not timed, so that the same problem has the same
 * plan in every process.
 */
import { costOf } from "../../src/analysis/cost.ts";
import { isProgram } from "../../src/ir/ir.ts";
import { integrateWith, type Change, type Integrated, type WithPrepared } from "../../solvers/solve/auto.ts";
import { costOfFunction, costOfWork } from "../../solvers/solve/costs.ts";
import { COUNTERS, type Counter } from "../../solvers/step/verdict.ts";
import { addStatistics, emptyStatistics, type Statistics } from "../../solvers/step-loop/statistics.ts";
import { failureOf } from "../../solvers/solution/failure.ts";
import type { StepPrograms } from "../../solvers/step/builder.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { System } from "../../solvers/step/system.ts";
import { stepPrograms, type Prepared } from "../../solvers/step-loop/prepare.ts";
import { branchesIn, systemOf } from "../../solvers/systems/problem-system.ts";
import type { Branches } from "../../src/analysis/switching/branches.ts";
import { preparedFor, requestOf } from "../task/solve.ts";
import type { ResultKind } from "../../solvers/step-loop/trajectory.ts";
import { carriedSystem } from "../adjoints/discrete/guarded-solve.ts";
import type { UnplannedTask } from "../task/task.ts";
import { withIntegral } from "../adjoints/forward/with-integral.ts";

/** A method may go on for so many nanoseconds by its costs, and for so many steps in any case: stiffness takes some to show. */
const PATIENCE = 1e7;
const LEAST_STEPS = { explicit: 256, implicit: 32 };

/** Ends that are no failures of the solve. */
const CUT_SHORT: ReadonlySet<ResultKind> = new Set(["success", "aborted", "outOfTime", "tooManySteps"]);

export interface Probe {
  /** As the trajectory reports it; with the time of the change where the method changed. */
  readonly solver: string;
  /** The method that went furthest, its right-hand sides in a step, and the numbers in the factors of a step's matrix. */
  readonly method: Method;
  readonly stages: number;
  readonly factors: number;
  /** Of a method that was chosen. */
  readonly changes: readonly Change[];
  /** Time reached, steps accepted until then, and steps tried for the whole span, extrapolated where the end was not reached. */
  readonly reached: number;
  readonly taken: number;
  readonly steps: number;
  /** Nanoseconds of a step of the method, of one that carries a tangent along, and of a right-hand side. */
  readonly cost: { readonly step: number; readonly guarded: number; readonly rhs: number };
}

/** A system, and the programs of a method's steps for it. */
interface Made {
  readonly system: System;
  readonly programs: StepPrograms;
}

/** Steps by one method. */
interface Stretch {
  readonly method: Method;
  readonly from: number;
  /** At most. */
  readonly most: number;
  steps: number;
  /** What its steps took. */
  readonly work: Statistics;
}

/** `guarded`: the steps are controlled for derivatives. Throws the kinds of SolveFailed. */
export function probe(task: UnplannedTask, guarded: boolean): Probe {
  // What moves position and velocity alone has no integral beside them.
  const carried = guarded || task.solver?.family.alternates ? carriedSystem(task) : withIntegral(task);
  return probeBy(task, carried, task.ignoresSwitches ? undefined : branchesIn(task.code));
}

/** `branches`: what is held where it does not do without. */
function probeBy(task: UnplannedTask, carried: ReturnType<typeof carriedSystem>, branches: Branches | undefined): Probe {
  const { integrated, stretches } = solveShortly(task, carried);
  const { trajectory, solver } = integrated;
  const { statistics, result, times } = trajectory;
  if (!CUT_SHORT.has(result.kind)) {
    // Derivatives, or an integral, that cannot be followed are for the gradient to explain.
    if (trajectory.n > task.u0.length) return probe({ ...task, loss: { ...task.loss, integral: undefined } }, false);
    // A step over a jump may be too short to move the time.
    if (branches) return probeBy(task, { withPrepared: preparedFor(task, branches), request: requestOf(task) }, undefined);
    throw failureOf(task.code, task.p, trajectory, solver);
  }
  const { method, from, work } = stretches.at(-1)!;
  const reached = times.at(-1)!;
  // Steps tried for one accepted.
  const tries = statistics.steps ? 1 + statistics.rejected / statistics.steps : 1;
  // At the pace of the last step, unless that is uncommonly short.
  const pace = Math.max(Math.abs(result.h), Math.abs(reached - from) / Math.max(1, stretches.at(-1)!.steps));
  const left = trajectory.terminated ? 0 : Math.abs(task.problem.tspan[1] - reached) / pace;
  const perTry = varies(method, work) ? workPerTry(work) : undefined;
  const guardedCost = carried.withPrepared(method, (prepared) => costsOf(prepared, perTry)).step;
  const system = systemOf(task.code);
  const alone = system ? { system, method, programs: stepPrograms(system, method) } : undefined;
  const describe = ({ system, programs }: Made): Probe => ({
    solver,
    method,
    stages: perTry?.rhsCalls ?? programs.evaluations.perStep,
    factors: programs.factors.size,
    changes: integrated.changes,
    reached,
    taken: statistics.steps,
    steps: Math.ceil(tries * (statistics.steps + left)),
    cost: { ...costsOf({ system, method, programs }, perTry), guarded: guardedCost },
  });
  return alone ? describe(alone) : carried.withPrepared(method, describe);
}

function solveShortly(
  task: UnplannedTask,
  { withPrepared, request }: ReturnType<typeof carriedSystem>,
): { integrated: Integrated; stretches: readonly Stretch[] } {
  const stretches: Stretch[] = [];
  const abort = new AbortController();
  let before: Readonly<Statistics> = emptyStatistics();
  let reached = task.problem.tspan[0];
  const observed: WithPrepared = (method, use) =>
    withPrepared(method, (prepared) => {
      const most = Math.max(
        method.family.implicit ? LEAST_STEPS.implicit : LEAST_STEPS.explicit,
        Math.floor(PATIENCE / costsOf(prepared).step),
      );
      if (stretches.at(-1)?.method.name !== method.name)
        stretches.push({ method, from: reached, most, steps: 0, work: emptyStatistics() });
      return use(prepared);
    });
  const integrated = integrateWith(observed, task.solver, {
    ...request,
    saveat: undefined,
    signal: abort.signal,
    onSteps(steps) {
      const stretch = stretches.at(-1)!;
      stretch.steps += steps.count;
      addDifference(stretch.work, steps.effort, before);
      before = { ...steps.effort };
      reached = steps.time(steps.count);
      if (stretch.steps >= stretch.most) abort.abort();
    },
    onRestart() {
      stretches.length = 0;
      before = emptyStatistics();
      reached = task.problem.tspan[0];
    },
  });
  return { integrated, stretches };
}

/** Does the work of its steps vary, by iterations or by the number of stages? */
function varies({ family }: Method, { newtonIterations }: Statistics): boolean {
  return newtonIterations > 0 || family.usesJacobian === true;
}

function addDifference(sum: Statistics, now: Readonly<Statistics>, before: Readonly<Statistics>): void {
  addStatistics(sum, now);
  for (const what of Object.keys(sum) as (keyof Statistics)[]) sum[what] -= before[what];
}

function workPerTry(work: Statistics): Record<Counter, number> {
  const tries = Math.max(1, work.steps + work.rejected);
  return Object.fromEntries(COUNTERS.map((counter) => [counter, work[counter] / tries])) as Record<Counter, number>;
}

/** Of a step, and of a right-hand side; `perTry`: what a step takes, where that is not the same for all. */
function costsOf(
  { system, method, programs }: Made & Pick<Prepared, "method">,
  perTry?: Readonly<Record<Counter, number>>,
): { step: number; rhs: number } {
  const { rhs, n, np } = system;
  const { step, evaluations, fsal } = programs;
  if (perTry) return { step: costOfWork(system, method, perTry), rhs: costOfFunction(rhs, n, np) };
  const own = costOf(step);
  if (isProgram(rhs)) return { step: own + (fsal ? 0 : costOf(rhs)), rhs: costOf(rhs) };
  const plain = costOfFunction(rhs, n, np);
  // A Jacobian of differences, and one along time.
  const differences = method.family.implicit ? n + 3 : 0;
  return { step: own + (evaluations.perStep + (fsal ? 0 : 1) + differences) * plain, rhs: plain };
}
