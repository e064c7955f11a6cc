/** `--reduce`: what is kept of the trajectories. */
import type { EnsembleSolution } from "../../ensemble/solve-ensemble.ts";
import { mean } from "../../ensemble/reducers/mean.ts";
import { quantiles } from "../../ensemble/reducers/quantiles.ts";
import type { Reducers } from "../../ensemble/reducers/reducer.ts";
import { variance } from "../../ensemble/reducers/variance.ts";
import type { NdArray } from "../../src/arrays/ndarray.ts";
import { BadOptionValue } from "../messages/errors.ts";

/** Percentages of the quantiles. */
const PERCENTAGES = [5, 25, 50, 75, 95] as const;

export type Percentage = (typeof PERCENTAGES)[number];

/** How each is made, and its columns: what each is called, and its value at a time and of a component. */
const reductions = {
  mean: { make: mean, columns: (of: NdArray) => [{ label: "mean", at: (k: number, c: number) => of.get(k, c) }] },
  variance: { make: variance, columns: (of: NdArray) => [{ label: "variance", at: (k: number, c: number) => of.get(k, c) }] },
  quantiles: {
    make: () => quantiles(PERCENTAGES.map((percent) => percent / 100)),
    columns: (of: NdArray) =>
      PERCENTAGES.map((percent, q) => ({ label: `${percent} %`, at: (k: number, c: number) => of.get(q, k, c) })),
  },
} as const;

/** In which states themselves are kept. */
const STATES = "states";

export type Reduction = keyof typeof reductions;

/** A number at each time and of each component. */
export interface StatisticColumn {
  readonly label: string;
  readonly at: (k: number, c: number) => number;
}

/** "mean,quantiles"; undefined: the states are kept. */
export function reductionsIn(text: string): readonly Reduction[] | undefined {
  if (text === STATES) return undefined;
  const names = text.split(",");
  const known = Object.keys(reductions);
  if (names.every((name) => known.includes(name)) && new Set(names).size === names.length) return names as Reduction[];
  throw new BadOptionValue("--reduce", text, `some of ${known.join(", ")}, each once, or ${STATES} to keep all of them`);
}

export function reducersOf(names: readonly Reduction[]): Reducers {
  return Object.fromEntries(names.map((name) => [name, reductions[name].make()]));
}

export function columnsOf({ reduced }: Pick<EnsembleSolution, "reduced">): StatisticColumn[] {
  return Object.entries(reduced).flatMap(([name, value]) => reductions[name as Reduction].columns(value as NdArray));
}
