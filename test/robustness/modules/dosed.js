/** Serves the problem "dosed" of verbs.ts. */
import { odeProblem } from "odegrad";
import { serve } from "odegrad/worker";

export const dosed = serve(
  odeProblem({
    name: "dosed",
    rhs: (u, p, t) => ({ x: p.a * u.y * Math.cos(t), y: -p.b * u.x - 0.1 * u.y * u.x }),
    u0: { x: 1, y: 0.5 },
    p: { a: 1.2, b: 0.7 },
    tspan: [0, 6],
    events: { at: [1, 2.5], apply: (u, p) => void (u.x += p.a) },
  }),
  { loss: { final: (u) => u.x ** 2 + u.y } },
);
