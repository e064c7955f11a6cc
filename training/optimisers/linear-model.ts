/** The linear model of least squares about a point, r + J s, and steps of it that keep to bounds. */
import { triangular } from "./householder.ts";
import { held, projected, type Iterate, type LeastSquares, type Objective } from "./optimiser.ts";

export interface LinearModel extends Iterate, LeastSquares {
  /** The largest norm that each column of the Jacobian had. */
  readonly norms: Float64Array;
}

/** Of half the residuals' square: a promise below this is none. */
const ENOUGH = 1e-14;
/** Of the same: a promise below this that is not kept is of the size of the solves' own errors. */
const NOISE = 1e-6;
/** Of the parameter: a step that is shorter is none. */
const SHORT = 1e-12;

/** Lengths of components of a step that are given, such as to a bound; undefined: they are solved for. */
export type Given = readonly (number | undefined)[];

/** A step to a point within the bounds, and by how much the model's value falls there. */
export interface Trial {
  readonly at: Float64Array;
  readonly step: Float64Array;
  readonly promised: number;
  /** Why there is no need to try it, in words. */
  readonly needless?: string;
}

/** The trial of what solves for the components of a step that are not given. What would leave the bounds goes as far as its bound. */
export function trialOf(model: LinearModel, objective: Objective, solve: (given: Given) => Float64Array): Trial {
  const { x, residuals, jacobian } = model;
  const gradient = transposed(jacobian, residuals, x.length);
  const at = boundedPoint(model, objective, gradient, solve);
  const step = at.map((moved, i) => moved - x[i]);
  const promised = -(dot(gradient, step) + squareOf(times(jacobian, step)) / 2);
  const isShort = step.every((length, i) => Math.abs(length) <= SHORT * Math.abs(x[i]));
  const isNone = isShort || promised <= (ENOUGH * squareOf(residuals)) / 2;
  return { at, step, promised, ...(isNone && { needless: "no step promises a lower value" }) };
}

/** Is a promise that was not kept below what solves can tell? Where the next point has no value, that is not why. */
export function isNoise({ promised }: Trial, { residuals }: LeastSquares, next: LeastSquares): boolean {
  return next.value < Infinity && promised <= (NOISE * squareOf(residuals)) / 2;
}

/** Where the step leads. What goes as far as its bound is at it, not beside it by rounding. */
function boundedPoint(
  { x, norms }: LinearModel,
  objective: Objective,
  gradient: Float64Array,
  solve: (given: Given) => Float64Array,
): Float64Array {
  const isHeld = held(x, gradient, objective);
  const given = Array.from(x, (_, j): number | undefined => (isHeld[j] || norms[j] === 0 ? 0 : undefined));
  const bounds = Array.from(x, (): number | undefined => undefined);
  for (;;) {
    const step = solve(given);
    const within = projected(plus(x, step), objective);
    const leaves = [...x.keys()].filter((j) => given[j] === undefined && within[j] !== x[j] + step[j]);
    if (leaves.length === 0) return within.map((value, j) => bounds[j] ?? value);
    for (const j of leaves) [given[j], bounds[j]] = [within[j] - x[j], within[j]];
  }
}

/** The model in the components that are not given, with the given ones put in: their indices, and −r and J of them. */
export function reduced(
  { x, residuals, jacobian }: LinearModel,
  given: Given,
): {
  readonly free: readonly number[];
  readonly whole: Float64Array;
  readonly right: Float64Array;
  readonly matrix: Float64Array;
} {
  const whole = Float64Array.from(given, (length) => length ?? 0);
  const free = [...x.keys()].filter((j) => given[j] === undefined);
  const [n, k] = [x.length, free.length];
  const moved = times(jacobian, whole);
  const right = residuals.map((r, i) => -r - moved[i]);
  const matrix = new Float64Array(residuals.length * k);
  for (let i = 0; i < residuals.length; i++) free.forEach((j, c) => (matrix[i * k + c] = jacobian[i * n + j]));
  return { free, whole, right, matrix };
}

/** The triangular factor of [J; D], and Qᵀ of [b; 0]: what they solve for is the lowest of |J s − b|² + |D s|². */
export function dampedFactor(
  matrix: Float64Array,
  right: Float64Array,
  diagonal: Float64Array,
): { readonly r: Float64Array; readonly qtb: Float64Array } {
  const [m, k] = [right.length, diagonal.length];
  const rows = new Float64Array((m + k) * k);
  rows.set(matrix);
  diagonal.forEach((d, c) => (rows[(m + c) * k + c] = d));
  const whole = new Float64Array(m + k);
  whole.set(right);
  return triangular(rows, whole, k);
}

export function columnNorms(matrix: Float64Array, n: number): Float64Array {
  const squares = new Float64Array(n);
  for (let i = 0; i < matrix.length; i++) squares[i % n] += matrix[i] ** 2;
  return squares.map(Math.sqrt);
}

/** The largest norms so far. */
export function grown(norms: Float64Array, jacobian: Float64Array): Float64Array {
  return columnNorms(jacobian, norms.length).map((norm, j) => Math.max(norm, norms[j]));
}

export function transposed(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n);
  for (let i = 0; i < matrix.length; i++) product[i % n] += matrix[i] * vector[Math.floor(i / n)];
  return product;
}

export function times(matrix: Float64Array, vector: Float64Array): Float64Array {
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

export function squareOf(a: Float64Array): number {
  return dot(a, a);
}
