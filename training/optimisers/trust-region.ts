/**
 * A trust region: of the linear least squares problem the lowest point within a radius about where it holds, along the dogleg path that bends
 * from the gradient's direction to the Gauss-Newton step (M. J. D. Powell, 1970; J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed.,
 * algorithm 4.1 and section 4.1). Lengths are measured in the largest norms that columns had, so that units do not matter (J. J. Moré, 1978).
 */
import {
  columnNorms,
  dampedLeastSquares,
  dot,
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
const SINGULAR = 1e-10;

/**
 * For least squares, of up to hundreds of parameters. Beside `levenbergMarquardt` it needs no new linear algebra for a shorter step, and takes
 * the whole Gauss-Newton step where that lies within its radius: near a minimum it is there in fewer evaluations.
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
    const tried = trialOf(state, objective, (given) => doglegStep(state, given, within));
    if (tried.needless) return { ...state, finished: tried.needless, converged: true };
    const next = await objective.leastSquares(tried.at);
    const reached = Math.hypot(...tried.step.map((length, j) => length * state.norms[j]));
    const kept = (state.value - next.value) / tried.promised;
    const isAtEdge = within === undefined || reached >= 0.99 * within;
    // Where there is no value, what is kept is -Infinity.
    const size = within === undefined || kept < POOR ? Math.min(reached, within ?? Infinity) : within;
    radius = kept < POOR ? SHRINK * size : kept > GOOD && isAtEdge ? GROW * size : size;
    if (kept > ACCEPT) return { x: tried.at, ...next, norms: grown(state.norms, next.jacobian), radius };
    if (isNoise(tried, state)) {
      return { ...state, finished: "what a step promises is below the accuracy of the solves", converged: true };
    }
  }
  return { ...state, finished: "no step along the gradient lowers the value", converged: false };
}

/** The step in what is not given of it. */
function doglegStep(state: State, given: Given, radius: number | undefined): Float64Array {
  const { free, whole, right, matrix } = reduced(state, given);
  const k = free.length;
  if (k === 0) return whole;
  const norms = Float64Array.from(free, (j) => state.norms[j]);
  const scaled = matrix.map((entry, i) => entry / norms[i % k]);
  const downhill = transposed(scaled, right, k);
  const square = squareOf(downhill);
  const bend = square === 0 ? downhill : scaledBy(square / squareOf(times(scaled, downhill)), downhill);
  const dogleg =
    radius === undefined
      ? bend
      : within(radius, bend, () => dampedLeastSquares(scaled, right, new Float64Array(k).fill(SINGULAR)));
  free.forEach((j, c) => (whole[j] = dogleg[c] / norms[c]));
  return whole;
}

/** The last point within the radius of the path from zero over the bend to the end. */
function within(radius: number, bend: Float64Array, end: () => Float64Array): Float64Array {
  const first = Math.sqrt(squareOf(bend));
  if (first >= radius) return scaledBy(radius / first, bend);
  const last = end();
  if (Math.sqrt(squareOf(last)) <= radius) return last;
  const along = last.map((value, c) => value - bend[c]);
  // |bend + τ along|² = radius², of which the positive root, without cancellation.
  const [a, b, c] = [squareOf(along), dot(bend, along), first ** 2 - radius ** 2];
  const root = Math.sqrt(b ** 2 - a * c);
  const part = b > 0 ? -c / (b + root) : (root - b) / a;
  return bend.map((value, i) => value + part * along[i]);
}

function scaledBy(factor: number, vector: Float64Array): Float64Array {
  return vector.map((value) => factor * value);
}
