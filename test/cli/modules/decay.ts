import { odeProblem } from "odegrad";

interface Rate {
  readonly k: number;
}

export default {
  problem: odeProblem({
    name: "decay",
    rhs(du: number[], u: number[], { k }: Rate): void {
      const halve = (x: number): number => x / 2;
      du[0] = -2 * k * halve(u[0]);
    },
    u0: [3],
    tspan: [0, 2],
    p: { k: 0.5 },
  }),
  loss: { final: (u: number[]): number => u[0] },
};
