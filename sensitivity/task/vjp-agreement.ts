/**
 * The check of a right-hand side's derivatives in the first gradient of a problem: reverse mode against forward mode, ⟨v, J w⟩ computed
 * both ways in random directions, on the compiled programs that the gradient will use. It is done at the start, and then in the first
 * solve, midway and at the end.
 */
import { memo } from "../../src/core/memo.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { GradientCheckFailed } from "./errors.ts";
import type { Watch } from "../../solvers/step-loop/taken-steps.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import type { GradientTask, UnplannedTask } from "./task.ts";
import { perturbed } from "../../src/problem/points.ts";
import { keptBy, remembering } from "../../src/problem/kept.ts";
import { pointsNear, type Point } from "../../src/problem/near.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { requireDifferentiableStart } from "./finite-partials.ts";
import { asProgram } from "../vjp/as-program.ts";
import type { VjpBackend } from "../vjp/backend.ts";

/** What a check of derivatives found. */
export interface CheckReport {
  readonly passed: boolean;
  /** |⟨v, J w⟩ - ⟨Jᵀ v, w⟩| over the size of its terms. */
  readonly relativeDifference: number;
}

/** The relative difference that is allowed; reordered sums differ by less. */
const EXACT = 1e-9;
/** The same where the backend, or what it is compared with, is made of differences. */
const DIFFERENCES = 1e-4;
/** So many times what rounding was seen to move. */
const ROUNDINGS = 30;

/** A check, which has a report once it was done. */
interface Check {
  report?: CheckReport;
  /** The difference at a point; absent once it was looked at along a solve, too. */
  pending?: (point: TimedPoint) => number;
}

interface TimedPoint extends Point {
  readonly t: number;
}

/** By the content of the right-hand side, or by the problem's own function where a backend calls that. */
const checkOf = memo((_code: ProblemCode, _backend: VjpBackend, _target: Target): Check => ({}), {
  by: (code, backend, target) => [backend.capabilities.programs ? code.identity : code, backend, target],
});

/**
 * Checks the derivatives at the start of the solve, once for a problem and a backend. At a kink of the function each mode may take the
 * derivative of another side, which is no fault; so where they disagree at the start, points near it decide.
 *
 * @throws {@link GradientCheckFailed} where the two disagree, and NotDifferentiable where a derivative that is not finite is the cause.
 */
export function checkVjp(task: GradientTask): CheckReport {
  const check = checkOf(task.code, task.backend, task.target);
  if (check.report) return check.report;
  const { at, exact } = comparison(task);
  const start = { u0: task.u0, p: task.p, t: task.problem.tspan[0] };
  const allowed = exact ? EXACT : DIFFERENCES;
  const difference = differenceAt(at, start, allowed);
  if (!Number.isFinite(difference)) requireDifferentiableStart(task);
  if (!(difference <= allowed)) throw new GradientCheckFailed(disagreement(task, start.t, difference));
  // Differences are too rough for wherever a solve may lead.
  check.pending = exact ? at : undefined;
  return (check.report = { passed: true, relativeDifference: difference });
}

/**
 * The same check along the first solve, which throws as {@link checkVjp} does; undefined afterwards. Derivatives that are not finite are
 * left to what uses them.
 */
export function vjpWatch(task: UnplannedTask & Partial<GradientTask>): Watch | undefined {
  const { code, backend, target } = task;
  if (!backend) return undefined;
  const known = checkOf(code, backend, target);
  const at = known.pending;
  if (!at) return undefined;
  const planned: GradientTask = { ...task, backend };
  const n = task.u0.length;
  const check = (t: number, u: Float64Array): void => {
    const difference = differenceAt(at, { u0: u.slice(0, n), p: task.p, t }, EXACT);
    if (difference > EXACT) throw new GradientCheckFailed(disagreement(planned, t, difference));
  };
  let looked = false;
  return {
    observe(steps) {
      if (looked || steps.count === 0) return;
      looked = true;
      const { t, u } = steps.point(steps.count | 1, n);
      check(t, u);
    },
    finish(t, state) {
      check(t, state);
      known.pending = undefined;
    },
  };
}

/** The difference at a point or, where it is more than allowed, the largest at points near it. */
function differenceAt(at: (point: TimedPoint) => number, point: TimedPoint, allowed: number): number {
  const difference = at(point);
  if (difference <= allowed || !Number.isFinite(difference)) return difference;
  const near = pointsNear(point)
    .map((other) => at({ ...other, t: point.t }))
    .filter(Number.isFinite);
  return near.length > 0 ? Math.max(...near) : difference;
}

function disagreement(task: GradientTask, t: number, difference: number): string {
  const { problem, backend } = task;
  const kept = keptElsewhere(task);
  const advice = kept
    ? `It keeps \`${kept}\` from call to call, and what an earlier call left there counts as a constant: compute in each call what depends on u, p or t.`
    : Number.isFinite(difference)
      ? 'Please report this with the function; until then use another vjp backend, or adjoint: "dual".'
      : "The derivative is not finite there: look for sqrt, log or powers at zero, and start from a point where they are smooth.";
  return (
    `${problem.name}: reverse mode (vjp "${backend.name}") and forward derivatives differ by ${difference.toExponential(1)} (relative) ` +
    `in a random direction at t = ${t}. ${advice}`
  );
}

/** What a call at another point changes of what a function that runs by itself keeps. */
function keptElsewhere({ code, u0, p, problem }: GradientTask): string | undefined {
  if (executionOf(code).compiled) return undefined;
  const before = remembering(keptBy(code.operators.rhs));
  ifItCanBe(() => code.plain(new Float64Array(u0.length), perturbed(u0, 0.01), perturbed(p, 0.01), problem.tspan[0]));
  const changed = before.changed();
  before.putBack();
  return changed;
}

