/** A module whose rate is in a file of its own. */
import { odeProblem } from "odegrad";
import { rate } from "./rate.ts";

export default odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], p: [rate], tspan: [0, 1] });
