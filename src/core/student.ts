/** Student's t distribution. */
import { normalQuantile } from "./normal.ts";

/** Beyond so many degrees of freedom the normal distribution is within 1e-4 of it, up to probabilities of 0.999. */
const MANY = 1e5;

/** Of a probability within (0, 1), by a whole number of degrees of freedom: by bisection, to rounding. */
export function studentQuantile(probability: number, degrees: number): number {
  if (degrees > MANY) return normalQuantile(probability);
  const part = Math.abs(2 * probability - 1);
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (within(middle, degrees) < part) low = middle;
    else high = middle;
  }
  return Math.sign(probability - 0.5) * Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/** The probability of |t| ≤ √degrees · tan θ (M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4). */
function within(theta: number, degrees: number): number {
  const isOdd = degrees % 2 === 1;
  const square = Math.cos(theta) ** 2;
  let term = isOdd ? Math.cos(theta) : 1;
  let sum = 0;
  for (let j = isOdd ? 1 : 0; j <= degrees - 2; j += 2) {
    sum += term;
    term *= (square * (j + 1)) / (j + 2);
  }
  return isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}
