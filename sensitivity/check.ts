/**
 * Checks of gradients. The first gradient of a problem is checked on its right-hand side: reverse mode against forward mode,
 * ⟨v, J w⟩ computed both ways in random directions, on the compiled programs that the gradient will use. On request the whole
 * gradient is compared, along one direction, with dual numbers through the solve.
 */
import { Arena } from "../src/compile/arena.ts";
import { compile } from "../src/compile/compile.ts";
import { forward } from "../src/derive/forward.ts";
import { GradientCheckFailed, InternalError } from "../src/errors.ts";
import { isProgram, type Program } from "../src/program/ir.ts";
import { directionalDerivatives } from "./methods/dual.ts";
import type { FlatGradient, GradientTask } from "./methods/method.ts";

export interface CheckReport {
  readonly passed: boolean;
  /** |⟨v, J w⟩ - ⟨Jᵀ v, w⟩| over the size of its terms. */
  readonly relativeDifference: number;
}

/** Above what reordered sums differ by. */
const TOLERANCE = 1e-9;

/** Throws {@link GradientCheckFailed} where the two disagree. */
export function checkVjp(task: GradientTask): CheckReport {
  return task.code.derived(`check:${task.backend.name}:${task.target}`, (rhs) => {
    const difference = compareModes(task, rhs);
    if (!(difference <= TOLERANCE)) {
      throw new GradientCheckFailed(
        `${task.problem.name}: reverse mode (vjp "${task.backend.name}") and forward mode differ by ${difference.toExponential(1)} (relative) ` +
          `in a random direction at t = ${task.problem.tspan[0]}. ` +
          (Number.isFinite(difference)
            ? "Please report this with the function; until then use adjoint: \"dual\"."
            : "The derivative is not finite there: look for sqrt, log or powers at zero, and start from a point where they are smooth."),
      );
    }
    return { passed: true, relativeDifference: difference };
  });
}

function compareModes(task: GradientTask, rhs: Program): number {
  const { u0: state } = task;
  const arena = new Arena();
  const { wrtU, wrtP } = task.backend.prepare({ code: task.code, arena, target: task.target });
  if (!isProgram(wrtU) || !isProgram(wrtP)) throw new InternalError("the check of a vjp that is no program is still to come");
  const [n, np] = [state.length, task.p.length];
  const [u, p, v, uBar, pBar, uDot, pDot, du, duDot] = [n, np, n, n, np, n, np, n, n].map((size) => arena.reserve(size));
  const { jvp, vjpU, vjpP } = compile({ jvp: forward(rhs, { wrt: ["u", "p"] }), vjpU: wrtU, vjpP: wrtP }, arena, task.target).link();
  const direction = pseudoRandom();
  const view = (address: number, size: number): Float64Array => arena.f64(address, size);
  view(u, n).set(state);
  view(p, np).set(task.p);
  view(v, n).set(Float64Array.from({ length: n }, direction));
  // Directions in proportion to what they move: rate constants may span twenty decades.
  view(uDot, n).set(state.map((x) => direction() * (Math.abs(x) || 1)));
  view(pDot, np).set(task.p.map((x) => direction() * (Math.abs(x) || 1)));
  const t = task.problem.tspan[0];
  // Parameters of the jvp: du, u, p, t, u_dot, p_dot, du_dot.
  jvp(du, u, p, t, uDot, pDot, duDot);
  vjpU(u, p, t, v, uBar);
  vjpP(u, p, t, v, pBar);
  const forwardTerms = products(view(v, n), view(duDot, n));
  const reverseTerms = [...products(view(uBar, n), view(uDot, n)), ...products(view(pBar, np), view(pDot, np))];
  const size = Math.max(sum(forwardTerms.map(Math.abs)), sum(reverseTerms.map(Math.abs)));
  const difference = Math.abs(sum(forwardTerms) - sum(reverseTerms));
  return difference === 0 ? 0 : difference / size;
}

/** Discretisation errors of two ways of solving differ by the tolerance times what the problem makes of it. */
const AMPLIFICATION = 1e3;

/** Throws {@link GradientCheckFailed} where the gradient and dual numbers through the whole solve disagree. */
export function checkThroughSolve(task: GradientTask, flat: FlatGradient): CheckReport {
  const random = pseudoRandom();
  const direction = {
    p: flat.p && task.p.map((x) => random() * (Math.abs(x) || 1)),
    u0: flat.u0 && task.u0.map((x) => random() * (Math.abs(x) || 1)),
  };
  const terms = [...(flat.p ? products(flat.p, direction.p!) : []), ...(flat.u0 ? products(flat.u0, direction.u0!) : [])];
  const [slope] = directionalDerivatives(task, [direction]).slopes;
  const difference = Math.abs(sum(terms) - slope);
  const relativeDifference = difference === 0 ? 0 : difference / Math.max(Math.abs(slope), sum(terms.map(Math.abs)));
  if (!(relativeDifference <= Math.max(TOLERANCE, AMPLIFICATION * Math.max(task.rtol, task.atol)))) {
    throw new GradientCheckFailed(
      `${task.problem.name}: along a random direction the gradient gives ${sum(terms)}, dual numbers through the solve ${slope} ` +
        `(relative difference ${relativeDifference.toExponential(1)}). Tighten rtol and atol; if they still differ, please report this.`,
    );
  }
  return { passed: true, relativeDifference };
}

function products(a: Float64Array, b: Float64Array): number[] {
  return Array.from(a, (x, i) => x * b[i]);
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}

/** Numbers in (-1, 1), the same in every run (Park and Miller 1988, "minimal standard"). */
function pseudoRandom(): () => number {
  let state = 20_011;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
}
