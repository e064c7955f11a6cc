/** Activations that are no operations of their own; `tanh`, `sigmoid`, `relu` and `softplus` are. */
import type { NdArray } from "../../src/arrays/ndarray.ts";
import type { ArrayValue } from "../../src/core/array-values.ts";
import { define, type PlainCall } from "../../src/operations/definitions.ts";
import { add, exp, mul, neg, sigmoid, tanh } from "../../src/operations/plain-operations.ts";

type Vector = NdArray<Float64Array>;

function activation<C extends Readonly<Record<string, unknown>>>(
  name: string,
  fn: (x: ArrayValue, constants: C) => Vector,
  constants: C,
): (x: ArrayValue) => Vector {
  return define({ name, fn: fn as PlainCall, constants }) as (x: ArrayValue) => Vector;
}

/** x sigmoid(x), also called SiLU (P. Ramachandran, B. Zoph, Q. V. Le, Searching for activation functions, 2017). */
export const swish = activation("swish", (x, { mul, sigmoid }) => mul(x, sigmoid(x)), { mul, sigmoid });

/** x Φ(x) by its tanh form (D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016, section 2). */
export const gelu = activation(
  "gelu",
  (x, { add, mul, tanh, slope }) => {
    const inner = mul(mul(slope, x), add(1, mul(0.044715, mul(x, x))));
    return mul(mul(0.5, x), add(1, tanh(inner)));
  },
  { add, mul, tanh, slope: Math.sqrt(2 / Math.PI) },
);

/** exp(-x²): smooth and local. */
export const rbf = activation("rbf", (x, { exp, mul, neg }) => exp(neg(mul(x, x))), { exp, mul, neg });
