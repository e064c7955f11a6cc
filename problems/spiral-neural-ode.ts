import { ndarray, type NdArray } from "../src/arrays/ndarray.ts";
import { add, matmul, pow, tanh } from "../src/operations/plain-operations.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { normals } from "../src/core/random.ts";
import { completed, type NoOptions } from "./options.ts";

type Matrix = NdArray<Float64Array>;

/** 252 weights. */
export interface SpiralParameters {
  /** Shape [50, 2]. */
  W1: Matrix;
  b1: Float64Array;
  /** Shape [2, 50]. */
  W2: Matrix;
  b2: Float64Array;
}

/** Samples of the true spiral, shape [30, 2]. */
interface LossConstants {
  readonly data: Matrix;
}

/**
 * A neural network with one hidden layer of 50 as right-hand side, u' = W2 tanh(W1 u³ + b1) + b2, to be fitted to a spiral: two states,
 * 252 parameters, not stiff. Weights are normal with deviation 0.1, always the same ones; biases are zero.
 *
 * R. T. Q. Chen et al., Neural ordinary differential equations, NeurIPS 2018 (the example of its program). The loss is the sum of
 * squared distances to u' = Aᵀu³, A = [-0.1 2; -2 -0.1], u(0) = (2, 0), at 30 times evenly over 0..1.5.
 */
export function spiralNeuralODE(options: NoOptions = {}): NamedProblem<Float64Array, SpiralParameters, unknown, LossConstants> {
  completed("spiralNeuralODE", {}, options);
  const normal = normals(1);
  const weights = (rows: number, columns: number): Matrix =>
    ndarray(
      Float64Array.from({ length: rows * columns }, () => 0.1 * normal()),
      [rows, columns],
    );
  return {
    problem: odeProblem({
      name: "spiralNeuralODE",
      rhs: (u, { W1, b1, W2, b2 }) => add(matmul(W2, tanh(add(matmul(W1, pow(u, 3)), b1))), b2),
      u0: new Float64Array([2, 0]),
      tspan: [0, 1.5],
      p: { W1: weights(50, 2), b1: new Float64Array(50), W2: weights(2, 50), b2: new Float64Array(2) },
    }),
    loss: {
      at: Float64Array.from({ length: 30 }, (_, i) => (1.5 * i) / 29),
      of: (u, _p, _t, i, { data }) => (u[0] - data.get(i, 0)) ** 2 + (u[1] - data.get(i, 1)) ** 2,
      constants: { data: ndarray(Float64Array.from(spiral), [30, 2]) },
    },
  };
}

/** The true spiral at the times of the loss, by extrapolation in quadruple precision. */
const spiral = [
  2, 0, 1.9465030227663114, 0.7988308300774335, 1.7417778314860013, 1.4647263975723306, 1.238341450356272, 1.8087655628355961,
  0.5771115802729242, 1.8646647253675879, -0.079911922942905902, 1.8361215023125341, -0.70113713443262493, 1.7947776022671249,
  -1.2429271543175426, 1.661686830980339, -1.5908252720088532, 1.331835831746361, -1.7099393469405557, 0.84567409898204615,
  -1.7086387028318937, 0.32345905410478298, -1.6838810866969693, -0.18160997575771823, -1.6494016075623086, -0.66198597476638354,
  -1.5524846209253074, -1.0897767613790406, -1.3281067933041182, -1.3980986250140435, -0.98007145659446337, -1.5470295115790196,
  -0.57724494441562535, -1.5794571406931259, -0.17319579109931615, -1.5662784521897122, 0.21691122648436256, -1.5466826684415473,
  0.5904737529629972, -1.519629199466616, 0.93161184448038303, -1.4538229046570084, 1.2032607746647634, -1.3093358524961904,
  1.3717360977524133, -1.0738905311244462, 1.4421153414632306, -0.77714634196087906, 1.4524783162159045, -0.4601276299933762,
  1.4404363667922375, -0.14638323112148982, 1.4252061383267578, 0.15792041043666882, 1.406853452398835, 0.45190809695288303,
  1.3702319572382047, 0.72923994862784625, 1.2919915629767864, 0.97258607443451639,
];
