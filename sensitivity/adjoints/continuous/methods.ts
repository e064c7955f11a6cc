/** The continuous adjoint methods, as data for their one backward solve. */
import { estimateOf } from "./estimate.ts";
import type { Estimate, TaskFacts } from "../shared/estimate.ts";
import type { AdjointMethod } from "../shared/method.ts";
import type { ContinuousAdjoint } from "./variant.ts";
import { continuousGradient, continuousPullback } from "./gradient.ts";

const reverseMode = {
  solvesBackward: true,
  mode: "reverse",
  controlsDerivatives: true,
  needsText: false,
  usesVjp: true,
} as const;

/** The methods by their names. */
export const continuousAdjoints = {
  /**
   * Gauss–Legendre quadrature over each step of λ's solve (Norcliffe and Deisenroth 2023, "Faster training of neural ODEs using
   * Gauß–Legendre quadrature"). Parameters add nothing to the system that is solved, so it suits many of them.
   */
  gauss: {
    name: "gauss",
    traits: { ...reverseMode, stiff: true, memory: "dense" },
    states: "dense",
    integral: "stepwise",
  },
  /**
   * Quadrature with an error estimate of its own over λ's dense output, which begins with the steps of both solves (Y. Ma et al., "A
   * comparison of automatic differentiation and continuous sensitivity analysis", 2021, QuadratureAdjoint).
   */
  quadrature: {
    name: "quadrature",
    traits: { ...reverseMode, stiff: true, memory: "dense" },
    states: "dense",
    integral: "adaptive",
  },
  /** As `gauss`, along a solution that is solved again from checkpoints (Serban and Hindmarsh 2005, CVODES). */
  interpolating: {
    name: "interpolating",
    traits: { ...reverseMode, stiff: true, memory: "checkpoints" },
    states: "recomputed",
    integral: "stepwise",
  },
  /**
   * The solution itself is solved backward, with λ and the gradient (Chen et al. 2018, "Neural ordinary differential equations").
   * That is unstable where the problem is dissipative, so the solution is held against checkpoints.
   */
  backsolve: {
    name: "backsolve",
    traits: {
      ...reverseMode,
      stiff: false,
      memory: "checkpoints",
      caution: "it solves the state itself backward, which is unstable where the problem is dissipative",
    },
    states: "backward",
    integral: "augmented",
  },
} as const satisfies Readonly<Record<string, ContinuousAdjoint>>;

/** A row of the table of adjoint methods. */
export function continuousMethod(variant: ContinuousAdjoint): AdjointMethod {
  const { name, traits } = variant;
  const estimate = (facts: TaskFacts): Estimate => estimateOf(variant, facts);
  return {
    name,
    traits,
    estimate,
    gradient: (task) => continuousGradient(variant, task),
    solveWithPullback: (task) => continuousPullback(variant, task),
  };
}
