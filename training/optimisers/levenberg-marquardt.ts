/**
 * Levenberg-Marquardt: steps of the linear least squares problem, damped as far as the last ones had to be. Scaled by the largest norm that
 * each column had (J. J. Moré, The Levenberg-Marquardt algorithm: implementation and theory, 1978), damping by H. B. Nielsen (Damping
 * parameter in Marquardt's method, 1999, (2.5)). What a step would carry out of its bounds stops there.
 */
import { backSubstitute, triangular } from "./householder.ts";
import { held, projected, type Iterate, type LeastSquares, type Objective, type Optimiser } from "./optimiser.ts";

interface State extends Iterate, LeastSquares {
  /** The largest norm that each column of the Jacobian had. */
  readonly norms: Float64Array;
  readonly damping: number;
  readonly growth: number;
}

/** The damping at the start, relative to the scaled columns. What oscillates has many minima, and a long first step lands in another one. */
const START = 1;
/** A step is taken where the value falls by this part of what the linear problem promises. */
const ACCEPT = 1e-4;
/** Of half the residuals' square: a promise below this is none. */
const ENOUGH = 1e-14;
/** Of the same: a promise below this that is not kept is of the size of the solves' own errors. */
const NOISE = 1e-6;
/** Of the parameter: a step that is shorter is none. */
const SHORT = 1e-12;
/** The damping falls by this factor at most: Nielsen's gamma is 10 here. */
const RELAX = 1 / 10;
/** So often damping may grow in one iteration. */
const TRIALS = 40;

/**
 * For least squares, of up to hundreds of parameters.
 *
 * @returns The optimiser, for `fit`.
 */
export function levenbergMarquardt(): Optimiser {
  return { name: "levenbergMarquardt", begin, step };
}

async function begin(objective: Objective, x: Float64Array): Promise<State> {
  const at = await objective.leastSquares(x);
  return { x, ...at, norms: columnNorms(at.jacobian, x.length), damping: START, growth: 2 };
}

async function step(objective: Objective, state: State): Promise<State> {
  const { x, value, residuals, jacobian } = state;
  const half = squareOf(residuals) / 2;
  const gradient = transposed(jacobian, residuals, x.length);
  const isHeld = held(x, gradient, objective);
  let { damping, growth } = state;
  for (let trial = 0; trial < TRIALS; trial++) {
    const at = projected(plus(x, boundedStep(state, objective, isHeld, damping)), objective);
    const s = at.map((moved, i) => moved - x[i]);
    const promised = -(dot(gradient, s) + squareOf(times(jacobian, s)) / 2);
    const isShort = s.every((length, i) => Math.abs(length) <= SHORT * Math.abs(x[i]));
    if (isShort || promised <= ENOUGH * half) {
      return { ...state, finished: "no step promises a lower value", converged: true };
    }
    const next = await objective.leastSquares(at);
    const kept = (value - next.value) / promised;
    if (kept > ACCEPT) {
      const norms = columnNorms(next.jacobian, x.length).map((norm, j) => Math.max(norm, state.norms[j]));
      return { x: at, ...next, norms, damping: damping * Math.max(RELAX, 1 - (2 * kept - 1) ** 3), growth: 2 };
    }
    if (promised <= NOISE * half) {
      return { ...state, finished: "what a step promises is below the accuracy of the solves", converged: true };
    }
    damping *= growth;
    growth *= 2;
  }
  return { ...state, finished: "no step along the gradient lowers the value", converged: false };
}

/**
 * The step of the damped problem within the bounds: what would leave them goes as far as its bound, and the others are solved for with
 * that.
 */
function boundedStep(state: State, objective: Objective, isHeld: readonly boolean[], damping: number): Float64Array {
  const { x, norms } = state;
  const given = Array.from(x, (_, j): number | undefined => (isHeld[j] || norms[j] === 0 ? 0 : undefined));
  for (;;) {
    const step = dampedStep(state, given, damping);
    const within = projected(plus(x, step), objective);
    const leaves = [...x.keys()].filter((j) => given[j] === undefined && within[j] !== x[j] + step[j]);
    if (leaves.length === 0) return step;
    for (const j of leaves) given[j] = within[j] - x[j];
  }
}

/** The step of the damped problem in what is not given of it. */
function dampedStep(
  { x, residuals, jacobian, norms }: State,
  given: readonly (number | undefined)[],
  damping: number,
): Float64Array {
  const whole = Float64Array.from(given, (length) => length ?? 0);
  const free = [...x.keys()].filter((j) => given[j] === undefined);
  const [n, k, m] = [x.length, free.length, residuals.length];
  if (k === 0) return whole;
  const matrix = new Float64Array((m + k) * k);
  const right = new Float64Array(m + k);
  const moved = times(jacobian, whole);
  for (let i = 0; i < m; i++) {
    for (let c = 0; c < k; c++) matrix[i * k + c] = jacobian[i * n + free[c]];
    right[i] = -residuals[i] - moved[i];
  }
  free.forEach((j, c) => (matrix[(m + c) * k + c] = Math.sqrt(damping) * norms[j]));
  const { r, qtb } = triangular(matrix, right, k);
  const solved = backSubstitute(r, qtb);
  free.forEach((j, c) => (whole[j] = solved[c]));
  return whole;
}

function columnNorms(matrix: Float64Array, n: number): Float64Array {
  const squares = new Float64Array(n);
  for (let i = 0; i < matrix.length; i++) squares[i % n] += matrix[i] ** 2;
  return squares.map(Math.sqrt);
}

function transposed(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n);
  for (let i = 0; i < matrix.length; i++) product[i % n] += matrix[i] * vector[Math.floor(i / n)];
  return product;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  const product = new Float64Array(matrix.length / n);
  for (let i = 0; i < matrix.length; i++) product[Math.floor(i / n)] += matrix[i] * vector[i % n];
  return product;
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function squareOf(a: Float64Array): number {
  return dot(a, a);
}
