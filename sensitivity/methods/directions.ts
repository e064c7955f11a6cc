/** Directions along which derivatives are carried, and how many at a time. */
import { uniforms } from "../../src/random.ts";
import { sizesOf, stateSizes } from "../sizes.ts";
import type { Direction } from "./dual-solve.ts";
import type { GradientTask } from "./method.ts";

/** Directions carried at once, at most. */
const LARGEST_CHUNK = 8;

/** Directions, and the lengths of the changes that they are: derivatives along them are so many times those by the components. */
export interface ScaledDirections {
  readonly directions: Direction[];
  readonly scales: Float64Array;
}

/**
 * A change of each parameter, in turn, in proportion to its size, which makes tolerances mean the same for rate constants that
 * span many decades.
 */
export function parameterDirections(p: Float64Array): ScaledDirections {
  const scales = sizesOf(p);
  return { scales, directions: Array.from(p, (_, j) => ({ p: unit(p.length, j, scales[j]) })) };
}

/** A change of each initial value, in turn, likewise. */
export function stateDirections(u0: Float64Array): ScaledDirections {
  const scales = stateSizes(u0);
  return { scales, directions: Array.from(u0, (_, i) => ({ u0: unit(u0.length, i, scales[i]) })) };
}

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
    const shares = Float64Array.from({ length: count }, () => (uniform() < 0.5 ? -1 : 1) * (0.5 + 0.5 * uniform()));
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

function unit(size: number, at: number, length: number): Float64Array {
  const direction = new Float64Array(size);
  direction[at] = length;
  return direction;
}
