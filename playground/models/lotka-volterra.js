import { odeProblem } from "odegrad";

// Predators and prey: each is the other's fate.
export default odeProblem({
  name: "Lotka-Volterra",
  rhs(du, u, p) {
    du.prey = p.birth * u.prey - p.hunt * u.prey * u.predator;
    du.predator = p.feed * u.prey * u.predator - p.death * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 20],
  p: { birth: 1.5, hunt: 1, feed: 1, death: 3 },
});
