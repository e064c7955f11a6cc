import { mul, sub, sum } from "../src/operations/plain-operations.ts";
import { odeProblem } from "../src/problem/problem.ts";
import { forcedDisc, initialState, uniform, type Field } from "./brusselator-grid.ts";
import { sampleTimes, type NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

/** Each of shape [n, n], by y and x. */
export interface BrusselatorCellsParameters {
  A: Field;
  B: Field;
  /** Diffusion of u. */
  alpha1: Field;
  /** Diffusion of v. */
  alpha2: Field;
}

interface Constants {
  readonly n: number;
  readonly disc: Field;
}

export const brusselatorCellsDefaults = { n: 5, tEnd: 10 };

/**
 * The Brusselator with parameters of its own in every cell: 2n² states, 4n² parameters, stiff. State: ndarray of shape
 * [2, n, n], by species, y and x.
 *
 * C. Rackauckas et al., A comparison of automatic differentiation and continuous sensitivity analysis, arXiv 1812.01892: its
 * table has n = 5 and tEnd = 10, its scaling study tEnd = 1; the text says no-flux boundaries, the authors' program wraps around, and
 * so does this one. L = ½ Σ |u(t_i) - 1|² over t_i = 0, 0.1, …, tEnd. Throws UnsupportedValue for an n that is no grid.
 */
export function brusselatorCells(
  options: Partial<typeof brusselatorCellsDefaults> = {},
): NamedProblem<Field, BrusselatorCellsParameters, Constants> {
  const { n, tEnd } = completed("brusselatorCells", brusselatorCellsDefaults, options);
  return {
    problem: odeProblem({
      name: "brusselatorCells",
      rhs(derivative, state, { A, B, alpha1, alpha2 }, t, { n, disc }) {
        const scale = (n - 1) ** 2;
        const pulse = t >= 1.1 ? 5 : 0;
        for (let j = 0; j < n; j++) {
          const below = j === 0 ? n - 1 : j - 1;
          const above = j === n - 1 ? 0 : j + 1;
          for (let i = 0; i < n; i++) {
            const left = i === 0 ? n - 1 : i - 1;
            const right = i === n - 1 ? 0 : i + 1;
            const u = state.get(0, j, i);
            const v = state.get(1, j, i);
            const aroundU = state.get(0, j, left) + state.get(0, j, right) + state.get(0, below, i) + state.get(0, above, i);
            const aroundV = state.get(1, j, left) + state.get(1, j, right) + state.get(1, below, i) + state.get(1, above, i);
            const a = A.get(j, i);
            const reaction = u * u * v;
            const diffusionU = scale * alpha1.get(j, i) * (aroundU - 4 * u);
            const diffusionV = scale * alpha2.get(j, i) * (aroundV - 4 * v);
            derivative.set(0, j, i, B.get(j, i) + reaction - (a + 1) * u + diffusionU + pulse * disc.get(j, i));
            derivative.set(1, j, i, a * u - reaction + diffusionV);
          }
        }
      },
      u0: initialState(n),
      tspan: [0, tEnd],
      p: { A: uniform(n, 3.4), B: uniform(n, 1), alpha1: uniform(n, 10), alpha2: uniform(n, 10) },
      constants: { n, disc: forcedDisc(n) },
    }),
    loss: {
      at: sampleTimes(tEnd, 0.1),
      of(state) {
        const gap = sub(state, 1);
        return 0.5 * sum(mul(gap, gap));
      },
    },
    reference: n === 5 && tEnd === 10 ? { loss: 11887.517404 } : undefined,
  };
}
