/** The dominant eigenvalue of the Jacobian at a state, by the power method on differences: what stiffness.ts does on the way. */

const ITERATIONS = 12;
const DIFFERENCE = 2 ** -26;

export interface DominantMode {
  readonly radius: number;
  /** Is the eigenvalue's real part negative, and not small beside it? */
  readonly decays: boolean;
}

/** Components are measured by what they are, or become in a step of length h, or their tolerances make large. */
export function dominantMode(
  rhs: (u: Float64Array, t: number) => Float64Array,
  u: Float64Array,
  t: number,
  h: number,
  rtol: number,
  atol: Float64Array,
): DominantMode {
  const f = rhs(u, t);
  const sizes = u.map((x, i) => Math.abs(x) + Math.abs(h * f[i]) + (atol[i] < Infinity ? atol[i] / rtol : 1));
  // Fractions of multiples of the golden ratio: no eigenvector of any matrix that one meets.
  let direction = u.map((_, i) => (((i + 1) * 0.6180339887498949) % 1) - 0.5);
  let [radius, along] = [0, 0];
  for (let k = 0; k < ITERATIONS; k++) {
    const length = norm(direction);
    if (!(length > 0 && length < Infinity)) break;
    const unit = direction.map((x) => x / length);
    const moved = rhs(
      u.map((x, i) => x + DIFFERENCE * sizes[i] * unit[i]),
      t,
    );
    direction = moved.map((x, i) => (x - f[i]) / (DIFFERENCE * sizes[i]));
    radius = norm(direction);
    along = unit.reduce((sum, x, i) => sum + x * direction[i], 0);
  }
  return { radius, decays: along < -0.2 * radius };
}

function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
}
