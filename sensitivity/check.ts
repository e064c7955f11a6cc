/**
 * Checks of gradients. The first gradient of a problem is checked on its right-hand side: reverse mode against forward mode,
 * ⟨v, J w⟩ computed both ways in random directions, on the compiled programs that the gradient will use. On request the whole
 * gradient is compared, along one direction, with dual numbers through the solve.
 */
import { Arena } from "../src/compile/arena.ts";
import { compile, type Target } from "../src/compile/compile.ts";
import { forward } from "../src/derive/forward.ts";
import { GradientCheckFailed } from "../src/errors.ts";
import { Builder } from "../src/program/builder.ts";
import { isProgram, type External, type Program } from "../src/program/ir.ts";
import { executionOf } from "../solvers/problem-system.ts";
import { smallest } from "../solvers/tolerances.ts";
import { appliedLoss } from "./methods/compiled-loss.ts";
import { directionalDerivatives } from "./methods/dual.ts";
import { velocity } from "./methods/end-times.ts";
import type { FlatGradient, GradientTask } from "./methods/method.ts";
import { requireDifferentiableStart } from "./trouble.ts";
import type { VjpBackend } from "./vjp/backend.ts";

export interface CheckReport {
  readonly passed: boolean;
  /** |⟨v, J w⟩ - ⟨Jᵀ v, w⟩| over the size of its terms. */
  readonly relativeDifference: number;
}

/** Above what reordered sums differ by. */
const EXACT = 1e-9;
/** Of backends, or references, that are differences. */
const DIFFERENCES = 1e-4;

interface Known {
  readonly backend: VjpBackend;
  readonly target: Target;
  readonly report: CheckReport;
}

const known = new WeakMap<object, Known[]>();

/** Throws {@link GradientCheckFailed} where the two disagree, and NotDifferentiable where that is why. */
export function checkVjp(task: GradientTask): CheckReport {
  const { code, backend, target } = task;
  const keeper = backend.capabilities.programs ? code.identity : code;
  let entries = known.get(keeper);
  if (!entries) known.set(keeper, (entries = []));
  const found = entries.find((entry) => entry.backend === backend && entry.target === target);
  if (found) return found.report;
  const { difference, exact } = compareModes(task);
  if (!Number.isFinite(difference)) requireDifferentiableStart(task);
  if (!(difference <= (exact ? EXACT : DIFFERENCES))) throw new GradientCheckFailed(disagreement(task, difference));
  const report = { passed: true, relativeDifference: difference };
  entries.push({ backend, target, report });
  return report;
}

function disagreement({ problem, backend }: GradientTask, difference: number): string {
  const advice = Number.isFinite(difference)
    ? 'Please report this with the function; until then use another vjp backend, or adjoint: "dual".'
    : "The derivative is not finite there: look for sqrt, log or powers at zero, and start from a point where they are smooth.";
  return (
    `${problem.name}: reverse mode (vjp "${backend.name}") and forward derivatives differ by ${difference.toExponential(1)} (relative) ` +
    `in a random direction at t = ${problem.tspan[0]}. ${advice}`
  );
}

/** |⟨v, J w⟩ - ⟨Jᵀ v, w⟩| at the problem's start, relative to the terms. */
function compareModes(task: GradientTask): { difference: number; exact: boolean } {
  const { u0, p, backend, code, target } = task;
  const t = task.problem.tspan[0];
  const random = pseudoRandom();
  const v = u0.map(random);
  // Directions in proportion to what they move: rate constants may span twenty decades.
  const uDot = u0.map((x) => random() * (Math.abs(x) || 1));
  const pDot = p.map((x) => random() * (Math.abs(x) || 1));
  const arena = new Arena();
  const { wrtU, wrtP } = backend.prepare({ code, arena, target });
  const address = {
    u: arena.reserve(u0.length),
    p: arena.reserve(p.length),
    v: arena.reserve(u0.length),
    uBar: arena.reserve(u0.length),
    pBar: arena.reserve(p.length),
  };
  const compiled = compile({ vjpU: calling(wrtU), vjpP: calling(wrtP) }, arena, target).link();
  arena.f64(address.u, u0.length).set(u0);
  arena.f64(address.p, p.length).set(p);
  arena.f64(address.v, u0.length).set(v);
  compiled.vjpU(address.u, address.p, t, address.v, address.uBar);
  compiled.vjpP(address.u, address.p, t, address.v, address.pBar);
  const { slope, exact } = directionalDerivative(task, t, uDot, pDot);
  const forwardTerms = products(v, slope);
  const reverseTerms = [
    ...products(arena.f64(address.uBar, u0.length), uDot),
    ...products(arena.f64(address.pBar, p.length), pDot),
  ];
  const size = Math.max(sum(forwardTerms.map(Math.abs)), sum(reverseTerms.map(Math.abs)));
  const difference = Math.abs(sum(forwardTerms) - sum(reverseTerms));
  return { difference: difference === 0 ? 0 : difference / size, exact: exact && backend.capabilities.exact };
}

