import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface AllenCahnParameters {
  /** Width of the layers between the phases. */
  epsilon: number;
}

export interface AllenCahnOptions {
  /** Points along each side. */
  readonly n: number;
  readonly tEnd: number;
}

export const allenCahnDefaults: AllenCahnOptions = { n: 64, tEnd: 10 };

/**
 * Allen and Cahn's separation of two phases on a square of side 1 whose edges meet: n² states, one parameter, stiff by diffusion.
 *
 *     u_t = epsilon² Δu + u - u³,    u(x, y, 0) = sin(2πx) cos(4πy)/2 + cos(2πy)/5
 *
 * S. M. Allen, J. W. Cahn, A microscopic theory for antiphase boundary motion, Acta Metallurgica 27 (1979); central differences of second
 * order. The loss is the mean of the free energy's well, (1 - u²)²/4, at the end. The reference (defaults) was computed by the discrete adjoints of Vern7
 * and Tsit5, which agree to the digits given. Throws UnsupportedValue for an n that is no grid.
 */
export function allenCahn(
  options: Partial<AllenCahnOptions> = {},
): NamedProblem<Float64Array, AllenCahnParameters, { n: number }, { n: number }> {
  const { n, tEnd } = completed("allenCahn", allenCahnDefaults, options);
  if (!Number.isInteger(n) || n < 3 || n > 4096)
    throw new UnsupportedValue(`n is ${String(n)}, but the grid needs a whole number of points along each side, from 3 to 4096.`);
  const wave = (k: number): number => (2 * Math.PI * k) / n;
  return {
    problem: odeProblem({
      name: "allenCahn",
      rhs(du, u, { epsilon }, _t, { n }) {
        const rate = (epsilon * n) ** 2;
        for (let i = 0; i < n; i++) {
          const up = (i === 0 ? n - 1 : i - 1) * n;
          const down = (i === n - 1 ? 0 : i + 1) * n;
          for (let j = 0; j < n; j++) {
            const k = i * n + j;
            const left = i * n + (j === 0 ? n - 1 : j - 1);
            const right = i * n + (j === n - 1 ? 0 : j + 1);
            const spread = u[up + j] + u[down + j] + u[left] + u[right] - 4 * u[k];
            du[k] = rate * spread + u[k] - u[k] ** 3;
          }
        }
      },
      u0: Float64Array.from({ length: n * n }, (_, k) => {
        const [x, y] = [wave(k % n), wave(Math.floor(k / n))];
        return 0.5 * Math.sin(x) * Math.cos(2 * y) + 0.2 * Math.cos(y);
      }),
      tspan: [0, tEnd],
      p: { epsilon: 0.05 },
      constants: { n },
    }),
    loss: {
      final(u, _p, { n }) {
        let sum = 0;
        for (let k = 0; k < n * n; k++) sum += (1 - u[k] ** 2) ** 2;
        return (0.25 * sum) / (n * n);
      },
      constants: { n },
    },
    reference: n === 64 && tEnd === 10 ? { loss: 0.04812932033146, gradient: { epsilon: 0.8752383908 } } : undefined,
  };
}
