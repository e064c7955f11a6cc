/** A served problem beside another one, whose module serves it too. */
import { odeProblem } from "odegrad";
import { serve } from "odegrad/worker";
import { pendulums } from "../../browser/page/pendulums.js";

export const decay = serve(
  odeProblem({ name: "decay", rhs: (u, p) => [-p[0] * u[0]], u0: [pendulums.u0.x.get(1)], p: [1], tspan: [0, 1] }),
  { loss: { final: (u) => u[0] } },
);
