/** The least that a page with gradients loads. */
import { gradient, odeProblem, tsit5 } from "odegrad";

const decay = odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
document.title = gradient(decay, { solver: tsit5(), loss: { final: (u) => u[0] } }).value;
