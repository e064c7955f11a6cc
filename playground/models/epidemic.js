import { odeProblem } from "odegrad";

// Those who can fall ill, are ill, and were; contacts are fewer from a day on.
export default odeProblem({
  name: "Epidemic",
  rhs(du, u, p, t) {
    const contacts = t < p.closing ? p.contacts : p.contacts * p.distance;
    const infections = contacts * u.susceptible * u.infected;
    du.susceptible = -infections;
    du.infected = infections - p.recovery * u.infected;
    du.recovered = p.recovery * u.infected;
  },
  u0: { susceptible: 0.999, infected: 0.001, recovered: 0 },
  tspan: [0, 120],
  p: { contacts: 0.4, recovery: 0.15, closing: 25, distance: 0.6 },
});
