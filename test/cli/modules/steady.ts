import { odeProblem } from "../../../index.ts";

const problem = odeProblem({
  rhs(du: number[], u, p: number[]) {
    du[0] = p[0] * u[0] * (1 - u[0] / p[1]);
  },
  u0: [0.1],
  tspan: [0, 10],
  p: [1, 7],
  name: "logistic",
});

export default { problem, loss: { steady: (u: number[]) => u[0] } };
