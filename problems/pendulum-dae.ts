import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface PendulumState {
  x: number;
  y: number;
  vx: number;
  vy: number;
  /** Force in the rod, over mass and length. */
  tension: number;
}

export interface PendulumParameters {
  gravity: number;
}

export const pendulumDAEDefaults = { periods: 1 };

const GRAVITY = 9.81;
/** The complete elliptic integral of the first kind of the modulus sin 45°. */
const QUARTER = 1.854074677301372;

/**
 * A pendulum of length one in Cartesian coordinates, let go from the horizontal. The length is constant, x² + y² = 1, which has index 3;
 * differentiated twice it determines the tension, 0 = vx² + vy² − gravity y − tension (x² + y²), and the index is 1.
 *
 * E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, VII.1. After whole periods and an eighth of one, the height is
 * 1 − √2, as sn²(K/2) = 1/(1 + cos 45°) (Abramowitz and Stegun, Handbook of Mathematical Functions, 16.5); the loss is y there.
 */
export function pendulumDAE(options: Partial<typeof pendulumDAEDefaults> = {}): NamedProblem<PendulumState, PendulumParameters> {
  const { periods } = completed("pendulumDAE", pendulumDAEDefaults, options);
  const y = 1 - Math.SQRT2;
  const x = Math.sqrt(1 - y * y);
  const speed = Math.sqrt(-2 * GRAVITY * y);
  const end = { x, y, vx: speed * y, vy: -speed * x, tension: -3 * GRAVITY * y };
  return {
    problem: odeProblem({
      name: "pendulumDAE",
      rhs(du, u, { gravity }) {
        du.x = u.vx;
        du.y = u.vy;
        du.vx = -u.tension * u.x;
        du.vy = -u.tension * u.y - gravity;
        du.tension = u.vx ** 2 + u.vy ** 2 - gravity * u.y - u.tension * (u.x ** 2 + u.y ** 2);
      },
      u0: { x: 1, y: 0, vx: 0, vy: 0, tension: 0 },
      tspan: [0, (4 * periods + 0.5) * (QUARTER / Math.sqrt(GRAVITY))],
      p: { gravity: GRAVITY },
      massMatrix: { x: 1, y: 1, vx: 1, vy: 1, tension: 0 },
    }),
    loss: { final: (u) => u.y },
    reference: Number.isInteger(periods) ? { end, loss: y } : undefined,
  };
}
