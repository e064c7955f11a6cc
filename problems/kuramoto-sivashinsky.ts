import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface KuramotoSivashinskyParameters {
  /** Damping of short waves. */
  nu: number;
}

interface Constants {
  readonly n: number;
  /** Distance between points. */
  readonly dx: number;
}

export interface KuramotoSivashinskyOptions {
  /** Points on the circle. */
  readonly n: number;
  readonly tEnd: number;
}

export const kuramotoSivashinskyDefaults: KuramotoSivashinskyOptions = { n: 256, tEnd: 20 };

const length = 32 * Math.PI;

/**
 * The Kuramoto-Sivashinsky equation on a circle of length 32π: n states, one parameter, stiff, chaotic from about t = 50 on.
 *
 *     u_t = -(u²/2)_x - u_xx - nu u_xxxx,    u(x, 0) = cos(x/16) (1 + sin(x/16))
 *
 * A.-K. Kassam, L. N. Trefethen, Fourth-order time-stepping for stiff PDEs, SIAM J. Sci. Comput. 26 (2005), section 4 (nu = 1), here by
 * central differences of second order, in conservative form. The loss is the mean energy at the end, mean of u²/2. The
 * reference (n = 256, tEnd = 20) was computed by the discrete adjoints of Rodas5P and Vern7, which agree to the digits given. Throws UnsupportedValue for an n that is no
 * grid.
 */
export function kuramotoSivashinsky(
  options: Partial<KuramotoSivashinskyOptions> = {},
): NamedProblem<Float64Array, KuramotoSivashinskyParameters, Constants, { n: number }> {
  const { n, tEnd } = completed("kuramotoSivashinsky", kuramotoSivashinskyDefaults, options);
  if (!Number.isInteger(n) || n < 5 || n > 2 ** 24)
    throw new UnsupportedValue(`n is ${String(n)}, but the stencil of u_xxxx needs a whole number of points, from 5 to 2^24.`);
  const dx = length / n;
  return {
    problem: odeProblem({
      name: "kuramotoSivashinsky",
      rhs(du, u, { nu }, _t, { n, dx }) {
        const dx2 = dx * dx;
        for (let i = 0; i < n; i++) {
          const left = u[(i + n - 1) % n];
          const right = u[(i + 1) % n];
          const farLeft = u[(i + n - 2) % n];
          const farRight = u[(i + 2) % n];
          const advection = (right * right - left * left) / (4 * dx);
          const second = (left - 2 * u[i] + right) / dx2;
          const fourth = (farLeft - 4 * left + 6 * u[i] - 4 * right + farRight) / (dx2 * dx2);
          du[i] = -advection - second - nu * fourth;
        }
      },
      u0: Float64Array.from({ length: n }, (_, i) => Math.cos((i * dx) / 16) * (1 + Math.sin((i * dx) / 16))),
      tspan: [0, tEnd],
      p: { nu: 1 },
      constants: { n, dx },
    }),
    loss: {
      final(u, _p, { n }) {
        let energy = 0;
        for (let i = 0; i < n; i++) energy += u[i] * u[i];
        return (0.5 * energy) / n;
      },
      constants: { n },
    },
    reference: n === 256 && tEnd === 20 ? { loss: 0.19615789686208, gradient: { nu: 0.003799037373 } } : undefined,
  };
}
