/** A problem of one's own: radioactive decay, and how much of it is left at the end. */
import { odeProblem } from "odegrad";

export default {
  problem: odeProblem({
    name: "decay",
    rhs(du: { atoms: number }, u: { atoms: number }, p: { rate: number }) {
      du.atoms = -p.rate * u.atoms;
    },
    u0: { atoms: 1 },
    tspan: [0, 2],
    p: { rate: 0.5 },
  }),
  loss: { final: (u: { atoms: number }) => u.atoms },
};
