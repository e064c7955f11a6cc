/** What many trajectories are reduced to while they are solved. */

/** What is saved of every trajectory: states of n components at K times. */
export interface Saved {
  /** [K] */
  readonly t: Float64Array;
  /** Of the components, n. */
  readonly names: readonly string[];
}

/**
 * Reduces trajectories to a state of fixed length, which says all that is kept of them. Of the same trajectories in another grouping,
 * it should be the same but for rounding.
 */
export interface Reducer<Result = unknown> {
  /** The state of no trajectories. Any length. */
  readonly begin: (saved: Saved) => Float64Array;
  /** Takes a trajectory into the state: `u` is [K, n], row-major, and NaN behind an event that ended it. */
  readonly add: (state: Float64Array, u: Float64Array, trajectory: number) => void;
  /** Takes another state, of later trajectories, into the state. */
  readonly merge: (state: Float64Array, other: Float64Array) => void;
  /** What is asked for, of the state of all. */
  readonly end: (state: Float64Array, saved: Saved) => Result;
}

/** By names of the user's. */
export type Reducers = Readonly<Record<string, Reducer>>;

/** What they give, by the same names. */
export type Reduced<R extends Reducers> = { readonly [Name in keyof R]: R[Name] extends Reducer<infer Result> ? Result : never };
