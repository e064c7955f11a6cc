/** Layer normalisation (J. L. Ba, J. R. Kiros, G. E. Hinton, Layer normalization, 2016, equations 3 and 4). */
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { positiveFinite } from "../../src/core/options/kinds.ts";
import { add, div, dot, mul, sqrt, sub, sum } from "../../src/operations/plain-operations.ts";
import { requireSize } from "./dense.ts";
import { layer, type Layer } from "./layer.ts";

/** A factor and a summand for each element. */
export interface LayerNormParameters {
  scale: Float64Array;
  shift: Float64Array;
}

/** What `layerNorm` takes. */
export interface LayerNormOptions {
  /** Added to the variance, so that equal elements have a derivative. 1e-5 by default. */
  readonly epsilon?: number;
}

const checks: Checks<LayerNormOptions> = { epsilon: positiveFinite };

/**
 * scale (x - mean) / sqrt(variance + epsilon) + shift, over the elements of x.
 *
 * @param size - The length of x.
 * @param options - What is added to the variance.
 * @returns The layer, whose parameters are { scale, shift }, ones and zeros at first.
 * @throws UnknownOption, BadOption and BadLayer.
 */
export function layerNorm(size: number, options: LayerNormOptions = {}): Layer<LayerNormParameters> {
  requireSize("layerNorm: `size`", size);
  checkOptions(options, checks, "layerNorm");
  const { epsilon = 1e-5 } = options;
  return layer(
    "layerNorm",
    (x, p, { size, epsilon, add, div, dot, mul, sqrt, sub, sum }) => {
      const centred = sub(x, sum(x) / size);
      const deviation = sqrt(dot(centred, centred) / size + epsilon);
      return add(mul(p.scale, div(centred, deviation)), p.shift);
    },
    { size, epsilon, add, div, dot, mul, sqrt, sub, sum },
    (): LayerNormParameters => ({ scale: new Float64Array(size).fill(1), shift: new Float64Array(size) }),
  );
}
