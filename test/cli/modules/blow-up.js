import { odeProblem } from "odegrad";

/** x = 1 / (1 / x0 - t) */
export default odeProblem({ name: "blowUp", rhs: (u) => ({ x: u.x ** 2 }), u0: { x: 0.5 }, tspan: [0, 0.9] });
