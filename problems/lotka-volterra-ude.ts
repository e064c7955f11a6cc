import { UnsupportedValue } from "../src/core/errors.ts";
import { ndarray, type NdArray } from "../src/arrays/ndarray.ts";
import { add, matmul, tanh } from "../src/operations/plain-operations.ts";
import { odeProblem } from "../src/problem/problem.ts";
import { mixed, normals } from "../src/core/random.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

type Matrix = NdArray<Float64Array>;

/** 57 weights of the network that stands for the interaction. */
export interface UDEParameters {
  /** Shape [5, 2]. */
  W1: Matrix;
  b1: Float64Array;
  /** Shape [5, 5]. */
  W2: Matrix;
  b2: Float64Array;
  /** Shape [2, 5]. */
  W3: Matrix;
  b3: Float64Array;
}

interface State {
  prey: number;
  predator: number;
}

interface LossConstants {
  /** Observations, shape [31, 2]. */
  readonly data: Matrix;
}

/** `noise`: the deviation of the observations' noise, relative to the mean of each component. */
export const lotkaVolterraUDEDefaults = { noise: 0.005 };

/**
 * A universal differential equation: growth and death of Lotka and Volterra's equations are known, the interaction is a network, to be
 * trained on 31 observations. Weights are normal with the deviation of Glorot and Bengio (2010), the last ones zero; they and the noise are
 * always the same.
 *
 * C. Rackauckas et al., Universal differential equations for scientific machine learning, 2020, section 3: prey' = 1.3 prey
 * - 0.9 prey predator, predator' = 0.8 prey predator - 1.8 predator, from (0.44249296, 4.6280594), t in 0..3, noise of half a per cent.
 */
export function lotkaVolterraUDE(
  options: Partial<typeof lotkaVolterraUDEDefaults> = {},
): NamedProblem<State, UDEParameters, unknown, LossConstants> {
  const { noise } = completed("lotkaVolterraUDE", lotkaVolterraUDEDefaults, options);
  if (noise < 0) throw new UnsupportedValue(`noise is ${noise}, but it is a part of the means, from 0 on.`);
  const normal = normals(mixed(1, 0));
  const weights = (rows: number, columns: number): Matrix =>
    ndarray(
      Float64Array.from({ length: rows * columns }, () => Math.sqrt(2 / (rows + columns)) * normal()),
      [rows, columns],
    );
  const means = [0, 1].map((c) => trajectory.reduce((sum, value, i) => sum + (i % 2 === c ? value : 0), 0) / 31);
  const error = normals(mixed(2, 0));
  const data = Float64Array.from(trajectory, (value, i) => value + noise * means[i % 2] * error());
  return {
    problem: odeProblem({
      name: "lotkaVolterraUDE",
      rhs(du, u, { W1, b1, W2, b2, W3, b3 }) {
        const hidden = tanh(add(matmul(W1, [u.prey, u.predator]), b1));
        const interaction = add(matmul(W3, tanh(add(matmul(W2, hidden), b2))), b3);
        du.prey = 1.3 * u.prey + interaction.get(0);
        du.predator = interaction.get(1) - 1.8 * u.predator;
      },
      u0: { prey: 0.44249296, predator: 4.6280594 },
      tspan: [0, 3],
      p: {
        W1: weights(5, 2),
        b1: new Float64Array(5),
        W2: weights(5, 5),
        b2: new Float64Array(5),
        W3: ndarray(new Float64Array(10), [2, 5]),
        b3: new Float64Array(2),
      },
    }),
    loss: {
      at: Float64Array.from({ length: 31 }, (_, i) => i / 10),
      of: (u, _p, _t, i, constants) => (u.prey - constants.data.get(i, 0)) ** 2 + (u.predator - constants.data.get(i, 1)) ** 2,
      constants: { data: ndarray(data, [31, 2]) },
    },
  };
}

/** The true solution at the times of the observations, prey and predator in turn, by steps of 0.01 of vern9. */
const trajectory = [
  0.44249296, 4.6280594, 0.3421245286208625, 3.98764547181634, 0.2793966078254355, 3.413952944108316, 0.2394952228707156,
  2.911031813060389, 0.2141362071409564, 2.475828020541996, 0.1985485265917935, 2.102292243073415, 0.189911879275244,
  1.783409634920276, 0.1865297321122593, 1.51218214276402, 0.1873791812750993, 1.282080684645565, 0.1918587411736657,
  1.087227597605962, 0.199643234412825, 0.9224424008592951, 0.2105985019620838, 0.7832199752377498, 0.224730635403554,
  0.6656774980182911, 0.2421558185934501, 0.5664893214856302, 0.2630829274372268, 0.4828198284335302, 0.2878043545366278,
  0.4122593369365446, 0.3166923925451985, 0.3527654164419706, 0.3501995895658768, 0.3026104988429834, 0.3888621310487301,
  0.2603358749955622, 0.4333056937367304, 0.2247117593263575, 0.4842534621198943, 0.1947029152564296, 0.542536154895037,
  0.1694392672262005, 0.609104011072901, 0.1481909269566526, 0.6850407509453597, 0.1303471014149718, 0.7715795653361791,
  0.1153984108060957, 0.8701212001899276, 0.1029222184389814, 0.9822541897624125, 0.09257065810820378, 1.109777241267884,
  0.08406114122762036, 1.254723668778876, 0.07716924328703807, 1.419387582491878, 0.07172402271815069, 1.606351205697809,
  0.06760604257225622,
];
