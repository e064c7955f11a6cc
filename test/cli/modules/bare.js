import { odeProblem } from "odegrad";

export default odeProblem({
  rhs(du, u) {
    du.x = -u.x;
  },
  u0: { x: 1 },
  tspan: [0, 1],
});
