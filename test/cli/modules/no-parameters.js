import { odeProblem } from "odegrad";

export default {
  problem: odeProblem({ name: "fixed", rhs: (u) => [-u[0]], u0: [1], tspan: [0, 1], p: {} }),
  loss: { final: (u) => u[0] },
};
