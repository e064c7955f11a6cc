/** An oscillator whose frequency is fitted, and data of it. */
import { odeProblem } from "odegrad";
import { observations } from "odegrad/training";
import { serveFit } from "odegrad/worker";

const t = Array.from({ length: 21 }, (_, i) => i / 4);

export const data = observations({ t, values: { x: t.map((at) => Math.cos(2 * at) + 0.05 * Math.sin(37 * at)) } });

export const oscillator = serveFit(
  odeProblem({
    name: "oscillator",
    rhs(du, u, p) {
      du.x = u.v;
      du.v = -(p.w ** 2) * u.x;
    },
    u0: { x: 1, v: 0 },
    tspan: [0, 5],
    p: { w: 3 },
  }),
  data,
);