/** A function of the host as a program that does nothing but call it. */
function calling(callee: Program | External): Program {
  if (isProgram(callee)) return callee;
  const b = new Builder(`call_${callee.name}`);
  const args = callee.parameters.map((parameter) => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name);
    const { name, size, role } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output"), offset: b.i32(0) };
  });
  b.call(callee, args);
  return b.finish();
}

/** J w: by forward mode where the function can be read, else by central differences of the plain function. */
function directionalDerivative(
  task: GradientTask,
  t: number,
  uDot: Float64Array,
  pDot: Float64Array,
): { slope: Float64Array; exact: boolean } {
  const { u0, p, code, target } = task;
  const slope = new Float64Array(u0.length);
  if (!executionOf(code).compiled) {
    const h = 1e-6;
    const [above, below] = [1, -1].map((sign) => {
      const du = new Float64Array(u0.length);
      const moved = (x: Float64Array, direction: Float64Array): Float64Array =>
        x.map((value, i) => value + sign * h * direction[i]);
      code.plain(du, moved(u0, uDot), moved(p, pDot), t);
      return du;
    });
    return { slope: slope.map((_, i) => (above[i] - below[i]) / (2 * h)), exact: false };
  }
  const arena = new Arena();
  const inputs = [u0, p, uDot, pDot];
  const [u, parameters, uDirection, pDirection, du, duDot] = [...inputs, u0, u0].map((like) => arena.reserve(like.length));
  const { jvp } = compile({ jvp: code.derived("jvp", (rhs) => forward(rhs, { wrt: ["u", "p"] })) }, arena, target).link();
  [u, parameters, uDirection, pDirection].forEach((at, i) => arena.f64(at, inputs[i].length).set(inputs[i]));
  // Parameters of the jvp: du, u, p, t, u_dot, p_dot, du_dot.
  jvp(du, u, parameters, t, uDirection, pDirection, duDot);
  slope.set(arena.f64(duDot, u0.length));
  return { slope, exact: true };
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
  const { tspan } = task.problem;
  const [later, longer] = [flat.t0, flat.t1].map((x) => (x === undefined ? 0 : random() * Math.abs(tspan[1] - tspan[0])));
  // A start that is later is a change of the initial state, by -f, and of where the integral begins.
  const f = velocity(task, task.u0, tspan[0]);
  const u0 = later === 0 ? direction.u0 : f.map((x, i) => (direction.u0?.[i] ?? 0) - later * x);
  const terms = [
    ...(flat.p ? products(flat.p, direction.p!) : []),
    ...(flat.u0 ? products(flat.u0, direction.u0!) : []),
    (flat.t0 ?? 0) * later,
    (flat.t1 ?? 0) * longer,
  ];
  const along = directionalDerivatives({ ...task, onProgress: undefined }, [{ ...direction, u0 }]);
  const slope =
    along.slopes[0] -
    (later === 0 ? 0 : later * appliedLoss(task).integrand(tspan[0], task.u0)) +
    (longer === 0 ? 0 : longer * along.t1);
  const difference = Math.abs(sum(terms) - slope);
  const relativeDifference = difference === 0 ? 0 : difference / Math.max(Math.abs(slope), sum(terms.map(Math.abs)));
  if (!(relativeDifference <= Math.max(EXACT, AMPLIFICATION * Math.max(task.rtol, smallest(task.atol))))) {
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
