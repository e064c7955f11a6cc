/** Dense layers. */
import type { NdArray } from "../../src/arrays/ndarray.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything, boolean, shown } from "../../src/core/options/kinds.ts";
import { add, matmul } from "../../src/operations/plain-operations.ts";
import { BadLayer } from "./errors.ts";
import { initialWeights, requireInitialisation, type InitialisationName } from "./initialisation.ts";
import { layer, type Activation, type Layer } from "./layer.ts";

/** W of shape [outputs, inputs]. */
export interface WeightParameters {
  W: NdArray<Float64Array>;
}

/** W of shape [outputs, inputs], and b, a number for each output. */
export interface DenseParameters extends WeightParameters {
  b: Float64Array;
}

/** What `dense` takes. */
export interface DenseOptions {
  /** Is b added, which starts at zero? True by default. */
  readonly bias?: boolean;
  /** How W starts. "glorotUniform" by default; "kaimingNormal" and "kaimingUniform" are for `relu`. */
  readonly weights?: InitialisationName;
}

const checks: Checks<DenseOptions> = { bias: boolean, weights: anything };

/**
 * activation(W x + b).
 *
 * @param inputs - The length of x.
 * @param outputs - The length of the result.
 * @param activation - An operation of the library, such as `tanh`, or a function of one's own; by default none.
 * @param options - Whether it has a bias, and how its weights start.
 * @returns The layer, whose parameters are { W, b }.
 * @throws UnknownOption, BadOption and BadLayer.
 * @example
 * const net = chain(dense(2, 16, tanh), dense(16, 2));
 */
export function dense(
  inputs: number,
  outputs: number,
  activation: Activation | undefined,
  options: DenseOptions & { readonly bias: false },
): Layer<WeightParameters>;
export function dense(inputs: number, outputs: number, activation?: Activation, options?: DenseOptions): Layer<DenseParameters>;
export function dense(inputs: number, outputs: number, activation?: Activation, options: DenseOptions = {}): unknown {
  requireSize("dense: `inputs`", inputs);
  requireSize("dense: `outputs`", outputs);
  checkOptions(options, checks, "dense");
  const { bias = true, weights = "glorotUniform" } = options;
  requireInitialisation(weights, "dense");
  if (activation !== undefined && typeof activation !== "function") {
    throw new BadLayer(
      `dense: the activation is ${shown(activation)}, but must be a function, such as tanh; options come after it.`,
    );
  }
  const W = (seed: number): NdArray<Float64Array> => initialWeights(weights, inputs, outputs, seed);
  const linear = bias
    ? layer<DenseParameters, typeof operations>(
        "dense",
        (x, p, { add, matmul }) => add(matmul(p.W, x), p.b),
        operations,
        (seed) => {
          return { W: W(seed), b: new Float64Array(outputs) };
        },
      )
    : layer<WeightParameters, typeof operations>(
        "dense",
        (x, p, { matmul }) => matmul(p.W, x),
        operations,
        (seed) => ({ W: W(seed) }),
      );
  if (!activation) return linear;
  const constants = { linear: linear as Layer, activation };
  return layer("dense", (x, p, { linear, activation }) => activation(linear(x, p)), constants, linear.initial);
}

const operations = { add, matmul };

/** Throws {@link BadLayer}. */
export function requireSize(what: string, size: number): void {
  if (Number.isInteger(size) && size > 0 && size < 2 ** 31) return;
  throw new BadLayer(`${what} is ${shown(size)}, but must be a whole number from 1 to 2147483647.`);
}
