import { odeProblem } from "odegrad";
import { serve } from "odegrad/worker";

const rate = 2;

export const decay = serve(
  odeProblem({ rhs: (u: number[], p: number[]) => [-rate * p[0] * u[0]], u0: [1], tspan: [0, 1], p: [1] }),
);
