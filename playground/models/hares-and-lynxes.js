import { odeProblem } from "odegrad";

// Pelts traded by the Hudson's Bay Company from 1900 to 1920, in thousands.
// The data are under "Data and fit": press Fit.
export default odeProblem({
  name: "Hares and lynxes",
  rhs(du, u, p) {
    du.hare = (p.births - p.hunting * u.lynx) * u.hare;
    du.lynx = (p.feeding * u.hare - p.deaths) * u.lynx;
  },
  u0: { hare: 30, lynx: 4 },
  tspan: [0, 20],
  p: { births: 0.5, hunting: 0.025, feeding: 0.025, deaths: 0.8 },
});
