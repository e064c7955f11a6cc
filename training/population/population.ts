/** A population as a misfit: individuals, what they share, and where they are. */
import { Misfit } from "../objective/misfit.ts";
import type { SolveSettings } from "../objective/solves.ts";
import type { Attempts } from "../objective/attempts.ts";
import type { Experiment } from "../objective/experiment.ts";
import type { LeastSquares } from "../optimisers/optimiser.ts";
import { FreeParameters } from "../parameters/free.ts";
import type { Block, Rows, Sizes } from "./arrow.ts";

/** Numbers on their scales. */
export interface Place {
  readonly shared: Float64Array;
  readonly typical: Float64Array;
  /** Of each individual. */
  readonly own: readonly Float64Array[];
}

/** Standard deviations: of individuals about the typical numbers, and of the noise by name, where it is fitted. */
export interface Spread {
  readonly own: Float64Array;
  readonly sigma: Readonly<Record<string, number>>;
}

export interface Individual {
  readonly experiments: readonly Experiment[];
  readonly misfit: Misfit;
  /** Of each residual the name whose standard deviation is fitted. */
  readonly fitted: readonly (string | undefined)[];
}

/** The misfit of all with derivatives, at a place. */
export interface PopulationPoint {
  readonly place: Place;
  /** Of data, individuals about what is typical, and priors. */
  readonly value: number;
  readonly parts: readonly LeastSquares[];
  readonly priors: Rows;
}

export class Population {
  readonly individuals: readonly Individual[];
  readonly sizes: Sizes;

  constructor(
    subjects: readonly (readonly Experiment[])[],
    readonly shared: FreeParameters,
    readonly own: FreeParameters,
    settings: SolveSettings,
    readonly attempts: Attempts,
  ) {
    // Priors are of what is shared and typical, not of each individual.
    const all = new FreeParameters([...shared.list, ...own.list].map((one) => ({ ...one, prior: undefined })));
    this.individuals = subjects.map((experiments) => ({
      experiments,
      misfit: new Misfit(experiments, all, settings, attempts),
      fitted: experiments.flatMap(({ series }) =>
        series.flatMap(({ name, sigma, values }) => Array.from(values, () => (sigma === "fitted" ? name : undefined))),
      ),
    }));
    this.sizes = { shared: shared.list.length, own: own.list.length };
  }

  /** What an individual's misfit is of. */
  static numbersOf({ shared, own }: Place, i: number): Float64Array {
    return Float64Array.of(...shared, ...own[i]);
  }

  /** The value is Infinity where that of an individual is; `stopped` says whose. */
  async at(place: Place, { own: spread, sigma }: Spread): Promise<PopulationPoint & { readonly stopped?: number }> {
    const priors = this.priorsAt(place);
    const parts: LeastSquares[] = [];
    let value = priors.residuals.reduce((sum, r) => sum + r ** 2 / 2, 0);
    for (const [i, { misfit }] of this.individuals.entries()) {
      const part = await misfit.leastSquares(Population.numbersOf(place, i), sigma);
      parts.push(part);
      value += part.value;
      if (value === Infinity) return { place, value, parts, priors, stopped: i };
      offOf(place, i).forEach((off, c) => (value += (off / spread[c]) ** 2 / 2));
    }
    return { place, value, parts, priors };
  }

  private priorsAt({ shared, typical }: Place): Rows {
    const [k, first] = [shared.length + typical.length, shared.length];
    const of = (free: FreeParameters, x: Float64Array): ReturnType<FreeParameters["priorsAt"]> => {
      const values = free.valuesAt(x);
      return free.priorsAt(values, free.slopesAt(values));
    };
    const all = [...of(this.shared, shared), ...of(this.own, typical).map(({ j, ...rest }) => ({ ...rest, j: first + j }))];
    const jacobian = new Float64Array(all.length * k);
    all.forEach(({ j, slope }, i) => (jacobian[i * k + j] = slope));
    return { residuals: Float64Array.from(all, ({ residual }) => residual), jacobian };
  }
}

/** How far an individual is from what is typical. */
export function offOf({ own, typical }: Place, i: number): Float64Array {
  return own[i].map((x, c) => x - typical[c]);
}

export function blocksOf({ place, parts }: Pick<PopulationPoint, "place" | "parts">): Block[] {
  return parts.map(({ residuals, jacobian }, i) => ({ residuals, jacobian, off: offOf(place, i) }));
}
