import { odeProblem } from "odegrad";

export default odeProblem({ rhs: (u, p, t) => [Math.sqrt(1 - t)], u0: [0], tspan: [0, 2] });
