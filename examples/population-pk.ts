/**
 * A drug in twenty-four people, of two compartments each, with doses by weight: what is typical, how clearance goes with weight, and how much
 * people of one weight differ. All are fitted together first, as if they did not differ, whose standard errors are too small therefore; then,
 * from there, each alone, and what was found of them is compared. Of both, the naive pooled and the two-stage approach: L. B. Sheiner,
 * S. L. Beal, J. Pharmacokinet. Biopharm. 9 (1981) 635-651.
 */
import { odeProblem, remake, solve } from "odegrad";
import { fit, observations } from "odegrad/training";

const body = odeProblem({
  rhs(du, u, p) {
    const size = p.weight / 70;
    const clearance = p.CL * size ** p.power; // l/h, of 70 kg
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
  return { weight, data, truth: p.CL * (weight / 70) ** 0.75 };
});

const all = people.map(({ data }) => data);
const parameters = { CL: true, V: true, Q: true, V2: true } as const;
const together = await fit(body, all, { parameters: { ...parameters, power: true } });
console.log(`All together:\n${String(together)}\n\nEach alone, clearances:`);
const start = remake(body, { p: { ...together.p, power: 0 } });
const logWeight: number[] = [];
const clearance: number[] = [];
for (const { weight, data, truth } of people) {
  const [{ value, standardError }] = (await fit(start, data, { parameters })).parameters;
  console.log(`${weight} kg: ${value.toFixed(2)} ± ${standardError.toFixed(2)} l/h, true ${truth.toFixed(2)}`);
  logWeight.push(Math.log(weight / 40));
  clearance.push(value);
}
// Between people: over the logarithm of weight clearance grows as a power, and about that they differ.
const line = odeProblem({ rhs: (u, p) => ({ CL: p.power * u.CL }), u0: { CL: 2 }, tspan: [0, 1], p: { power: 1 } });
const clearances = observations({ t: logWeight, values: { CL: clearance }, noise: "lognormal" });
console.log(`\nBetween people, from 40 kg on:\n${String(await fit(line, clearances, { initial: { CL: true } }))}`);
