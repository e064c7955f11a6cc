/** `--reduce`: what is kept of the trajectories. */
import type { EnsembleSolution } from "../../ensemble/solve-ensemble.ts";
import { histogram, type Histogram } from "../../ensemble/reducers/histogram.ts";
import { mean } from "../../ensemble/reducers/mean.ts";
import { quantiles } from "../../ensemble/reducers/quantiles.ts";
import type { Reducer, Reducers } from "../../ensemble/reducers/reducer.ts";
import { variance } from "../../ensemble/reducers/variance.ts";
import { formatNumber } from "../../plot/numbers.ts";
import type { NdArray } from "../../src/arrays/ndarray.ts";
import { BadOptionValue, OptionsDisagree } from "../messages/errors.ts";
import type { GivenBins } from "./bins.ts";

/** Percentages of the quantiles. */
const PERCENTAGES = [5, 25, 50, 75, 95] as const;

export type Percentage = (typeof PERCENTAGES)[number];

/** A number at each time and of each component. */
export interface StatisticColumn {
  readonly label: string;
  readonly at: (k: number, c: number) => number;
}

/** How it is made, and its columns. */
interface ReductionRow<Result> {
  readonly make: (bins: GivenBins) => Reducer<Result>;
  readonly columns: (of: Result) => StatisticColumn[];
}

const ofMean: ReductionRow<NdArray> = {
  make: mean,
  columns: (of) => [{ label: "mean", at: (k, c) => of.get(k, c) }],
};
const ofVariance: ReductionRow<NdArray> = {
  make: variance,
  columns: (of) => [{ label: "variance", at: (k, c) => of.get(k, c) }],
};
const ofQuantiles: ReductionRow<NdArray> = {
  make: () => quantiles(PERCENTAGES.map((percent) => percent / 100)),
  columns: (of) => PERCENTAGES.map((percent, q) => ({ label: `${percent} %`, at: (k, c) => of.get(q, k, c) })),
};
/** Of a histogram, where none are asked for. */
const BINS = 20;

const ofHistogram: ReductionRow<Histogram> = {
  make({ bins = BINS, between }) {
    if (between === undefined)
      throw new OptionsDisagree("--reduce histogram needs the ends of its bins: --between 0,10, or --between prey=0,10 of each.");
    return histogram({ bins, between });
  },
  columns({ edges, counts, below, above }) {
    const [n, ends] = edges.shape;
    const isShared = Array.from({ length: n * ends }, (_, i) => edges.data[i] === edges.data[i % ends]).every(Boolean);
    const labelOf = (bin: number): string =>
      isShared ? `${formatNumber(edges.get(0, bin))} to ${formatNumber(edges.get(0, bin + 1))}` : `bin ${bin + 1}`;
    return [
      { label: "below", at: (k, c) => below.get(k, c) },
      ...Array.from({ length: ends - 1 }, (_, bin) => ({
        label: labelOf(bin),
        at: (k: number, c: number) => counts.get(k, c, bin),
      })),
      { label: "above", at: (k, c) => above.get(k, c) },
    ];
  },
};

const reductions = { mean: ofMean, variance: ofVariance, quantiles: ofQuantiles, histogram: ofHistogram } as const;

/** In which states themselves are kept. */
const STATES = "states";

export type Reduction = keyof typeof reductions;

/** "mean,quantiles"; undefined: the states are kept. */
export function reductionsIn(text: string): readonly Reduction[] | undefined {
  if (text === STATES) return undefined;
  const names = text.split(",");
  const known = Object.keys(reductions);
  if (names.every((name) => known.includes(name)) && new Set(names).size === names.length) return names as Reduction[];
  throw new BadOptionValue("--reduce", text, `some of ${known.join(", ")}, each once, or ${STATES} to keep all of them`);
}

/** Throws {@link OptionsDisagree} for a histogram without ends, or ends without a histogram. */
export function reducersOf(names: readonly Reduction[], bins: GivenBins): Reducers {
  for (const option of ["between", "bins"] as const)
    if (bins[option] !== undefined && !names.includes("histogram"))
      throw new OptionsDisagree(`--${option} is of --reduce histogram alone. Add it to --reduce, or leave --${option} out.`);
  return Object.fromEntries(names.map((name) => [name, reductions[name].make(bins)]));
}

/** But for `left`. */
export function columnsOf({ reduced }: Pick<EnsembleSolution, "reduced">, left?: Reduction): StatisticColumn[] {
  return Object.entries(reduced).flatMap(([name, value]) =>
    name === left ? [] : (reductions[name as Reduction] as ReductionRow<unknown>).columns(value),
  );
}

export function histogramOf({ reduced }: Pick<EnsembleSolution, "reduced">): Histogram | undefined {
  return (reduced as { readonly histogram?: Histogram }).histogram;
}
