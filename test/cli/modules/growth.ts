import { odeProblem } from "odegrad";

export default odeProblem({
  rhs: (u: { x: number }, p: { rate: number; day: number }) => ({ x: p.rate * p.day * u.x }),
  u0: { x: 1 },
  tspan: [0, 2],
  p: { rate: 0.5, day: 1 },
});
