/** An enum is code, which does not go by stripping types; and a timer that nobody stops. */
import { odeProblem } from "odegrad";

enum Rate {
  Slow = 1,
  Fast = 3,
}

setInterval(() => {}, 1000);

export default odeProblem({
  rhs: (u: number[], p: number[], _t: number, { rate }: { rate: number }) => [-rate * p[0] * u[0]],
  u0: [1],
  p: [1],
  tspan: [0, 1],
  constants: { rate: Rate.Fast },
});
