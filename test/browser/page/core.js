/** The least that a page with gradients loads, by what is handed in. */
import { discreteAdjoint, gradient, odeProblem, sourceVjp, tsit5 } from "odegrad/core";
import { report } from "./report.js";

void report(() => {
  const decay = odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
  const by = { solver: tsit5(), adjoint: discreteAdjoint, vjp: sourceVjp };
  const { value, gradient: slopes } = gradient(decay, { ...by, loss: { final: (u) => u[0] } });
  return { value, slope: slopes.p[0] };
});
