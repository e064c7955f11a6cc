/**
 * Standard deviations of a population by maximum likelihood, of the model that is linear about the individuals' modes (M. J. Lindstrom, D. M.
 * Bates, Biometrics 46, 1990, section 4): by expectation and maximisation (N. M. Laird, J. H. Ware, Biometrics 38, 1982, section 4), which
 * solves no differential equation.
 */
import { backSubstitute } from "../optimisers/householder.ts";
import { arrowStep, type ArrowStep, type Block } from "./arrow.ts";
import { moved } from "./modes.ts";
import { offOf, type Place, type Population, type PopulationPoint, type Spread } from "./population.ts";

/** Which standard deviations of individuals are given, and the least that there is any use in. */
export interface SpreadOptions {
  readonly isGiven: readonly boolean[];
  readonly least: Float64Array;
}

const MOST = 500;
/** A relative change of all standard deviations that ends it. */
const ENOUGH = 1e-9;
/** Of logarithms: extrapolation goes no farther. */
const FARTHEST = 2;

interface Found {
  readonly spread: Spread;
  /** The place of the linear model that goes with the standard deviations before. */
  readonly place: Place;
}

/**
 * The standard deviations, and the place of the linear model. What comes nearer slowly, as a spread that vanishes does, is extrapolated from two
 * steps (R. Varadhan, C. Roland, Scand. J. Stat. 35, 2008, scheme S3, of logarithms).
 */
export function spreadOf(population: Population, point: PopulationPoint, start: Spread, options: SpreadOptions): Found {
  const maximise = (spread: Spread): Found => {
    const blocks = scaledBlocks(population, point, start, spread);
    const step = arrowStep(blocks, population.sizes, spread.own, point.priors);
    const place = moved(point.place, step);
    return { spread: maximised(population, { blocks, step, place }, spread, options), place };
  };
  let found = { spread: start, place: point.place };
  for (let iteration = 0; iteration < MOST; iteration++) {
    const first = maximise(found.spread);
    const second = maximise(first.spread);
    const logs = [found, first, second].map(({ spread }) => logarithms(spread));
    if (logs[2].every((x, j) => Math.abs(x - logs[1][j]) <= ENOUGH)) return second;
    const changes = logs[1].map((x, j) => x - logs[0][j]);
    const bends = logs[2].map((x, j) => x - logs[1][j] - changes[j]);
    const length = Math.max(1, Math.hypot(...changes) / (Math.hypot(...bends) || Infinity));
    const farther = logs[0].map((x, j) => {
      const by = 2 * length * changes[j] + length ** 2 * bends[j];
      return Math.exp(x + Math.max(-FARTHEST, Math.min(FARTHEST, by)));
    });
    found = { ...second, spread: withNumbers(second.spread, farther, options) };
  }
  return found;
}

function logarithms({ own, sigma }: Spread): number[] {
  return [...own, ...Object.values(sigma)].map(Math.log);
}

function withNumbers({ own, sigma }: Spread, numbers: readonly number[], { isGiven, least }: SpreadOptions): Spread {
  return {
    own: own.map((w, c) => (isGiven[c] ? w : Math.max(least[c], numbers[c]))),
    sigma: Object.fromEntries(Object.keys(sigma).map((name, i) => [name, numbers[own.length + i]])),
  };
}

/** Residuals and Jacobians, in units of other standard deviations of the noise than they were computed with. */
function scaledBlocks({ individuals }: Population, { place, parts }: PopulationPoint, from: Spread, to: Spread): Block[] {
  return parts.map(({ residuals, jacobian }, i) => {
    const factors = individuals[i].fitted.map((name) => (name === undefined ? 1 : from.sigma[name] / to.sigma[name]));
    const k = jacobian.length / residuals.length;
    return {
      residuals: residuals.map((r, row) => r * factors[row]),
      jacobian: jacobian.map((x, at) => x * factors[Math.floor(at / k)]),
      off: offOf(place, i),
    };
  });
}

function maximised(
  { individuals, sizes }: Population,
  { blocks, step, place }: { readonly blocks: readonly Block[]; readonly step: ArrowStep; readonly place: Place },
  spread: Spread,
  options: SpreadOptions,
): Spread {
  const { shared, own } = sizes;
  const k = shared + own;
  const squares = new Float64Array(own);
  const noise = new Map(Object.keys(spread.sigma).map((name) => [name, { square: 0, count: 0 }]));
  blocks.forEach(({ residuals, jacobian }, i) => {
    const roots = inverse(step.factors[i], own);
    offOf(place, i).forEach((off, c) => (squares[c] += off ** 2 + rowSquare(roots, c, own)));
    const by = [...step.shared, ...step.own[i]];
    individuals[i].fitted.forEach((name, row) => {
      const sum = name === undefined ? undefined : noise.get(name);
      if (!sum) return;
      const gradient = jacobian.subarray(row * k, (row + 1) * k);
      const residual = by.reduce((total, x, j) => total + gradient[j] * x, residuals[row]);
      sum.square += residual ** 2 + squareThrough(roots, gradient.subarray(shared), own);
      sum.count++;
    });
  });
  const numbers = [
    ...squares.map((square) => Math.sqrt(square / blocks.length)),
    ...[...noise].map(([name, { square, count }]) => spread.sigma[name] * Math.sqrt(square / count)),
  ];
  return withNumbers(spread, numbers, options);
}

/** The negative logarithm of the likelihood of the data with the individuals integrated out, by Laplace's approximation with JᵀJ. */
export function marginal({ sizes }: Population, point: PopulationPoint, spread: Spread, step: ArrowStep): number {
  const logs = spread.own.reduce((sum, w) => sum + Math.log(w), 0);
  return step.factors.reduce((sum, factor) => {
    for (let c = 0; c < sizes.own; c++) sum += Math.log(Math.abs(factor[c * sizes.own + c]));
    return sum + logs;
  }, point.value);
}

/** R⁻¹, row-major: the covariance of an individual is R⁻¹ R⁻ᵀ. */
function inverse(factor: Float64Array, n: number): Float64Array {
  const whole = new Float64Array(n * n);
  for (let c = 0; c < n; c++) {
    const unit = new Float64Array(n);
    unit[c] = 1;
    backSubstitute(factor, unit).forEach((x, row) => (whole[row * n + c] = x));
  }
  return whole;
}

function rowSquare(matrix: Float64Array, row: number, n: number): number {
  return matrix.subarray(row * n, (row + 1) * n).reduce((sum, x) => sum + x ** 2, 0);
}

/** |bᵀ R⁻¹|². */
function squareThrough(roots: Float64Array, b: Float64Array, n: number): number {
  let sum = 0;
  for (let c = 0; c < n; c++) sum += b.reduce((total, x, row) => total + x * roots[row * n + c], 0) ** 2;
  return sum;
}
