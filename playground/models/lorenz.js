import { odeProblem } from "odegrad";

// Convection, and chaos: sensitivities grow without bound.
export default odeProblem({
  name: "Lorenz",
  rhs(du, u, p) {
    du.x = p.sigma * (u.y - u.x);
    du.y = u.x * (p.rho - u.z) - u.y;
    du.z = u.x * u.y - p.beta * u.z;
  },
  u0: { x: 1, y: 0, z: 0 },
  tspan: [0, 25],
  p: { sigma: 10, rho: 28, beta: 8 / 3 },
});
