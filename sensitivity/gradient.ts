/** Gradients of losses through the solve. */
import { pack, requireFinite, unpack, type Shaped } from "../src/arrays/pack.ts";
import { componentNames } from "../src/arrays/layout.ts";
import type { Target } from "../src/compile/compile.ts";
import { AdjointFailed, BadGradientOption } from "../src/errors.ts";
import type { Loss, OdeProblem } from "../src/problem.ts";
import { integrateWith } from "../solvers/auto.ts";
import { failureOf } from "../solvers/failure.ts";
import type { Method } from "../solvers/method.ts";
import { systemOf, withPrepared } from "../solvers/problem-system.ts";
import { checkTolerance, defaultTarget } from "../solvers/solve.ts";
import type { Statistics } from "../solvers/trajectory.ts";
import { checkThroughSolve, checkVjp, type CheckReport } from "./check.ts";
import { backendNamed, chooseAdjoint, Plan } from "./choose.ts";
import { lossPrograms } from "./loss.ts";
import { dual } from "./methods/dual.ts";
import { gauss } from "./methods/gauss.ts";
import type { FlatGradient, GradientTask } from "./methods/method.ts";

export type WithRespectTo = "p" | "u0";

export interface GradientOptions<U = unknown, P = unknown, C = unknown> {
  /** What is differentiated: a sum over times `{ at, of }`, an `{ integral }`, a `{ final }` value, or several of these. */
  readonly loss: Loss<U, P, C>;
  /** Default ["p"]. */
  readonly wrt?: readonly WithRespectTo[];
  /** Default: as `solve` chooses; the way back uses the method that reached the end. */
  readonly solver?: Method;
  /** Relative tolerance, forward and back. Default 1e-6. */
  readonly rtol?: number;
  /** Absolute tolerance, forward and back. Default 1e-6. */
  readonly atol?: number;
  /** "gauss" or "dual". Default: the cheaper by an estimate; the plan says why. */
  readonly adjoint?: string;
  /** The vjp backend. Default "source". */
  readonly vjp?: string;
  /** True also compares the gradient, along one random direction, with dual numbers through the whole solve. */
  readonly check?: boolean;
  /** Steps tried, each way, at most. */
  readonly maxSteps?: number;
  /** Default "wasm", where the engine has it. */
  readonly target?: Target;
}

export interface Gradient<U = unknown, P = unknown> {
  /** The loss. */
  readonly value: number;
  /** In the shapes of p and u0; only what `wrt` names. */
  readonly gradient: { readonly p?: Shaped<P>; readonly u0?: Shaped<U> };
  readonly flat: { readonly p?: Float64Array; readonly u0?: Float64Array };
  readonly plan: Plan;
  readonly stats: { readonly forward: Statistics; readonly backward?: Statistics };
  readonly seconds: { readonly prepare: number; readonly solve: number; readonly gradient: number };
  readonly check: CheckReport;
}

/**
 * The gradient of a loss with respect to parameters and initial state.
 *
 * Throws what `solve` throws; ReadError where a function cannot be read (a gradient needs its text); {@link BadLoss};
 * {@link BadGradientOption}; GradientCheckFailed where derivatives disagree; {@link AdjointFailed} where the way back
 * did not reach the start.
 */
export function gradient<U, P, C, L = unknown>(problem: OdeProblem<U, P, C>, options: GradientOptions<NoInfer<U>, NoInfer<P>, L>): Gradient<U, P> {
  const started = performance.now();
  const partial = taskOf(problem as OdeProblem, options as unknown as GradientOptions);
  const { adjoint, because } = chooseAdjoint(partial, options.adjoint);
  const task: GradientTask = { ...partial, backend: backendNamed(options.vjp) };
  const check = checkVjp(task);
  const flat = adjoint === "dual" ? dual(task) : byGauss(task);
  requireFiniteGradient(task, flat);
  const report = options.check ? checkThroughSolve(task, flat) : check;
  const seconds = { ...flat.seconds, prepare: (performance.now() - started) / 1000 - flat.seconds.solve - flat.seconds.gradient };
  return {
    value: flat.value,
    gradient: {
      ...(flat.p && { p: unpack<P>(problem.layout.p, flat.p) }),
      ...(flat.u0 && { u0: unpack<U>(problem.layout.u, flat.u0) }),
    },
    flat: { p: flat.p, u0: flat.u0 },
    plan: new Plan(flat.solver, adjoint, task.backend.name, [...because, ...reasonsFor(options, flat)]),
    stats: flat.stats,
    seconds,
    check: report,
  };
}

