/** What the trajectories of an ensemble have in common, and how they differ: plain data, which any process can draw its part of. */
import type { Shaped } from "../../src/arrays/pack.ts";
import type { DistributionName } from "./distributions.ts";
import type { Distribution } from "./distributions.ts";

/** Flat, of all trajectories that say nothing else. */
export interface Base {
  /** Absent where the problem's own is a function of p. */
  readonly u0?: Float64Array;
  readonly p: Float64Array;
  readonly tspan: readonly [number, number];
}

/** A component whose value is drawn. */
export interface Draw {
  readonly of: "u0" | "p";
  /** Its flat index there. */
  readonly at: number;
  readonly distribution: DistributionName;
  readonly numbers: readonly [number, number];
}

export interface Members {
  readonly trajectories: number;
  readonly base: Base;
  readonly seed: number;
  readonly draws: readonly Draw[];
}

/** Some of the components by name, the others as they are; of arrays all. */
export type Partially<T> = T extends number | ArrayLike<number> ? T | Shaped<T> : { readonly [K in keyof T]?: Partially<T[K]> };

/** What is of one trajectory its own; all else it shares. */
export interface Member<U, P> {
  readonly u0?: Partially<U> | Shaped<U>;
  readonly p?: Partially<P> | Shaped<P>;
  readonly tspan?: readonly [number, number];
}

/** A function of the trajectory's index, or distributions by the components' names: { "p.a": { uniform: [1, 2] } }. */
export type Vary<U, P> = ((trajectory: number) => Member<U, P>) | Readonly<Record<string, Distribution>>;

/** Rows of some trajectories, one after the other, of whichever they do not share. */
export interface MemberRows {
  readonly u0?: Float64Array;
  readonly p?: Float64Array;
  /** [count, 2] */
  readonly tspan?: Float64Array;
}
