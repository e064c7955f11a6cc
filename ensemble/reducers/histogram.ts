/** Histograms. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { isPlainObject } from "../../src/core/array-values.ts";
import { checkOptions, requireKeys, type Check, type Checks } from "../../src/core/options/check.ts";
import { whole } from "../../src/core/options/kinds.ts";
import { requireNumbers } from "../../src/core/options/lists.ts";
import { nearest } from "../../src/core/options/names.ts";
import { BadReducer } from "./errors.ts";
import { making } from "./made.ts";
import type { Reducer } from "./reducer.ts";

type Range = readonly [from: number, to: number];

export interface HistogramOptions {
  /** Bins of equal width between the ends. */
  readonly bins: number;
  /** The ends: of all components, or of each by its name, those that are not named being left out of the counts. */
  readonly between: Range | Readonly<Record<string, Range>>;
}

export interface Histogram {
  /** Ends of the bins, [n, bins + 1], in the units of the state; NaN of a component that no range was given for. */
  readonly edges: NdArray<Float64Array>;
  /** Trajectories in each bin, [K, n, bins]: its lower end is in it, of the last the upper one, too. */
  readonly counts: NdArray<Float64Array>;
  /** Those outside of all bins, [K, n]. */
  readonly below: NdArray<Float64Array>;
  readonly above: NdArray<Float64Array>;
}

const range: Check = (value, what) => {
  requireNumbers(value, what, BadReducer);
  if (value.length === 2 && value[0] < value[1]) return;
  throw new BadReducer(`${what} is [${Array.from(value).join(", ")}], but must be two numbers, the smaller one first.`);
};

const between: Check = (value, what) => {
  if (!isPlainObject(value)) return range(value, what);
  for (const [name, of] of Object.entries(value)) range(of, `${what}.${name}`);
};

const checks: Checks<HistogramOptions> = { bins: whole, between };

/**
 * How many of the trajectories that succeeded are in which bin, of each component at each time.
 *
 * @throws BadOption, UnknownOption, BadReducer for ranges that are none, or of a component that there is not.
 */
export function histogram(options: HistogramOptions): Reducer<Histogram> {
  checkOptions(options, checks, "histogram");
  requireKeys(options, "histogram", "bins", "between");
  const { bins } = options;
  /** Of each component the counts below, within and above. */
  const width = bins + 2;
  return making("histogram", options, {
    /** The number of components, their ranges, and then the counts by time and component. */
    begin({ t, names }) {
      const n = names.length;
      const state = new Float64Array(1 + 2 * n + t.length * n * width);
      state[0] = n;
      rangesOf(options, names).forEach((ends, i) => state.set(ends, 1 + 2 * i));
      return state;
    },
    add(state, u) {
      const n = state[0];
      const counts = 1 + 2 * n;
      for (let cell = 0; cell < u.length; cell++) {
        const [from, to] = [state[1 + 2 * (cell % n)], state[2 + 2 * (cell % n)]];
        const x = u[cell];
        const isCounted = !Number.isNaN(x) && !Number.isNaN(from);
        if (isCounted) state[counts + cell * width + binOf(x, from, to, bins)]++;
      }
    },
    merge(state, other) {
      for (let i = 1 + 2 * state[0]; i < state.length; i++) state[i] += other[i];
    },
    end(state, { t, names }) {
      const [K, n] = [t.length, names.length];
      const at = (cell: number, bin: number): number => state[1 + 2 * n + cell * width + bin];
      const cells = Float64Array.from({ length: K * n }, (_, cell) => cell);
      const edge = (i: number, k: number): number => {
        const [from, to] = [state[1 + 2 * i], state[2 + 2 * i]];
        return from + ((to - from) * k) / bins;
      };
      return {
        edges: ndarray(
          Float64Array.from({ length: n * (bins + 1) }, (_, i) => edge(Math.floor(i / (bins + 1)), i % (bins + 1))),
          [n, bins + 1],
        ),
        counts: ndarray(
          Float64Array.from({ length: K * n * bins }, (_, i) => at(Math.floor(i / bins), 1 + (i % bins))),
          [K, n, bins],
        ),
        below: ndarray(
          cells.map((cell) => at(cell, 0)),
          [K, n],
        ),
        above: ndarray(
          cells.map((cell) => at(cell, bins + 1)),
          [K, n],
        ),
      };
    },
  });
}

/** 0 is below all of them, `bins` + 1 above. */
function binOf(x: number, from: number, to: number, bins: number): number {
  if (x < from) return 0;
  if (x > to) return bins + 1;
  return Math.min(bins, 1 + Math.floor(((x - from) / (to - from)) * bins));
}

/** Of each component. Throws {@link BadReducer}. */
function rangesOf({ between: given }: HistogramOptions, names: readonly string[]): Range[] {
  if (Array.isArray(given)) return names.map(() => given as unknown as Range);
  const byName = given as Readonly<Record<string, Range>>;
  for (const name of Object.keys(byName)) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const advice = near === undefined ? `Components are ${names.join(", ")}.` : `Is "${near}" meant?`;
    throw new BadReducer(`histogram: between has a range of "${name}", which is no component. ${advice}`);
  }
  return names.map((name): Range => (Object.hasOwn(byName, name) ? byName[name] : [NaN, NaN]));
}