function taskOf(problem: OdeProblem, options: GradientOptions): Omit<GradientTask, "backend"> {
  const { wrt = ["p"], rtol = 1e-6, atol = 1e-6, target = defaultTarget() } = options;
  const unknown = wrt.find((name) => name !== "p" && name !== "u0");
  if (unknown !== undefined || wrt.length === 0) {
    throw new BadGradientOption(`wrt: ${unknown === undefined ? "nothing to differentiate with respect to" : `there is no "${unknown}"`}. Give "p", "u0", or both.`);
  }
  checkTolerance("rtol", rtol);
  checkTolerance("atol", atol);
  const u0 = pack(problem.layout.u, problem.u0, "u0");
  const p = pack(problem.layout.p, problem.p, "p");
  requireFinite(problem.layout.u, u0, "u0");
  requireFinite(problem.layout.p, p, "p");
  // Insists on the function's text: the error names what could not be read.
  problem.code.rhsProgram();
  return {
    problem,
    code: problem.code,
    loss: lossPrograms(options.loss, problem),
    wrt: { p: wrt.includes("p"), u0: wrt.includes("u0") },
    u0,
    p,
    solver: options.solver,
    rtol,
    atol,
    maxSteps: options.maxSteps,
    target,
  };
}

function byGauss(task: GradientTask): FlatGradient {
  const { code, problem, u0, p, rtol, atol, maxSteps, target } = task;
  const [t0, t1] = problem.tspan;
  const at = { u0, p, tspan: problem.tspan };
  const started = performance.now();
  const { trajectory, solver, method } = integrateWith((chosen, use) => withPrepared(code, at, chosen, target, use), task.solver, {
    u0,
    p,
    t0,
    t1,
    rtol,
    atol,
    maxSteps,
    saveat: task.loss.times,
    dense: true,
  });
  const solved = performance.now();
  if (trajectory.result.kind !== "success") throw failureOf(trajectory.result, solver, componentNames(problem.layout.u, "u"), trajectory);
  const { statistics, ...rest } = gauss(task, systemOf(code)!, method, trajectory);
  return {
    ...rest,
    solver,
    stats: { forward: trajectory.statistics, backward: statistics },
    seconds: { solve: (solved - started) / 1000, gradient: (performance.now() - solved) / 1000 },
  };
}

function requireFiniteGradient(task: GradientTask, flat: FlatGradient): void {
  const { layout } = task.problem;
  for (const [what, values, shape] of [["p", flat.p, layout.p], ["u0", flat.u0, layout.u]] as const) {
    const at = values?.findIndex((x) => !Number.isFinite(x)) ?? -1;
    if (at >= 0) {
      throw new AdjointFailed(
        `the derivative with respect to ${componentNames(shape, what)[at]} is ${values![at]}. ` +
          "Look for sqrt, log or powers at zero along the solution, in the right-hand side and in the loss.",
      );
    }
  }
}

function reasonsFor(options: Pick<GradientOptions, "solver" | "vjp">, flat: FlatGradient): string[] {
  return [
    options.solver ? `solver ${flat.solver}: as asked for` : `solver ${flat.solver}: by the stiffness met in the forward solve`,
    options.vjp ? `vjp ${options.vjp}: as asked for` : "vjp source: the right-hand side could be read, and its reverse program is compiled",
  ];
}
