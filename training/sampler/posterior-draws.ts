/** What `sample` found. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { quantileOf } from "../../src/core/quantile.ts";
import type { Chain } from "./chain.ts";
import type { SeriesNoise } from "../objective/series-noise.ts";
import { effectiveSize, rHat } from "./diagnostics.ts";

/** The draws of one parameter, in numbers. */
export interface Summary {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
  /** Quantiles: of 5, 50 and 95 %. */
  readonly q5: number;
  readonly median: number;
  readonly q95: number;
  /** Near 1 where the chains agree; above 1.01 they have not come to the same yet. */
  readonly rHat: number;
  /** How many independent draws would say as much. */
  readonly effectiveSize: number;
}

/** Above this the chains have not come to the same (Vehtari et al. 2021, section 4). */
const DISAGREE = 1.01;

/** What the numbers of draws are of. */
export interface Drawn {
  readonly parameters: readonly { readonly name: string; readonly of: "p" | "u0" }[];
  /** The names whose standard deviations are fitted, behind the parameters. */
  readonly sigmas: readonly string[];
  readonly noise: Readonly<Record<string, SeriesNoise>>;
}

export class PosteriorDraws {
  /** Parameters as they were named, components of u0 after those of p, and "sigma of …" of each standard deviation that is fitted. */
  readonly names: readonly string[];
  readonly parameters: Drawn["parameters"];
  /** The noise by name, for names whose values all have the same; a standard deviation that is fitted is that of the best fit. */
  readonly noise: Drawn["noise"];
  /** One for each name. */
  readonly summary: readonly Summary[];
  /** Divergent trajectories of all chains after their warm-up. */
  readonly divergences: number;
  /** How often the model was solved with its gradient. */
  readonly evaluations: number;
  /** What is not an error but must be known. */
  readonly warnings: readonly string[];

  constructor(
    drawn: Drawn,
    /** Of each chain the draws, each with one number for each name. */
    private readonly values: readonly (readonly Float64Array[])[],
    chains: readonly Chain[],
  ) {
    const { parameters, sigmas } = drawn;
    this.parameters = parameters;
    this.noise = drawn.noise;
    this.names = [
      ...parameters.map(({ name, of }) => (of === "u0" ? `${name} (initial)` : name)),
      ...sigmas.map((name) => `sigma of ${name}`),
    ];
    this.summary = this.names.map((name, j) =>
      summaryOf(
        name,
        values.map((chain) => Float64Array.from(chain, (draw) => draw[j])),
      ),
    );
    this.divergences = chains.reduce((sum, chain) => sum + chain.divergences, 0);
    this.evaluations = chains.reduce((sum, chain) => sum + chain.evaluations, 0);
    const apart = this.summary.filter((one) => !(one.rHat <= DISAGREE));
    this.warnings = [
      ...(apart.length > 0
        ? [
            `Chains have not come to the same for ${apart.map(({ name }) => name).join(", ")} (rHat above ${DISAGREE}): take more draws and a longer warmup, or look for several modes.`,
          ]
        : []),
      ...(this.divergences > 0
        ? [
            `${this.divergences} trajectories diverged: parts of the posterior are too sharply bent for the steps, and may be missing. Another scale of a parameter may help.`,
          ]
        : []),
    ];
  }

  /** All draws: an ndarray [chains, draws, names]. */
  get draws(): NdArray<Float64Array> {
    const shape = [this.values.length, this.values[0].length, this.names.length];
    return ndarray(Float64Array.from(this.values.flatMap((chain) => chain.flatMap((draw) => [...draw]))), shape);
  }

  toString(): string {
    const header = ["", "mean", "deviation", "5 %", "median", "95 %", "rHat", "effective"];
    const rows = this.summary.map(({ name, mean, deviation, q5, median, q95, rHat: r, effectiveSize: size }) => [
      name,
      ...[mean, deviation, q5, median, q95].map((x) => x.toPrecision(4)),
      Number.isNaN(r) ? "unknown" : r.toFixed(3),
      size.toFixed(0),
    ]);
    const widths = header.map((_, c) => Math.max(...[header, ...rows].map((row) => row[c].length)));
    const line = (row: readonly string[]): string =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join("  ");
    return [...[header, ...rows].map(line), ...this.warnings].join("\n");
  }
}

function summaryOf(name: string, chains: readonly Float64Array[]): Summary {
  const all = Float64Array.from(chains.flatMap((chain) => [...chain])).sort();
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1);
  return {
    name,
    mean,
    deviation: Math.sqrt(variance),
    q5: quantileOf(all, 0.05),
    median: quantileOf(all, 0.5),
    q95: quantileOf(all, 0.95),
    rHat: rHat(chains),
    effectiveSize: effectiveSize(chains),
  };
}
