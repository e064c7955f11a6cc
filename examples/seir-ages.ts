/**
 * An epidemic in four age groups, fitted to weekly counts of reported cases: how many each case infects at first, for how long one is
 * infectious, what part of cases is reported, and how many schoolchildren brought it.
 *
 * Contacts a day of one in a row's group with those of a column's, in the United Kingdom: J. Mossong et al., PLoS Medicine 5 (2008) e74,
 * as in the package socialmixr.
 */
import { odeProblem, remake, solve } from "odegrad";
import { fit, observations } from "odegrad/training";

const contacts = [
  [0.4, 0.8, 1.266667, 5.933333],
  [0.1125, 1.9375, 1.4625, 5.45],
  [0.0245098, 0.504902, 7.946078, 6.215686],
  [0.03230337, 0.3581461, 1.29073, 9.594101],
];
const people = [1200, 4600, 12200, 82000]; // below one year, below 5, below 15, older
let [mode, largest] = [people, 0]; // the largest eigenvalue of contacts, by their powers
for (let k = 0; k < 50; k++) {
  const next = contacts.map((row) => row.reduce((sum, c, j) => sum + c * mode[j], 0));
  [largest, mode] = [Math.hypot(...next), next.map((x) => x / Math.hypot(...next))];
}
const weeks = Array.from({ length: 20 }, (_, i) => 7 * (i + 1));

const town = odeProblem({
  rhs(du, u, p, _t, { contacts, people, largest }) {
    const perContact = p.R0 / (p.days * largest);
    for (let i = 0; i < 4; i++) {
      let force = 0;
      for (let j = 0; j < 4; j++) force += perContact * contacts[i][j] * (u.infectious[j] / people[j]);
      du.susceptible[i] = -force * u.susceptible[i];
      du.exposed[i] = force * u.susceptible[i] - u.exposed[i] / 2; // infectious after two days
      du.infectious[i] = u.exposed[i] / 2 - u.infectious[i] / p.days;
      du.cases[i] = (p.reported * u.exposed[i]) / 2;
    }
  },
  u0: { susceptible: people, exposed: [0, 0, 0, 0], infectious: [0, 0, 10, 0], cases: [0, 0, 0, 0] },
  tspan: [0, 140],
  p: { R0: 1.5, days: 3, reported: 0.5 },
  constants: { contacts, people, largest },
  events: { at: weeks, apply: (u) => void u.cases.fill(0) }, // what is saved at that time is from before it
});

// What happened, and what was counted of it: numbers of Poisson's distribution.
const happened = remake(town, { p: { R0: 2, days: 2.8, reported: 0.3 }, u0: { ...town.u0, infectious: [0, 0, 25, 0] } });
let random = 20260101;
const counted = (mean: number): number => {
  let count = -1;
  for (let sum = 0; sum < mean; count++) sum -= Math.log((random = (16807 * random) % 2147483647) / 2147483647);
  return count;
};
const { u } = solve(happened, { saveat: weeks });
const values = Object.fromEntries(people.map((_, i) => [`cases[${i}]`, u.map(({ cases }) => counted(cases[i]))]));

const data = observations({ t: weeks, values, noise: "poisson" });
console.log(String(await fit(town, data, { initial: { "infectious[2]": true } })));
console.log("true:", happened.p, "and", happened.u0.infectious[2], "children");
