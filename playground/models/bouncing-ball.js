import { odeProblem } from "odegrad";

// A ball that loses speed wherever it meets the ground.
export default odeProblem({
  name: "Bouncing ball",
  rhs(du, u, p) {
    du.height = u.speed;
    du.speed = -p.gravity;
  },
  events: {
    when: (u) => u.height,
    direction: "down",
    apply(u, p) {
      u.speed = -p.bounce * u.speed;
    },
  },
  u0: { height: 2, speed: 0 },
  tspan: [0, 5],
  p: { gravity: 9.81, bounce: 0.85 },
});
