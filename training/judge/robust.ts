/**
 * What observations with outliers say of parameters. Their estimates spread by E ψ² / (E ψ′)² in place of the inverse of the information, with
 * ψ what a residual pulls with (P. J. Huber, Robust Statistics, 1981, section 7.6): both means are those of the residuals at hand.
 */
import { HUBER } from "../data/noise.ts";
import type { FitResidual } from "../objective/fit-residual.ts";
import type { LeastSquares } from "../optimisers/optimiser.ts";
import type { Fit } from "./fit-result.ts";

/** That of normal residuals, which are taken for no better: the estimate is 95 % efficient there. */
const OF_NORMAL = 1 / 0.95;

/** The same with rows of the Jacobian for such observations by which its information is theirs; `observations` as its first rows. */
export function robustly(
  least: LeastSquares,
  observations: readonly FitResidual[],
  noise: Fit["noise"],
  k: number,
): LeastSquares {
  const names = Object.keys(noise).filter((name) => noise[name].noise === "huber");
  if (names.length === 0) return least;
  const jacobian = least.jacobian.slice();
  for (const name of names) {
    const own = [...observations.keys()].filter((i) => observations[i].name === name);
    const weight = 1 / Math.sqrt(variance(own.map((i) => observations[i].residual)));
    for (const i of own) {
      // The slope of a deviance residual beyond the threshold is smaller by as much.
      const factor = weight * Math.max(1, Math.abs(observations[i].residual) / HUBER);
      for (let j = 0; j < k; j++) jacobian[i * k + j] *= factor;
    }
  }
  return { ...least, jacobian };
}

/** Of an estimate from one observation, in squares of its standard deviation, by deviance residuals. */
function variance(residuals: readonly number[]): number {
  let [pull, inside] = [0, 0];
  for (const residual of residuals) {
    pull += Math.min(Math.abs(residual), HUBER) ** 2;
    if (Math.abs(residual) <= HUBER) inside++;
  }
  const found = (pull * residuals.length) / inside ** 2;
  return Math.max(found, OF_NORMAL);
}
