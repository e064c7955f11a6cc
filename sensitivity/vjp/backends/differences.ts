/**
 * Finite differences of functions of flat arrays: central ones (error h²), and where a function is not finite on one side (a
 * root at zero), one-sided ones of the same order. Steps balance truncation and rounding (Press, Teukolsky, Vetterling,
 * Flannery 2007, "Numerical Recipes", 5.7): about ε^(1/3) of the number that is moved.
 */

/** A function that writes f(x) to `out`. */
export type FlatFunction = (out: Float64Array, x: Float64Array) => void;

/** A difference formula: the distances of its nodes, in steps, and their weights. */
interface Scheme {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

const CENTRAL: Scheme = { nodes: [-1, 1], weights: [-0.5, 0.5] };
const FORWARD: Scheme = { nodes: [0, 1, 2], weights: [-1.5, 2, -0.5] };
const BACKWARD: Scheme = { nodes: [0, -1, -2], weights: [1.5, -2, 0.5] };

const STEP = Math.cbrt(Number.EPSILON);

/** The step for each number of x, relative to itself, but to no less than `floor` times the largest; 0 counts as the largest. */
export function stepsFor(x: Float64Array, floor: number): Float64Array {
  const largest = x.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  return x.map((value) => STEP * (value === 0 ? largest : Math.max(Math.abs(value), floor * largest)));
}

/** A derivative along a direction, and what it may be wrong by, with an entry for each component of f. */
export interface Slope {
  readonly value: Float64Array;
  /** An estimate from a second difference of twice the step, and from rounding. */
  readonly error: Float64Array;
}

/** Finite differences of one function with m components. Work arrays are kept, results are overwritten by the next call. */
export class Differences {
  private readonly moved: Float64Array;
  private readonly at: Float64Array;
  private readonly value: Float64Array;

  constructor(
    private readonly f: FlatFunction,
    n: number,
    m: number,
  ) {
    this.moved = new Float64Array(n);
    this.at = new Float64Array(m);
    this.value = new Float64Array(m);
  }

  /** The derivative along `direction`, by steps of length h in it. */
  along(x: Float64Array, direction: Float64Array, h: number): Float64Array {
    for (const scheme of [CENTRAL, FORWARD, BACKWARD]) {
      if (this.differ(scheme, x, direction, h).every(Number.isFinite)) return this.value;
    }
    return this.differ(CENTRAL, x, direction, h);
  }

  /** The same with an estimate of its error, at twice the cost. */
  withError(x: Float64Array, direction: Float64Array, h: number): Slope {
    const wide = this.along(x, direction, 2 * h).slice();
    const value = this.along(x, direction, h).slice();
    this.f(this.at, x);
    // Errors of order h² are a quarter at half the step; rounding of f, and of what f is computed from, is felt through 1/h.
    const error = value.map((slope, i) => Math.abs(wide[i] - slope) / 3 + (8 * Number.EPSILON * Math.abs(this.at[i])) / h);
    return { value, error };
  }

  private differ({ nodes, weights }: Scheme, x: Float64Array, direction: Float64Array, h: number): Float64Array {
    this.value.fill(0);
    nodes.forEach((node, k) => {
      for (let j = 0; j < x.length; j++) this.moved[j] = x[j] + node * h * direction[j];
      this.f(this.at, this.moved);
      for (let i = 0; i < this.at.length; i++) this.value[i] += (weights[k] / h) * this.at[i];
    });
    return this.value;
  }
}
