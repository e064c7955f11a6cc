/** A bouncing ball, which ends where it has passed a line. */
import { odeProblem } from "odegrad";
import { serve } from "odegrad/worker";

serve(
  odeProblem({
    rhs(du, u) {
      du.height = u.speed[0];
      du.speed[0] = -2;
      du.way = 1;
    },
    u0: { height: 1, speed: new Float64Array(1), way: 0 },
    tspan: [0, 10],
    events: [
      {
        when: (u) => u.height,
        direction: "down",
        apply(u) {
          u.speed[0] = -0.5 * u.speed[0];
        },
      },
      { when: (u) => u.way - 1.75, terminal: true },
    ],
  }),
);
