/**
 * What a gradient costs by each of the methods that are chosen among, in nanoseconds, from the cost of one right-hand side
 * and the sizes. The constants are measured on small and large problems; they need to rank methods, not to tell time.
 */
import { costOf } from "../src/program/inspect/cost.ts";
import type { GradientTask } from "./methods/method.ts";

/** Steps of a smooth solve, about. */
const STEPS = 100;
const STAGES = 7;
/** Proposing, judging and keeping a step. */
const STEP = 100;
/** Directions that dual numbers carry at once. */
const CHUNK = 8;
/** Partials in the error norm ask for more steps. */
const MORE_STEPS = 1.3;
/** A jvp, and a vjp, in right-hand sides. */
const JVP = 1.2;
const VJP = 2.5;
/** Looking up the forward solution from a way back, a component and in all. */
const LOOK_UP = { each: 3, once: 150 };
/** Quadrature nodes in a step of the way back. */
const NODES = 3;
/** A loss time ends a step of a continuous way back early, and begins another. */
const STEPS_PER_LOSS_TIME = 2.5;
/** The discrete adjoint of a step, and of a look-up at a loss time, besides what it calls. */
const ADJOINT_STEP = 200;
const ADJOINT_LOSS_TIME = 300;

export interface Estimate {
  readonly rhs: number;
  readonly directions: number;
  readonly methods: Readonly<Record<"dual" | "discrete" | "gauss", number>>;
}

export function estimate({ code, loss, p, solver, u0, wrt }: Omit<GradientTask, "backend">): Estimate {
  const n = u0.length;
  const rhs = costOf(code.rhsProgram());
  const directions = (wrt.p ? p.length : 0) + (wrt.u0 ? n : 0) + Number(wrt.t0);
  const linear = (size: number): number => (solver?.family === "rosenbrock" ? linearAlgebra(size) : 0);
  const forward = STEPS * (STAGES * rhs + STEP + linear(n));
  const chunks = Math.max(1, Math.ceil(directions / CHUNK));
  const carried = Math.ceil(directions / chunks);
  const dual = chunks * MORE_STEPS * STEPS * (STAGES * rhs * (1 + JVP * carried) + STEP + linear(n * (1 + carried)));
  const lookUp = LOOK_UP.once + LOOK_UP.each * n;
  const stepsBack = Math.max(STEPS, STEPS_PER_LOSS_TIME * loss.times.length);
  const gauss = forward + stepsBack * (STAGES * (VJP * rhs + lookUp) + NODES * (VJP * rhs + 2 * lookUp) + STEP + linear(n));
  const discrete =
    forward + STEPS * (STAGES * (1 + VJP) * rhs + ADJOINT_STEP + linear(n)) + ADJOINT_LOSS_TIME * loss.times.length;
  return { rhs, directions, methods: { dual, discrete, gauss } };
}

/** One factorization and the solves of a step: dense LU for small systems, about linear in n for large sparse ones. */
function linearAlgebra(n: number): number {
  return Math.min(0.3 * n ** 3 + STAGES * n ** 2, 1000 * n);
}
