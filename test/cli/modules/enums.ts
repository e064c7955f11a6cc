/** Enums are code, which does not go by stripping types. */
import { odeProblem } from "odegrad";

enum Rate {
  Slow = 1,
  Fast = 3,
}

export default odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], p: [Rate.Fast], tspan: [0, 1] });
