/**
 * Levenberg-Marquardt: steps of the linear least squares problem, damped as far as the last ones had to be. Scaled by the largest norm that
 * each column had (J. J. Moré, The Levenberg-Marquardt algorithm: implementation and theory, 1978), damping by H. B. Nielsen (Damping
 * parameter in Marquardt's method, 1999, (2.5)). What a step would carry out of its bounds stops there.
 */
import { backSubstitute } from "./householder.ts";
import { columnNorms, dampedFactor, grown, isNoise, reduced, trialOf, type Given, type LinearModel } from "./linear-model.ts";
import type { Objective, Optimiser } from "./optimiser.ts";

interface State extends LinearModel {
  readonly damping: number;
  readonly growth: number;
}

/** The damping at the start, relative to the scaled columns. What oscillates has many minima, and a long first step lands in another one. */
const START = 1;
/** A step is taken where the value falls by this part of what the linear problem promises. */
const ACCEPT = 1e-4;
/** The damping falls by this factor at most: Nielsen's gamma is 10 here. */
const RELAX = 1 / 10;
/** So often damping may grow in one iteration. */
const TRIALS = 40;

/**
 * For least squares, of up to hundreds of parameters.
 *
 * @returns The optimiser, for `fit`.
 */
export function levenbergMarquardt(): Optimiser {
  return { name: "levenbergMarquardt", begin, step };
}

async function begin(objective: Objective, x: Float64Array): Promise<State> {
  const at = await objective.leastSquares(x);
  return { x, ...at, norms: columnNorms(at.jacobian, x.length), damping: START, growth: 2 };
}

async function step(objective: Objective, state: State): Promise<State> {
  let { damping, growth } = state;
  for (let trial = 0; trial < TRIALS; trial++) {
    const tried = trialOf(state, objective, (given) => dampedStep(state, given, damping));
    if (tried.needless) return { ...state, finished: tried.needless, converged: true };
    const next = await objective.leastSquares(tried.at);
    const kept = (state.value - next.value) / tried.promised;
    if (kept > ACCEPT) {
      const relaxed = damping * Math.max(RELAX, 1 - (2 * kept - 1) ** 3);
      return { x: tried.at, ...next, norms: grown(state.norms, next.jacobian), damping: relaxed, growth: 2 };
    }
    if (isNoise(tried, state, next)) {
      return { ...state, finished: "what a step promises is below the accuracy of the solves", converged: true };
    }
    damping *= growth;
    growth *= 2;
  }
  return { ...state, finished: "no step along the gradient lowers the value", converged: false };
}

/** The step of the damped problem in what is not given of it. */
function dampedStep(state: State, given: Given, damping: number): Float64Array {
  const { free, whole, right, matrix } = reduced(state, given);
  const { r, qtb } = dampedFactor(
    matrix,
    right,
    Float64Array.from(free, (j) => Math.sqrt(damping) * state.norms[j]),
  );
  const solved = backSubstitute(r, qtb);
  free.forEach((j, c) => (whole[j] = solved[c]));
  return whole;
}
