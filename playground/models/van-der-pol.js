import { odeProblem } from "odegrad";

// An oscillator that waits, and leaps: the larger the damping, the stiffer.
export default odeProblem({
  name: "Van der Pol",
  rhs(du, u, p) {
    du.x = u.y;
    du.y = p.damping * (1 - u.x ** 2) * u.y - u.x;
  },
  u0: { x: 2, y: 0 },
  tspan: [0, 40],
  p: { damping: 5 },
});
