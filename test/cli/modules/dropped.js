import { odeProblem } from "odegrad";

export default odeProblem({
  name: "dropped",
  rhs(du, u) {
    du.h = u.v;
    du.v = -2;
  },
  u0: { h: 4, v: 0 },
  tspan: [0, 5],
  events: { when: (u) => u.h, terminal: true },
});
