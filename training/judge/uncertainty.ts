/**
 * How well data determine parameters: by the Fisher information at the best fit, JᵀJ of the residuals (G. A. F. Seber, C. J. Wild,
 * Nonlinear Regression, 1989, section 2.1.2).
 */
import { triangular } from "../optimisers/householder.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

export interface Uncertainty {
  /** Of what the optimiser moves, row-major; NaN where a direction is not seen, and all NaN where the Jacobian is not finite. */
  readonly covariance: Float64Array;
  /** Directions that the data do not see, of unit length: weights of the parameters, each in units that move predictions alike. */
  readonly unseen: readonly Float64Array[];
}

/** Of the largest: a singular value of the scaled Jacobian below this part is zero to the accuracy of solves. */
const UNSEEN = 1e-6;

/** Of residuals in standard deviations and their Jacobian, k columns. */
export function uncertaintyOf(residuals: Float64Array, jacobian: Float64Array, k: number): Uncertainty {
  if (!jacobian.every(Number.isFinite)) return { covariance: new Float64Array(k * k).fill(NaN), unseen: [] };
  const norms = new Float64Array(k);
  for (let i = 0; i < jacobian.length; i++) norms[i % k] = Math.hypot(norms[i % k], jacobian[i]);
  const sizes = norms.map((norm) => norm || 1);
  const m = Math.max(residuals.length, k);
  const scaled = new Float64Array(m * k);
  for (let i = 0; i < jacobian.length; i++) scaled[i] = jacobian[i] / sizes[i % k];
  const { r } = triangular(scaled, new Float64Array(m), k);
  // RᵀR: its eigenvalues are the squares of the singular values.
  const information = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) for (let l = 0; l < k; l++) information[i * k + j] += r[l * k + i] * r[l * k + j];
  }
  const { values, vectors } = symmetricEigen(information, k);
  const largest = Math.max(...values, 0);
  const isSeen = values.map((value) => value > UNSEEN ** 2 * largest);
  const covariance = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      let sum = 0;
      vectors.forEach((v, l) => {
        if (isSeen[l]) sum += (v[i] * v[j]) / values[l];
        else if (Math.abs(v[i]) > UNSEEN || Math.abs(v[j]) > UNSEEN) sum = NaN;
      });
      covariance[i * k + j] = sum / (sizes[i] * sizes[j]);
    }
  }
  return { covariance, unseen: vectors.filter((_, l) => !isSeen[l]) };
}
