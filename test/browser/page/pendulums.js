/** Two oscillators x'' = -w² x, and the worker that runs them. */
import { ndarray, odeProblem } from "odegrad";
import { serve } from "odegrad/worker";

export const pendulums = serve(
  odeProblem({
    rhs(du, u, p) {
      for (let i = 0; i < 2; i++) {
        du.x.set(i, u.y[i]);
        du.y[i] = -(p.w ** 2) * u.x.get(i);
      }
    },
    u0: { x: ndarray(Float64Array.of(1, 2), [2]), y: new Float64Array(2) },
    p: { w: 2 },
    tspan: [0, 1],
  }),
  { loss: { final: (u) => u.x.get(0) + u.x.get(1) } },
);
