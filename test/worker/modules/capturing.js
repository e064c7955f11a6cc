/** A problem whose functions capture what is of the module. */
import { odeProblem } from "odegrad";
import { serve } from "odegrad/worker";

const rate = 2;
const weights = { end: 3 };
const slope = (u, p) => -rate * p * u;

export const decay = serve(odeProblem({ rhs: (u, p) => [slope(u[0], p[0])], u0: [1], p: [1], tspan: [0, 1] }), {
  loss: { final: (u) => weights.end * u[0] },
});
