/**
 * What collocation makes of its nodes. The polynomial through 0 at the step's beginning and zᵢ at the nodes has the slopes Σⱼ Kᵢⱼ zⱼ there,
 * so that K is the inverse of the Runge–Kutta matrix; the equations of the stages are K z = h f (Hairer, Wanner, Solving Ordinary
 * Differential Equations II, IV.8.2).
 */
import { memo } from "../../../src/core/memo.ts";
import { InternalError } from "../../../src/core/errors.ts";
import { eigenvalues, type Complex } from "../../linear/eigenvalues.ts";
import type { Coupling, Matrix, Piece } from "../../newton/coupling.ts";

export interface Coefficients {
  /** Its first piece is real, and serves the error estimate. */
  readonly coupling: Coupling;
  /** The eigenvalue of that piece, γ. */
  readonly gamma: number;
  /** û − u₁ = h f(u₀) / γ + Σ eᵢ zᵢ, of the order s (IV.8.18). */
  readonly error: readonly number[];
  /** Of the dense output, by the powers of σ (see dense-form.ts): the weights of the zᵢ. */
  readonly dense: Matrix;
}

/** By the powers of the variable, from the lowest. */
type Polynomial = readonly number[];

export const coefficientsOf = memo((nodes: readonly number[]): Coefficients => {
  const s = nodes.length;
  const K = nodes.map((c) => nodes.map((_, j) => value(derivative(basis([0, ...nodes], j + 1)), c)));
  const spectrum = eigenvalues(Float64Array.from(K.flat()), s);
  if (!spectrum) throw new InternalError("the eigenvalues of a collocation's matrix were not found");
  const found = spectrum.values;
  const reals = found.filter(({ im }) => Math.abs(im) <= spectrum.error);
  const pairs = found.filter(({ im }) => im > spectrum.error);
  // Of an even number of stages there is none: one of the size of the others then serves the error estimate alone.
  const gamma = reals.length > 0 ? reals[0].re : Math.hypot(pairs[0].re, pairs[0].im);
  const columns = [...reals, ...pairs].flatMap((mu) => vectorsOf(nodes, mu, mu.im > spectrum.error));
  const rows = inverse(columns[0].map((_, i) => columns.map((column) => column[i])));
  const pieces = [...reals, ...pairs].map((mu, k): Piece => {
    const isReal = k < reals.length;
    const from = isReal ? k : reals.length + 2 * (k - reals.length);
    const range = [from, from + (isReal ? 1 : 2)] as const;
    const block = isReal
      ? [[mu.re]]
      : [
          [mu.re, mu.im],
          [-mu.im, mu.re],
        ];
    return { block, columns: columns.slice(...range), rows: rows.slice(...range) };
  });
  const judge: Piece[] = reals.length > 0 ? [] : [{ block: [[gamma]], columns: [], rows: [] }];
  // b̂ − b is zero for all polynomials through the nodes, of which −f(u₀)/γ makes up for the constant one.
  const weights = nodes.map((_, i) => -value(basis(nodes, i), 0) / gamma);
  return {
    coupling: { stages: s, K, pieces: [...judge, ...pieces] },
    gamma,
    error: nodes.map((_, j) => weights.reduce((sum, weight, i) => sum + weight * K[i][j], 0)),
    dense: denseWeights(nodes),
  };
});

/** Of the polynomials that are 1 at one point and 0 at the others: the i-th's. */
export function basis(points: readonly number[], i: number): Polynomial {
  return points.reduce<Polynomial>((so, x, j) => (j === i ? so : product(so, [-x / (points[i] - x), 1 / (points[i] - x)])), [1]);
}

/**
 * The values at the nodes of q with q(0) = 0 and q′ − μ q = ω, which has its roots there: Σ ω⁽ᵏ⁾ μ⁻ᵏ⁻¹, up to a factor. Of a complex μ real
 * and imaginary part.
 */
function vectorsOf(nodes: readonly number[], { re, im }: Complex, isPair: boolean): number[][] {
  const square = re * re + im * im;
  const [a, b] = [re / square, -im / square];
  const omega = nodes.reduce<Polynomial>((so, c) => product(so, [-c, 1]), [1]);
  const derivatives = [derivative(omega)];
  while (derivatives.length < nodes.length) derivatives.push(derivative(derivatives.at(-1)!));
  const values = nodes.map((c) => derivatives.reduceRight(([x, y], of) => [x * a - y * b + value(of, c), x * b + y * a], [0, 0]));
  const parts = [values.map(([x]) => x), values.map(([, y]) => y)].slice(0, isPair ? 2 : 1);
  const size = Math.hypot(...parts.flat());
  return parts.map((part) => part.map((x) => x / size));
}

/** u(θ) − u₀ − θ (u₁ − u₀) over θ (1 − θ), of each zᵢ. */
function denseWeights(nodes: readonly number[]): number[][] {
  const ofEach = nodes.map((_, i) => {
    // θ = (1 + σ)/2 is 0 where σ is −1, and 1 where it is 1.
    const points = [0, ...nodes].map((c) => 2 * c - 1);
    const whole = [...basis(points, i + 1)];
    if (i === nodes.length - 1) for (const j of [0, 1]) whole[j] -= 1 / 2;
    return quotient(whole);
  });
  return Array.from({ length: nodes.length - 1 }, (_, j) => ofEach.map((weights) => weights[j]));
}

/** Over θ (1 − θ) = (1 − σ²)/4, which divides it. */
function quotient(polynomial: Polynomial): number[] {
  const result: number[] = [];
  for (let j = 0; j < polynomial.length - 2; j++) result.push(4 * polynomial[j] + (result[j - 2] ?? 0));
  return result;
}

function product(x: Polynomial, y: Polynomial): number[] {
  const result = new Array<number>(x.length + y.length - 1).fill(0);
  x.forEach((a, i) => y.forEach((b, j) => (result[i + j] += a * b)));
  return result;
}

function derivative(x: Polynomial): number[] {
  return x.slice(1).map((a, i) => (i + 1) * a);
}

function value(x: Polynomial, at: number): number {
  return x.reduceRight((sum, a) => sum * at + a, 0);
}

/** By Gauss and Jordan, with pivoting. */
function inverse(matrix: Matrix): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    const pivot = rows.slice(k).reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    rows[k] = rows[k].map((x) => x / rows[k][k]);
    for (let i = 0; i < n; i++) if (i !== k) rows[i] = rows[i].map((x, j) => x - rows[i][k] * rows[k][j]);
  }
  return rows.map((row) => row.slice(n));
}
