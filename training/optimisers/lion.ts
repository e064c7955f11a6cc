/** Lion (X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, algorithm 2): steps along signs. */
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything } from "../../src/core/options/kinds.ts";
import {
  firstOrder,
  firstOrderChecks,
  requireNotNegative,
  requireRates,
  type FirstOrder,
  type FirstOrderOptions,
} from "./first-order.ts";

/** What `lion` takes. */
export interface LionOptions extends FirstOrderOptions {
  /** The part of a parameter that is lost in a step, times the learning rate. Default 0. */
  readonly weightDecay?: number;
}

const checks: Checks<LionOptions> = { ...firstOrderChecks, weightDecay: anything };

/**
 * Lion: every component moves by the learning rate, up or down. A third to a tenth of ADAM's learning rate is usual.
 *
 * @param options - Its learning rate (1e-4 by default), how long it averages, how fast weights decay.
 * @returns An optimiser, as `adam` does.
 * @throws BadTrainingOption, as `adam` does.
 */
export function lion(options: LionOptions = {}): FirstOrder {
  checkOptions(options, checks, "lion");
  const { learningRate = 1e-4, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = options;
  requireRates({ learningRate, beta1, beta2 });
  requireNotNegative("weightDecay", weightDecay, "0.01");
  return firstOrder("lion", { learningRate, beta1, beta2, weightDecay }, ({ parameters, gradient, first: mean, rate }) => {
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i];
      const sign = Math.sign(beta1 * mean[i] + (1 - beta1) * g);
      mean[i] = beta2 * mean[i] + (1 - beta2) * g;
      parameters[i] -= rate * (sign + weightDecay * parameters[i]);
    }
  });
}
