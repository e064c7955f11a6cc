/** The problem that events of the state are tested with. */
import { odeProblem } from "../../../index.ts";

/** Height and speed upwards. */
export interface Ball {
  h: number;
  v: number;
}
export interface Physics {
  g: number;
  restitution: number;
}

/** A ball that falls from a height, and leaves the floor with a part of its speed, more than a hundred times. */
export const ball = odeProblem({
  rhs(du: Ball, u: Ball, p: Physics) {
    du.h = u.v;
    du.v = -p.g;
  },
  u0: { h: 10, v: 0 },
  p: { g: 9.81, restitution: 0.9 },
  tspan: [0, 27.1287],
  events: {
    when: (u) => u.h,
    direction: "down",
    apply(u, p) {
      u.v = -p.restitution * u.v;
    },
  },
});
