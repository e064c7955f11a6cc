/** How data that are held out are met. */
import { dataOf } from "../checkpoints/identity.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Observations } from "../data/observations.ts";
import { Attempts } from "../objective/attempts.ts";
import { countOf, experimentsOf, type Experiment } from "../objective/experiment.ts";
import { Misfit } from "../objective/misfit.ts";
import type { SolveSettings } from "../objective/solves.ts";
import { requireOneValue, type Model, type ModelOptions } from "../objective/model.ts";
import type { FreeParameters } from "../parameters/free.ts";

/** The misfit without derivatives, and without priors. */
export class HeldOutMisfit {
  private readonly misfit: Misfit;
  private readonly attempts: Attempts;
  private readonly count: number;

  constructor(
    private readonly experiments: readonly Experiment[],
    free: FreeParameters,
    settings: SolveSettings,
  ) {
    this.misfit = new Misfit(experiments, free.withoutPriors, settings);
    this.attempts = new Attempts(settings.signal);
    this.count = countOf(experiments);
  }

  /** What it is of, in words. */
  get data(): string {
    return dataOf(this.experiments);
  }

  /** For each observation; Infinity where the model cannot be solved. Standard deviations that are fitted are those of these data. */
  at = async (x: Float64Array): Promise<number> => {
    const { value } = await this.attempts.at({ value: Infinity }, () => ({ value: this.misfit.compared(x).value }));
    return value / this.count;
  };
}

/** Of data that `verb` holds out, if any. Throws BadData, and BadParameter where they have values of their own of what is fitted. */
export function heldOutMisfit(
  verb: string,
  problem: OdeProblem,
  { heldOut, solver, rtol, atol, maxSteps, signal }: ModelOptions & { readonly heldOut?: Observations | readonly Observations[] },
  { free, experiments }: Pick<Model, "free" | "experiments">,
): HeldOutMisfit | undefined {
  if (heldOut === undefined) return undefined;
  const others = experimentsOf(`${verb}: heldOut`, problem, heldOut);
  requireOneValue(`${verb}: heldOut`, free.list, [experiments[0], ...others], (k) =>
    k === 0 ? "the fitted data" : `heldOut[${k - 1}]`,
  );
  return new HeldOutMisfit(others, free, { solver, rtol, atol, maxSteps, signal });
}
