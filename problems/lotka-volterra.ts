import { odeProblem } from "../src/problem/problem.ts";
import { sampleTimes, type NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface LotkaVolterraState {
  prey: number;
  predator: number;
}

export interface LotkaVolterraParameters {
  /** Births of prey. */
  a: number;
  /** Prey lost to predators. */
  b: number;
  /** Deaths of predators. */
  c: number;
  /** Predators born of prey. */
  d: number;
}

export const lotkaVolterraDefaults = { tEnd: 10 };

/**
 * Predators and prey (A. J. Lotka 1925, V. Volterra 1926): two states, four parameters, not stiff.
 *
 * The loss is that of C. Rackauckas et al., A comparison of automatic differentiation and continuous sensitivity analysis,
 * arXiv 1812.01892: L = ½ Σ |u(t_i) - 1|² over t_i = 0, 0.5, …, tEnd. The reference (tEnd = 10) was computed in quadruple
 * precision by extrapolation, with the tangent equations; the paper's three parameters are a, b and c.
 */
export function lotkaVolterra(
  options: Partial<typeof lotkaVolterraDefaults> = {},
): NamedProblem<LotkaVolterraState, LotkaVolterraParameters> {
  const { tEnd } = completed("lotkaVolterra", lotkaVolterraDefaults, options);
  return {
    problem: odeProblem({
      name: "lotkaVolterra",
      rhs(du, u, { a, b, c, d }) {
        du.prey = a * u.prey - b * u.prey * u.predator;
        du.predator = d * u.prey * u.predator - c * u.predator;
      },
      u0: { prey: 1, predator: 1 },
      tspan: [0, tEnd],
      p: { a: 1.5, b: 1, c: 3, d: 1 },
    }),
    loss: {
      at: sampleTimes(tEnd, 0.5),
      of: (u) => 0.5 * ((u.prey - 1) ** 2 + (u.predator - 1) ** 2),
    },
    reference:
      tEnd === 10
        ? {
            end: { prey: 1.0263447675750894, predator: 0.9096910781360417 },
            loss: 102.04210862116678,
            gradient: { a: 25.500637231791952, b: -77.25507741525394, c: 93.53212756432558, d: -286.9940868664228 },
          }
        : undefined,
  };
}
