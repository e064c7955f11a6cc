/**
 * ADAM (D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1): steps along averaged gradients, each
 * component scaled by its own averaged size; and AdamW, whose parameters decay beside that (I. Loshchilov, F. Hutter, Decoupled weight
 * decay regularization, ICLR 2019, algorithm 2).
 */
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

/** What `adam` takes. */
export interface AdamOptions extends FirstOrderOptions {
  /** Added to the root of the averaged squares, so that components without gradient stay. Default 1e-8. */
  readonly epsilon?: number;
}

/** What `adamW` takes. */
export interface AdamWOptions extends AdamOptions {
  /** The part of a parameter that is lost in a step, times the learning rate. Default 0.01. */
  readonly weightDecay?: number;
}

const adamChecks: Checks<AdamOptions> = { ...firstOrderChecks, epsilon: anything };
const adamWChecks: Checks<AdamWOptions> = { ...adamChecks, weightDecay: anything };

/**
 * ADAM, for losses of many parameters, or whose gradients are noisy.
 *
 * @param options - Its learning rate, how long it averages.
 * @returns An optimiser for `fit`, which also steps in loops of one's own: `step(parameters, gradient)` moves a Float64Array in place,
 * and gives parameters of any other shape anew; then it has averages of its own, all zero before its first step.
 * @throws BadTrainingOption where an option is out of its range; so does a step whose gradient is not finite, or has another length than
 * its parameters. Of parameters with names UnknownComponent and WrongLength for a gradient of another shape.
 */
export function adam(options: AdamOptions = {}): FirstOrder {
  checkOptions(options, adamChecks, "adam");
  return decaying("adam", options, 0);
}

/**
 * ADAM with weight decay.
 *
 * @param options - As of `adam`, and how fast weights decay.
 * @returns An optimiser, as `adam` does.
 * @throws BadTrainingOption, as `adam` does.
 */
export function adamW(options: AdamWOptions = {}): FirstOrder {
  checkOptions(options, adamWChecks, "adamW");
  const { weightDecay = 0.01 } = options;
  requireNotNegative("weightDecay", weightDecay, "0.01");
  return decaying("adamW", options, weightDecay);
}

function decaying(name: string, options: AdamOptions, decay: number): FirstOrder {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  requireRates(options);
  requireNotNegative("epsilon", epsilon, "1e-8");
  return firstOrder(
    name,
    { learningRate, beta1, beta2, epsilon, decay },
    ({ parameters, gradient, first: mean, second: square, count, rate }) => {
      const meanScale = 1 / (1 - beta1 ** count);
      const squareScale = 1 / (1 - beta2 ** count);
      for (let i = 0; i < parameters.length; i++) {
        const g = gradient[i];
        mean[i] = beta1 * mean[i] + (1 - beta1) * g;
        square[i] = beta2 * square[i] + (1 - beta2) * g * g;
        const scaled = (mean[i] * meanScale) / (Math.sqrt(square[i] * squareScale) + epsilon);
        parameters[i] -= rate * (scaled + decay * parameters[i]);
      }
    },
  );
}
