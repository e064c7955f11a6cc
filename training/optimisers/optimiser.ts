/** What an optimiser is. Its state is plain data, so that a fit can be saved and taken up again. */

/** What is to be made small, of numbers within bounds. */
export interface Objective {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The value, Infinity where there is none, with the gradient. */
  readonly gradient: (x: Float64Array) => Promise<Evaluation>;
  /** With residuals r and their Jacobian J, a row each, such that the gradient is Jᵀr and the Hessian about JᵀJ. */
  readonly leastSquares: (x: Float64Array) => Promise<LeastSquares>;
}

export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface LeastSquares {
  readonly value: number;
  readonly residuals: Float64Array;
  readonly jacobian: Float64Array;
}

/** Where an optimiser has come. */
export interface Iterate {
  readonly x: Float64Array;
  readonly value: number;
  /** The misfit of held-out data there, for each observation, where there are any. */
  readonly heldOut?: number;
  /** Why it does not go on, in words; absent: it does. */
  readonly finished?: string;
  readonly converged?: boolean;
}

export interface Optimiser<S extends Iterate = Iterate> {
  readonly name: string;
  /** What JSON can hold, and is another where a step is: a checkpoint is gone on from by the same optimiser. */
  readonly settings?: unknown;
  begin(objective: Objective, x: Float64Array): Promise<S>;
  /** One iteration: of the same state and objective it gives the same. */
  step(objective: Objective, state: S): Promise<S>;
}

/** Those that step in loops of one's own are functions. */
export function isOptimiser(value: unknown): value is Optimiser {
  const { begin, step } = Object(value) as Partial<Optimiser>;
  return typeof begin === "function" && typeof step === "function";
}

/** The point nearest to x within the bounds. */
export function projected(x: Float64Array, { lower, upper }: Pick<Objective, "lower" | "upper">): Float64Array {
  return x.map((value, i) => Math.min(upper[i], Math.max(lower[i], value)));
}

/** Which components are at a bound that the gradient pushes them against. */
export function held(x: Float64Array, gradient: Float64Array, { lower, upper }: Pick<Objective, "lower" | "upper">): boolean[] {
  return Array.from(x, (value, i) => (value <= lower[i] && gradient[i] > 0) || (value >= upper[i] && gradient[i] < 0));
}
