/** The directions along which derivatives are carried, and how many at a time. */
import { ownLayout } from "../../../src/arrays/layout.ts";
import { uniforms } from "../../../src/core/random.ts";
import { sizesOf, stateSizes } from "../../../src/problem/sizes.ts";
import type { GradientTask } from "../../task/task.ts";

/** A change of parameters and initial state. What is absent does not change. */
export interface Direction {
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
}

/** The largest number of directions carried at once. */
const LARGEST_CHUNK = 8;

/** Changes of single components, with their lengths: derivatives along them are so many times those by the components. */
export interface ScaledDirections {
  readonly directions: Direction[];
  readonly scales: { readonly p: Float64Array; readonly u0: Float64Array };
}

/**
 * A change of each parameter and of each initial value that derivatives are asked by. Changes are in proportion to the sizes of what
 * they change, which makes tolerances mean the same for rate constants that span many decades.
 */
export function componentDirections({ wrt, p, u0, code }: Pick<GradientTask, "wrt" | "p" | "u0" | "code">): ScaledDirections {
  // Derivatives of components follow from these; parameters that events change are by themselves.
  const own = code.isResidual ? u0.subarray(0, ownLayout(code.layout.u).size) : u0;
  const scales = { p: wrt.p ? sizesOf(p) : NONE, u0: wrt.u0 ? stateSizes(own) : NONE };
  const lengths = { p: p.length, u0: u0.length };
  const along = (kind: "p" | "u0"): Direction[] =>
    Array.from(scales[kind], (size, i) => unitDirection(kind, lengths[kind], i, size));
  return { scales, directions: [...along("p"), ...along("u0")] };
}

const NONE = new Float64Array();

/** A random change, the same in every run, of all that derivatives are asked by, in proportion to its size. */
export function randomDirection({ wrt, p, u0 }: Pick<GradientTask, "wrt" | "p" | "u0">): Direction {
  const shares = randomShares();
  return {
    p: wrt.p ? sizesOf(p).map(shares(p.length)) : undefined,
    u0: wrt.u0 || wrt.t0 ? stateSizes(u0).map(shares(u0.length)) : undefined,
  };
}

/** Makes functions that give random changes of so many values from their sizes. */
export function randomShares(): (count: number) => (size: number, i: number) => number {
  const uniform = uniforms(SEED);
  return (count) => {
    const shares = new Float64Array(count);
    for (let i = 0; i < count; i++) shares[i] = (uniform() < 0.5 ? -1 : 1) * (0.5 + 0.5 * uniform());
    return (size, i) => shares[i] * size;
  };
}

const SEED = 20_011;

/** The number of directions that are carried at a time, and the number of chunks that they make. */
export function chunking(directions: number): { chunks: number; size: number } {
  const chunks = Math.max(1, Math.ceil(directions / LARGEST_CHUNK));
  return { chunks, size: Math.ceil(directions / chunks) };
}

/** The directions in chunks of even size, at least one. */
export function inChunks(directions: readonly Direction[]): Direction[][] {
  const { chunks, size } = chunking(directions.length);
  return Array.from({ length: chunks }, (_, i) => directions.slice(i * size, (i + 1) * size));
}

/** A change of one component. Its array is made when it is read: all of them together would be a square matrix. */
function unitDirection(kind: "p" | "u0", count: number, at: number, size: number): Direction {
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

/** The tolerance of a derivative whose size is still zero, over the absolute tolerance of the state: it holds for the first steps. */
export const ZERO_DERIVATIVE_TOLERANCE = 1e-3;
