/** Directions along which derivatives are carried, and how many at a time. */
import { sizesOf } from "../sizes.ts";
import type { Direction } from "./dual-solve.ts";

/** Directions carried at once, at most. */
const LARGEST_CHUNK = 8;

/**
 * A change of each parameter, in turn, in proportion to its size, which makes the absolute tolerance mean the same for rate
 * constants that span many decades. Derivatives along them are `scales` times those by the parameters.
 */
export function parameterDirections(p: Float64Array): { directions: Direction[]; scales: Float64Array } {
  const scales = sizesOf(p);
  return { scales, directions: Array.from(p, (_, j) => ({ p: unit(p.length, j, scales[j]) })) };
}

/** A unit change of each initial value, in turn. */
export function stateDirections(u0: Float64Array): Direction[] {
  return Array.from(u0, (_, i) => ({ u0: unit(u0.length, i, 1) }));
}

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
