import { odeProblem } from "odegrad";

export default odeProblem({ rhs: (u) => [Math.sqrt(0.5 - u[0])], u0: [0], tspan: [0, 10] });
