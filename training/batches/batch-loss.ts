/** The misfit of batches, for each observation. */
import { Attempts } from "../objective/attempts.ts";
import { countOf, type Experiment } from "../objective/experiment.ts";
import { Misfit } from "../objective/misfit.ts";
import { Solves, type SolveSettings } from "../objective/solves.ts";
import { projected, type Evaluation } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";

export class BatchLoss {
  /** Of all batches. */
  readonly attempts: Attempts;
  /** Without priors, which every batch would count. */
  private readonly alone: FreeParameters;
  /** Of all experiments: what is known of them holds for every batch. */
  private readonly solves: Solves;
  /** Of all that is trained on. */
  private readonly observations: number;

  constructor(
    private readonly experiments: readonly Experiment[],
    private readonly free: FreeParameters,
    private readonly settings: SolveSettings,
  ) {
    this.attempts = new Attempts(settings.signal);
    this.alone = free.withoutPriors;
    this.solves = new Solves(experiments, this.alone, settings);
    this.observations = countOf(experiments);
  }

  /** Flat initial state and parameters of the first experiment. */
  get first(): Experiment {
    return this.experiments[0];
  }

  /** Of a batch and, as its part of all data, of the priors. */
  async at(x: Float64Array, batch: readonly Experiment[]): Promise<Evaluation> {
    const found = await new Misfit(batch, this.alone, this.settings, this.attempts, this.solves).gradient(x);
    const count = countOf(batch);
    let value = found.value / count;
    const gradient = found.gradient.map((g) => g / count);
    const values = this.free.valuesAt(x);
    for (const { j, residual, slope } of this.free.priorsAt(values, this.free.slopesAt(values))) {
      value += residual ** 2 / 2 / this.observations;
      gradient[j] += (slope * residual) / this.observations;
    }
    return { value, gradient };
  }

  /** The nearest point within the bounds. */
  within(x: Float64Array): Float64Array {
    return projected(x, this.free);
  }
}
