/**
 * The profile of a parameter: the lowest misfit for each of its values, followed from the best fit outwards (A. Raue et al., Bioinformatics 25,
 * 2009, section 2.2). It is measured by the root r of twice the misfit above the lowest, which is a straight line where the misfit is a
 * parabola (D. M. Bates, D. G. Watts, Nonlinear Regression Analysis and Its Applications, 1988, section 6.1.2), and ends where r is the
 * quantile of the normal distribution.
 */
import { minimise, optimiserFor } from "../optimisers/minimise.ts";
import { projected, type Objective } from "../optimisers/optimiser.ts";
import { pinned, withPinned, without } from "./pinned.ts";

/** A point of the path: on the scale of the fit. */
export interface Place {
  readonly x: Float64Array;
  readonly value: number;
  readonly root: number;
}

/** Why a path ended: r came to its limit; the parameter to its bound; neither, as far as was looked; the model cannot be solved farther. */
export type PathEnd = "threshold" | "bound" | "open" | "failed";

export interface Path {
  /** Outwards. */
  readonly places: readonly Place[];
  readonly end: PathEnd;
  /** Where the parameter has the limit, its bound, or the last place that was looked at. */
  readonly last: number;
}

export interface PathOptions {
  /** The parameter, and whether it grows. */
  readonly j: number;
  readonly direction: 1 | -1;
  /** Of r. */
  readonly limit: number;
  /** The length of the first step, on the scale of the fit. */
  readonly step: number;
  /** The last place that is looked at, its bound among them. */
  readonly far: { readonly x: number; readonly isBound: boolean };
}

/** What a step is to add to r, and what is too much. */
const [WANTED, TOO_MUCH] = [0.5, 1];
/** Steps, and halvings of one, at most. */
const [STEPS, HALVINGS] = [60, 10];
/** Of the limit: so near to it the end is found. */
const NEAR = 1e-5;
/** Iterations of a refit at most: each begins near its end. */
const ITERATIONS = 200;

/** One side of a profile, from the best fit. */
export class ProfilePath {
  constructor(
    private readonly objective: Objective,
    private readonly best: Place,
    private readonly options: PathOptions,
  ) {}

  async follow(): Promise<Path> {
    const { j, direction, limit, far } = this.options;
    const places: Place[] = [];
    let [before, last, step] = [this.best, this.best, this.options.step];
    let halvings = 0;
    while (places.length < STEPS && direction * (far.x - last.x[j]) > 0) {
      const to = direction * Math.min(direction * (last.x[j] + direction * step), direction * far.x);
      const next = await this.refitted(to, before, last);
      const isTooFar = !next || next.root - last.root > TOO_MUCH;
      if (isTooFar && halvings < HALVINGS) {
        step = Math.abs(to - last.x[j]) / 2;
        halvings++;
        continue;
      }
      if (!next) return { places, end: "failed", last: last.x[j] };
      halvings = 0;
      places.push(next);
      if (next.root >= limit) return this.between(last, next, places);
      const length = Math.abs(next.x[j] - last.x[j]);
      const rise = next.root - last.root;
      step = length * (rise > 0 ? Math.min(2, WANTED / rise) : 2);
      [before, last] = [last, next];
    }
    const isAtEnd = direction * (far.x - last.x[j]) <= 0;
    return { places, end: isAtEnd && far.isBound ? "bound" : "open", last: last.x[j] };
  }

  /** Where r is at its limit, between two places. */
  private async between(inner: Place, outer: Place, places: Place[]): Promise<Path> {
    const { j, limit } = this.options;
    let [a, b] = [inner, outer];
    for (let trial = 0; trial < HALVINGS; trial++) {
      const part = (limit - a.root) / (b.root - a.root);
      const to = a.x[j] + part * (b.x[j] - a.x[j]);
      const next = await this.refitted(to, a, b);
      if (!next) break;
      places.push(next);
      if (Math.abs(next.root - limit) <= NEAR * limit) return { places, end: "threshold", last: to };
      if (next.root < limit) a = next;
      else b = next;
    }
    const part = (limit - a.root) / (b.root - a.root);
    return { places, end: "threshold", last: a.x[j] + part * (b.x[j] - a.x[j]) };
  }

  /** The lowest misfit with the parameter at a value; the others begin on the line through two places. Undefined: there is none. */
  private async refitted(to: number, a: Place, b: Place): Promise<Place | undefined> {
    const { j } = this.options;
    const others = pinned(this.objective, j, to);
    const part = a === b ? 0 : (to - b.x[j]) / (b.x[j] - a.x[j]);
    const along = b.x.map((x, i) => x + part * (x - a.x[i]));
    for (const from of part === 0 ? [b.x] : [along, b.x]) {
      const found = await lowest(others, projected(without(from, j), others));
      if (!found) continue;
      const root = Math.sqrt(Math.max(0, 2 * (found.value - this.best.value)));
      return { x: withPinned(found.x, j, to), value: found.value, root };
    }
    return undefined;
  }
}

async function lowest(
  objective: Objective,
  start: Float64Array,
): Promise<{ readonly x: Float64Array; readonly value: number } | undefined> {
  if (start.length === 0) {
    const { value } = await objective.leastSquares(start);
    return value === Infinity ? undefined : { x: start, value };
  }
  const { optimiser } = optimiserFor(start.length);
  const first = await optimiser.begin(objective, start);
  if (first.value === Infinity) return undefined;
  const { state } = await minimise(objective, first, { optimiser, maxIterations: ITERATIONS });
  return state;
}
