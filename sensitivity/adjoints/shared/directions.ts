/** Directions along which derivatives are carried, and how many at a time. */
import { uniforms } from "../../../src/core/random.ts";
import { sizesOf, stateSizes } from "../../../src/problem/sizes.ts";
import type { GradientTask } from "../../task/task.ts";

/** A change of parameters and initial state; absent is none. */
export interface Direction {
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
}

/** Directions carried at once, at most. */
const LARGEST_CHUNK = 8;

/** Changes of single components, and their lengths: derivatives along them are so many times those by the components. */
export interface ScaledDirections {
  readonly directions: Direction[];
  readonly scales: { readonly p: Float64Array; readonly u0: Float64Array };
}

/**
 * A change of each parameter and of each initial value, in turn, as far as derivatives are asked by them, in proportion to its
 * size, which makes tolerances mean the same for rate constants that span many decades.
 */
export function componentDirections({ wrt, p, u0 }: Pick<GradientTask, "wrt" | "p" | "u0">): ScaledDirections {
  const scales = { p: wrt.p ? sizesOf(p) : NONE, u0: wrt.u0 ? stateSizes(u0) : NONE };
  const along = (kind: "p" | "u0"): Direction[] =>
    Array.from(scales[kind], (size, i) => ofComponent(kind, scales[kind].length, i, size));
  return { scales, directions: [...along("p"), ...along("u0")] };
}

const NONE = new Float64Array();

/** A change of everything that derivatives are asked by, at random but the same in every run, and in proportion to its size. */
export function randomDirection({ wrt, p, u0 }: Pick<GradientTask, "wrt" | "p" | "u0">): Direction {
  const shares = randomShares();
  return {
    p: wrt.p ? sizesOf(p).map(shares(p.length)) : undefined,
    u0: wrt.u0 || wrt.t0 ? stateSizes(u0).map(shares(u0.length)) : undefined,
  };
}

/** Makes, one after the other, the changes of so many values by their sizes. */
export function randomShares(): (count: number) => (size: number, i: number) => number {
  const uniform = uniforms(SEED);
  return (count) => {
    const shares = new Float64Array(count);
    for (let i = 0; i < count; i++) shares[i] = (uniform() < 0.5 ? -1 : 1) * (0.5 + 0.5 * uniform());
    return (size, i) => shares[i] * size;
  };
}

const SEED = 20_011;

/** How many directions are carried at a time, and how many times. */
export function chunking(directions: number): { chunks: number; size: number } {
  const chunks = Math.max(1, Math.ceil(directions / LARGEST_CHUNK));
  return { chunks, size: Math.ceil(directions / chunks) };
}

/** Pieces of even size, at least one. */
export function inChunks(directions: readonly Direction[]): Direction[][] {
  const { chunks, size } = chunking(directions.length);
  return Array.from({ length: chunks }, (_, i) => directions.slice(i * size, (i + 1) * size));
}

/** Made when it is looked at: all of them together would be a square matrix. */
function ofComponent(kind: "p" | "u0", count: number, at: number, size: number): Direction {
  const change = (): Float64Array => {
    const made = new Float64Array(count);
    made[at] = size;
    return made;
  };
  if (kind === "p")
    return {
      get p() {
        return change();
      },
    };
  return {
    get u0() {
      return change();
    },
  };
}

/** What a step may be off by in a derivative of size zero, in that of the state it is one of: such steps are the first. */
export const ZERO_DERIVATIVE_TOLERANCE = 1e-3;
