/**
 * ADAM (D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1): steps along averaged
 * gradients, each component scaled by its own averaged size.
 */
import { BadTrainingOption } from "./errors.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything, shown } from "../../src/core/options/kinds.ts";

export interface AdamOptions {
  /** Length of a step, about, in every component. Default 0.001. */
  readonly learningRate?: number;
  /** How much of the averaged gradient the next average keeps, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** The same of the averaged squares. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the averaged squares, so that components without gradient stay. Default 1e-8. */
  readonly epsilon?: number;
}

const checks: Checks<AdamOptions> = { learningRate: anything, beta1: anything, beta2: anything, epsilon: anything };

/** Moves `parameters` in place, one step down the `gradient`; both of one length, the same at every call. */
export type Optimiser = (parameters: Float64Array, gradient: ArrayLike<number>) => void;

/**
 * An optimiser with averages of its own, all zero before its first step.
 * Throws {@link BadTrainingOption} where an option is out of its range; so does a step whose gradient is not finite, or has
 * another length than its parameters.
 */
export function adam(options: AdamOptions = {}): Optimiser {
  checkOptions(options, checks, "adam");
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  for (const [name, value] of Object.entries({ learningRate, beta1, beta2, epsilon })) {
    if (!Number.isFinite(value)) throw new BadTrainingOption(`${name} is ${shown(value)}. It must be a finite number.`);
  }
  if (!(learningRate > 0)) throw new BadTrainingOption(`learningRate is ${learningRate}. It must be positive; 0.001 is usual.`);
  if (!(epsilon >= 0)) throw new BadTrainingOption(`epsilon is ${epsilon}. It must not be negative; 1e-8 is usual.`);
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    if (!(beta >= 0 && beta < 1)) throw new BadTrainingOption(`${name} is ${beta}. It must be at least 0 and less than 1.`);
  }
  let mean = new Float64Array(0);
  let square = new Float64Array(0);
  let steps = 0;
  return (parameters, gradient) => {
    if (!(parameters instanceof Float64Array)) {
      throw new BadTrainingOption(
        `The parameters are ${shown(parameters)}, but must be a Float64Array, which is changed in place.`,
      );
    }
    const { length } = parameters;
    if (gradient?.length !== length || (steps > 0 && mean.length !== length)) {
      throw new BadTrainingOption(
        `${length} parameters and ${gradient?.length} derivatives${steps > 0 ? `, after steps of ${mean.length}` : ""}. An optimiser moves one set of parameters.`,
      );
    }
    for (let i = 0; i < length; i++) {
      if (!Number.isFinite(gradient[i]))
        throw new BadTrainingOption(`Derivative ${i} is ${shown(gradient[i])}, but must be finite.`);
    }
    if (steps === 0) [mean, square] = [new Float64Array(length), new Float64Array(length)];
    steps++;
    const meanScale = 1 / (1 - beta1 ** steps);
    const squareScale = 1 / (1 - beta2 ** steps);
    for (let i = 0; i < length; i++) {
      const g = gradient[i];
      mean[i] = beta1 * mean[i] + (1 - beta1) * g;
      square[i] = beta2 * square[i] + (1 - beta2) * g * g;
      parameters[i] -= (learningRate * mean[i] * meanScale) / (Math.sqrt(square[i] * squareScale) + epsilon);
    }
  };
}
