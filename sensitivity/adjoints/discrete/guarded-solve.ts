/**
 * The forward solve of the discrete adjoint. The adjoint of steps is as accurate as the steps are for derivatives, which error control of
 * the state does not see: at rest, across kinks, at the boundary of stability. So the tangent along one random direction of what is asked
 * for is carried along, and its error is part of the step's (in forward sensitivity analysis those of all tangents are: Maly and Petzold
 * 1996, "Numerical methods and software for sensitivity analysis"). Steps of a fixed length have no error to control.
 */
import type { WithPrepared } from "../../../solvers/solve/auto.ts";
import type { IntegrationRequest } from "../../../solvers/step-loop/request.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { sizeOfCheckpoint, sizeOfState } from "../../../solvers/step-loop/kept-states.ts";
import type { Prepared } from "../../../solvers/step-loop/prepare.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { stopsOf } from "../../../solvers/step-loop/stops.ts";
import type { System } from "../../../solvers/step/system.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { forwardProgress } from "../../task/progress.ts";
import { carriedFailure } from "../shared/carried-failure.ts";
import { randomDirection, type Direction } from "../shared/directions.ts";
import { requireLossTimes } from "../shared/end-times.ts";
import { dualSolver } from "../forward/dual-solver.ts";
import type { GradientTask, UnplannedTask } from "../../task/task.ts";
import { integrateResolved } from "../integral/resolved-solve.ts";
import { preparedFor, requestOf } from "../../task/solve.ts";
import { RecordedSteps, numbersKept, type StepSizes } from "./recorded-steps.ts";
import { numberPool } from "./number-pool.ts";

/** A forward solve with its steps. */
export interface RecordedSolve {
  readonly trajectory: Trajectory;
  /** The same with the tangent that was carried along. */
  readonly carried: Trajectory;
  /** Along which; undefined where there is none. */
  readonly direction: Direction | undefined;
  readonly solver: string;
  /** Stretches of steps by one method, between which the solve stopped. */
  readonly stretches: readonly RecordedSteps[];
}

/**
 * Solves forward and records the steps.
 *
 * @throws The kinds of SolveFailed, and AdjointFailed where the derivatives cannot be followed but the state can.
 */
export function recordedSolve(task: GradientTask): RecordedSolve {
  // It throws where the function cannot be read: the adjoints of steps are generated from its program.
  task.code.rhsProgram();
  const carried = carriedSystem(task);
  const { code, solver: asked, memoryBudget: budget } = task;
  const n = task.u0.length;
  const { request } = carried;
  // A solve that may change methods has one stretch more, or several, and one with events of the state as many as there are of them.
  const expected = stopsOf(request).length + (asked ? 1 : 2);
  const most = !asked || request.events?.conditions.length ? Infinity : expected;
  const stretches: RecordedSteps[] = [];
  const begin = (method: Method, sizes: StepSizes): void => {
    const left = stretches.reduce((sum, steps) => sum - steps.size, budget);
    stretches.push(new RecordedSteps(method, n, sizes, left / Math.max(most > expected ? 2 : 1, expected - stretches.length)));
  };
  const recording: WithPrepared = (method, use) =>
    carried.withPrepared(method, (prepared) => {
      begin(method, stepSizes(prepared, systemOf(code)!));
      return use(prepared);
    });
  const { trajectory, solver } = integrateResolved(task, recording, asked, {
    onProgress: forwardProgress(task),
    savedInto: numberPool.take(),
    onSteps: (taken) => {
      const { steps, method, sizes } = stretches.at(-1)!;
      if (steps > 0 && taken.isAnew) begin(method, sizes);
      stretches.at(-1)!.add(taken);
    },
    onRestart: () => void (stretches.length = 0),
    // Last: adding to what was spread takes microseconds.
    ...request,
  });
  if (trajectory.result.kind !== "success") throw failure(task, trajectory, solver);
  requireLossTimes(task, trajectory);
  const ofState = trajectory.leading(n, numberPool.take() ?? new Float64Array(0));
  return {
    trajectory: ofState,
    carried: trajectory,
    direction: carried.direction,
    solver,
    stretches: stretches.filter(({ steps }) => steps > 0),
  };
}

interface Carried {
  readonly withPrepared: WithPrepared;
  readonly request: IntegrationRequest;
  /** That of the tangent. */
  readonly direction?: Direction;
}

/** The system that is solved: the problem with a tangent, or the problem alone where no error is controlled. */
export function carriedSystem(task: UnplannedTask): Carried {
  const { solver, target, wrt } = task;
  const isFixed = solver?.dt !== undefined;
  if (isFixed || !(wrt.p || wrt.u0 || wrt.t0 || task.loss.integral)) {
    return { withPrepared: preparedFor(task), request: { saveat: task.loss.times, ...requestOf(task) } };
  }
  const dual = dualSolver(task, 1, "guard");
  const direction = randomDirection(task);
  return { withPrepared: dual.preparedFor(target), request: dual.requestOf(task, [direction]), direction };
}

/**
 * The sizes of what is kept of each step. The factors of the step's matrix are those of the state's matrix, where that is a diagonal block
 * of it.
 */
export function stepSizes({ system, method, programs }: Prepared, adjointSystem: System): StepSizes {
  const { n } = adjointSystem;
  const ofBlock = (): number => method.family.linearSystems!.sizeOfBlock(system.jacobian!, adjointSystem.jacobian!);
  const state = sizeOfState(programs, n);
  const ofMatrix = programs.factors.size;
  return {
    state,
    checkpoint: sizeOfCheckpoint(programs, n),
    record: state + programs.stages * n,
    factors: numbersKept(ofMatrix === 0 || system === adjointSystem ? ofMatrix : ofBlock()),
  };
}

function failure(task: UnplannedTask, carried: Trajectory, solver: string): Error {
  const n = task.u0.length;
  const nameOf = (i: number): string => {
    const { names } = systemOf(task.code)!;
    if (i >= 2 * n) return "the integral of the loss";
    return i < n ? names![i] : `the derivative of ${names![i - n]} along a random direction`;
  };
  const remedy =
    "The state itself can be solved for, so its derivatives grow beyond bounds, or jump: solve to an earlier time, or loosen the tolerances.";
  const who = `discrete adjoint: ${solver}, whose steps are controlled for derivatives,`;
  return carriedFailure(task, { trajectory: carried, solver }, { who, nameOf, remedy });
}
