/**
 * A drug in twenty-four people, of two compartments each, with doses by weight: what is typical, how clearance goes with weight, and how much
 * people of one weight differ. Fitted as if they did not differ, standard errors are too small; `fitMany` gives each person a clearance and a
 * volume of its own, about typical ones.
 */
import { odeProblem, solve } from "odegrad";
import { fit, fitMany, observations } from "odegrad/training";

const body = odeProblem({
  rhs(du, u, p) {
    const size = p.weight / 70;
    const clearance = p.CL * size ** p.power; // l/h; CL is that of 70 kg
    const [central, peripheral] = [u.central / (p.V * size), u.peripheral / (p.V2 * size)]; // mg/l
    du.central = -clearance * central - p.Q * (central - peripheral);
    du.peripheral = p.Q * (central - peripheral);
  },
  u0: { central: 0, peripheral: 0 }, // mg
  tspan: [0, 48], // h
  p: { CL: 5, V: 20, Q: 5, V2: 20, power: 1, weight: 70, dose: 100 },
  events: { at: [0, 12, 24], apply: (u, p) => void (u.central += p.dose) },
});

// Clearances differ by 20 %, volumes by 15 %, and concentrations are measured to 5 %, some of them missed.
let random = 20260101;
const next = (): number => (random = (16807 * random) % 2147483647) / 2147483647;
const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
const t = [0.5, 1, 2, 4, 8, 11, 12.5, 16, 24, 25, 30, 36, 48];
const people = Array.from({ length: 24 }, (_, i) => {
  const [weight, dose] = [40 + 3 * i, 80 + 6 * i];
  const p = { CL: 3 * Math.exp(0.2 * normal()), V: 12 * Math.exp(0.15 * normal()), Q: 2, V2: 25, power: 0.75, weight, dose };
  const { u } = solve(body, { p, saveat: t });
  const concentration = u.map(({ central }) => ((central * 70) / (p.V * weight)) * Math.exp(0.05 * normal()));
  const data = observations<(typeof body)["u0"], (typeof body)["p"]>({
    t,
    values: { concentration: concentration.map((value) => (next() < 0.9 ? value : null)) },
    of: { concentration: (u, p) => (u.central * 70) / (p.V * p.weight) },
    noise: "lognormal",
    p: { weight, dose },
  });
  return { weight, data, truth: p.CL };
});

const all = people.map(({ data }) => data);
const rate = { scale: "log" } as const;
const alike = await fit(body, all, { parameters: { CL: rate, V: rate, Q: rate, V2: rate, power: true } });
console.log(`As if people did not differ:\n${String(alike)}\n`);

const population = await fitMany(body, all, { shared: { Q: rate, V2: rate, power: true }, individual: { CL: rate, V: rate } });
console.log(`People differ:\n${String(population)}\n\nClearances as of 70 kg, found and true:`);
people.forEach(({ weight, truth }, i) => {
  console.log(`${weight} kg: ${population.individuals[i].p.CL.toFixed(2)} ${truth.toFixed(2)}`);
});
