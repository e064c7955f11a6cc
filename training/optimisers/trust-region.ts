/**
 * A trust region: of the linear least squares problem the lowest point within a radius about where it holds (J. Nocedal, S. J. Wright, Numerical
 * Optimization, 2nd ed., algorithms 4.1 and 4.3; J. J. Moré, D. C. Sorensen, SIAM J. Sci. Stat. Comput. 4, 1983). Lengths are measured in the
 * largest norms that columns had, so that units do not matter (J. J. Moré, 1978).
 */
import { backSubstitute } from "./householder.ts";
import {
  columnNorms,
  dampedFactor,
  grown,
  isNoise,
  reduced,
  squareOf,
  times,
  transposed,
  trialOf,
  type Given,
  type LinearModel,
} from "./linear-model.ts";
import type { Objective, Optimiser } from "./optimiser.ts";

interface State extends LinearModel {
  /** Undefined before the first step: that of the lowest point along the gradient, by which every unit is its own. */
  readonly radius: number | undefined;
}

/** A step is taken where the value falls by this part of what the linear problem promises. */
const ACCEPT = 1e-4;
/** Below the first of these parts the radius shrinks, above the second it grows. */
const [POOR, GOOD] = [1 / 4, 3 / 4];
/** By these factors. */
const [SHRINK, GROW] = [1 / 4, 2];
/** So often the radius may shrink in one iteration. */
const TRIALS = 40;
/** Of the scaled columns: keeps a Gauss-Newton step finite where they depend on each other. */
const SINGULAR = 1e-20;
/** A step this near to the radius, relative to it, is at it; so many iterations for the multiplier come nearer. */
const [NEAR, MULTIPLIERS] = [0.1, 20];

/**
 * For least squares, of up to hundreds of parameters. Beside `levenbergMarquardt`, whose steps are damped at any length, it takes the whole
 * Gauss-Newton step where that lies within its radius.
 *
 * @returns The optimiser, for `fit`.
 */
export function trustRegion(): Optimiser {
  return { name: "trustRegion", begin, step };
}

async function begin(objective: Objective, x: Float64Array): Promise<State> {
  const at = await objective.leastSquares(x);
  return { x, ...at, norms: columnNorms(at.jacobian, x.length), radius: undefined };
}

async function step(objective: Objective, state: State): Promise<State> {
  let { radius } = state;
  for (let trial = 0; trial < TRIALS; trial++) {
    const within = radius;
    const tried = trialOf(state, objective, (given) => stepWithin(state, given, within));
    if (tried.needless) return { ...state, finished: tried.needless, converged: true };
    const next = await objective.leastSquares(tried.at);
    const reached = Math.hypot(...tried.step.map((length, j) => length * state.norms[j]));
    const kept = (state.value - next.value) / tried.promised;
    const isAtEdge = within === undefined || reached >= (1 - NEAR) * within;
    // Where there is no value, what is kept is -Infinity.
    const size = within === undefined || kept < POOR ? Math.min(reached, within ?? Infinity) : within;
    radius = kept < POOR ? SHRINK * size : kept > GOOD && isAtEdge ? GROW * size : size;
    if (kept > ACCEPT) return { x: tried.at, ...next, norms: grown(state.norms, next.jacobian), radius };
    if (isNoise(tried, state, next)) {
      return { ...state, finished: "what a step promises is below the accuracy of the solves", converged: true };
    }
  }
  return { ...state, finished: "no step along the gradient lowers the value", converged: false };
}

/** The step in what is not given of it. */
function stepWithin(state: State, given: Given, radius: number | undefined): Float64Array {
  const { free, whole, right, matrix } = reduced(state, given);
  const k = free.length;
  if (k === 0) return whole;
  const norms = Float64Array.from(free, (j) => state.norms[j]);
  const scaled = matrix.map((entry, i) => entry / norms[i % k]);
  const step = radius === undefined ? lowestDownhill(scaled, right, k) : lowestWithin(radius, scaled, right, k);
  free.forEach((j, c) => (whole[j] = step[c] / norms[c]));
  return whole;
}

/** Along the gradient. */
function lowestDownhill(matrix: Float64Array, right: Float64Array, k: number): Float64Array {
  const downhill = transposed(matrix, right, k);
  const square = squareOf(downhill);
  const factor = square === 0 ? 0 : square / squareOf(times(matrix, downhill));
  return downhill.map((value) => factor * value);
}

/** With the multiplier λ of |s|² by Newton's iterations for 1 / |s(λ)| = 1 / radius, which is about linear in λ. */
function lowestWithin(radius: number, matrix: Float64Array, right: Float64Array, k: number): Float64Array {
  let multiplier = SINGULAR;
  for (let iteration = 0; ; iteration++) {
    const { r, qtb } = dampedFactor(matrix, right, new Float64Array(k).fill(Math.sqrt(multiplier)));
    const step = backSubstitute(r, qtb);
    const length = Math.sqrt(squareOf(step));
    const isInside = multiplier === SINGULAR && length <= radius;
    if (isInside || Math.abs(length - radius) <= NEAR * radius || iteration === MULTIPLIERS) return step;
    const square = squareOf(forwardSubstitute(r, step));
    multiplier = Math.max(SINGULAR, multiplier + ((length ** 2 / square) * (length - radius)) / radius);
  }
}

/** q of Rᵀ q = p. */
function forwardSubstitute(r: Float64Array, p: Float64Array): Float64Array {
  const n = p.length;
  const q = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = p[i];
    for (let j = 0; j < i; j++) sum -= r[j * n + i] * q[j];
    q[i] = sum / r[i * n + i];
  }
  return q;
}
