/** The dominant eigenvalue of the Jacobian at a state, by the power method on differences: what stiffness.ts does on the way. */
import { norm } from "../../src/core/norm.ts";

const DIFFERENCE = 2 ** -26;
/** Of the largest component's size, what the others count for at least: beside a component near zero all that acts on it seems large. */
const LEAST_SIZE = 1e-4;

export interface DominantMode {
  readonly radius: number;
  /** The quotient of Rayleigh of the last direction, of what is solved in the direction of h: of a real eigenvalue the eigenvalue, with the other sign backwards. */
  readonly along: number;
  /** Is that eigenvalue's real part negative, and not small beside it? */
  readonly decays: boolean;
}

export interface PowerMethod {
  readonly iterations: number;
  /** Where it begins: in units of the components' sizes. */
  readonly direction?: Float64Array;
}

/** Components are measured by what they are, or become in a step of h, which is negative backwards, or their tolerances make large. */
export function dominantMode(
  rhs: (u: Float64Array, t: number) => Float64Array,
  u: Float64Array,
  t: number,
  h: number,
  rtol: number,
  atol: Float64Array,
  { iterations, direction: first }: PowerMethod = { iterations: 12 },
): DominantMode {
  const f = rhs(u, t).slice();
  const sizes = u.map((x, i) => Math.abs(x) + Math.abs(h * f[i]) + (atol[i] < Infinity ? atol[i] / rtol : 1));
  const least = LEAST_SIZE * sizes.reduce((most, size) => Math.max(most, size), 0);
  for (let i = 0; i < sizes.length; i++) sizes[i] = Math.max(sizes[i], least);
  const moved = new Float64Array(u.length);
  // Fractions of multiples of the golden ratio: no eigenvector of any matrix that one meets.
  const direction = first?.slice() ?? u.map((_, i) => (((i + 1) * 0.6180339887498949) % 1) - 0.5);
  let [radius, along] = [0, 0];
  for (let k = 0; k < iterations; k++) {
    const length = norm(direction);
    if (!(length > 0 && length < Infinity)) break;
    for (let i = 0; i < moved.length; i++) moved[i] = u[i] + ((DIFFERENCE * sizes[i]) / length) * direction[i];
    const image = rhs(moved, t);
    along = 0;
    for (let i = 0; i < moved.length; i++) {
      const change = (image[i] - f[i]) / (DIFFERENCE * sizes[i]);
      along += (direction[i] / length) * change;
      direction[i] = change;
    }
    radius = norm(direction);
  }
  if (h < 0) along = -along;
  return { radius, along, decays: along < -0.2 * radius };
}