/** Computes |⟨v, J w⟩ - ⟨Jᵀ v, w⟩| at points, relative to the size of the terms. */
function comparison(task: GradientTask): { at: (point: TimedPoint) => number; exact: boolean } {
  const { backend, code, target } = task;
  const [n, np] = [task.u0.length, task.p.length];
  const arena = new Arena();
  const { wrtU, wrtP } = backend.prepare({ code, arena, target });
  const [u, parameters, v, uBar, pBar] = [n, np, n, n, np].map((size) => arena.reserve(size));
  const compiled = compile({ vjpU: asProgram(wrtU), vjpP: asProgram(wrtP) }, arena, target).link();
  const { slopeAlong, exact } = directionalDerivative(task);
  const isExact = exact && backend.capabilities.exact;
  return {
    exact: isExact,
    at(point) {
      const random = pseudoRandom();
      const sizes = stateSizes(point.u0);
      // Cotangents and directions in proportion to what they belong to: units, and rate constants, may span twenty decades.
      const cotangent = sizes.map((size) => random() / size);
      const uDot = sizes.map((size) => random() * size);
      const pDot = sizesOf(point.p).map((size) => random() * size);
      const forward = (by: number): number[] => {
        const slope = slopeAlong(point, scaled(uDot, by), scaled(pDot, by));
        return products(cotangent, scaled(slope, 1 / by));
      };
      const reverse = (by: number): number[] => {
        arena.f64(u, n).set(point.u0);
        arena.f64(parameters, np).set(point.p);
        arena.f64(v, n).set(scaled(cotangent, by));
        compiled.vjpU(u, parameters, point.t, v, uBar);
        compiled.vjpP(u, parameters, point.t, v, pBar);
        return [...products(arena.f64(uBar, n), scaled(uDot, 1 / by)), ...products(arena.f64(pBar, np), scaled(pDot, 1 / by))];
      };
      // What a function that runs by itself keeps from call to call is then that of this point, as it is in a gradient.
      if (!exact) ifItCanBe(() => code.plain(new Float64Array(n), point.u0, point.p, point.t));
      const [reverseTerms, forwardTerms] = [reverse(1), forward(1)];
      const size = Math.max(sum(forwardTerms.map(Math.abs)), sum(reverseTerms.map(Math.abs)));
      const difference = Math.abs(sum(forwardTerms) - sum(reverseTerms));
      if (difference <= EXACT * size || !isExact) return difference === 0 ? 0 : difference / size;
      const noise = Math.max(roundingOf(forward, forwardTerms), roundingOf(reverse, reverseTerms));
      return Math.max(0, difference - ROUNDINGS * noise) / size;
    },
  };
}

/**
 * How far the sum of a product's terms moves by rounding: the product is linear, so what it says of a direction by a third of its length,
 * three times, differs by nothing else. Where components of a state differ by more than sixteen decades, rounding may be all of it.
 */
function roundingOf(product: (by: number) => number[], terms: readonly number[]): number {
  return Math.max(...[1 / 3, 1 / 5, 1 / 7].map((by) => Math.abs(sum(product(by)) - sum(terms))));
}

function scaled(x: Float64Array, by: number): Float64Array {
  return x.map((value) => value * by);
}

/** Computes J w by forward mode where the function can be read, and otherwise by central differences of the plain function. */
function directionalDerivative({ u0, p, code, target }: GradientTask): {
  slopeAlong: (point: TimedPoint, uDot: Float64Array, pDot: Float64Array) => Float64Array;
  exact: boolean;
} {
  if (!executionOf(code).compiled) {
    const h = 1e-6;
    const valueAt = (point: TimedPoint, uDot: Float64Array, pDot: Float64Array, by: number): Float64Array => {
      const du = new Float64Array(u0.length);
      const moved = (x: Float64Array, direction: Float64Array): Float64Array => x.map((value, i) => value + by * direction[i]);
      code.plain(du, moved(point.u0, uDot), moved(point.p, pDot), point.t);
      return du;
    };
    const slopeAlong = (point: TimedPoint, uDot: Float64Array, pDot: Float64Array): Float64Array => {
      // Of one side alone where the function ends there.
      const sides = [h, -h].flatMap((by) => ifItCanBe(() => ({ by, value: valueAt(point, uDot, pDot, by) })) ?? []);
      const [above, below = { by: 0, value: valueAt(point, uDot, pDot, 0) }] = sides;
      return above.value.map((x, i) => (x - below.value[i]) / (above.by - below.by));
    };
    return { slopeAlong, exact: false };
  }
  const arena = new Arena();
  const [u, parameters, uDirection, pDirection, du, duDot] = [u0, p, u0, p, u0, u0].map((like) => arena.reserve(like.length));
  const { jvp } = compile({ jvp: derivativesOf(code.rhsProgram()).jvp(["u", "p"]) }, arena, target).link();
  const slopeAlong = (point: TimedPoint, uDot: Float64Array, pDot: Float64Array): Float64Array => {
    const inputs = [point.u0, point.p, uDot, pDot];
    [u, parameters, uDirection, pDirection].forEach((at, i) => arena.f64(at, inputs[i].length).set(inputs[i]));
    // Parameters of the jvp: du, u, p, t, u_dot, p_dot, du_dot.
    jvp(du, u, parameters, point.t, uDirection, pDirection, duDot);
    return arena.f64(duDot, u0.length).slice();
  };
  return { slopeAlong, exact: true };
}

function products(a: Float64Array, b: Float64Array): number[] {
  return Array.from(a, (x, i) => x * b[i]);
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}
