/**
 * Optimal control: how much to fish, at each time, such that numbers of predators and prey come to rest. The control is a table of 121 values
 * between which `interpolate` goes, and all of them are learned by the gradient of the cost, within their bounds.
 *
 * The Lotka-Volterra fishing problem of S. Sager, Numerical methods for mixed-integer optimal control problems, 2005, and of
 * https://mintoc.de, where the best control of values from 0 to 1 costs 1.34408.
 */
import { gradient, interpolate, odeProblem, solve } from "odegrad";
import { lbfgs, type Objective } from "odegrad/training";

const nodes = 121;
const fishing = odeProblem({
  rhs(du, u, p, t) {
    const effort = interpolate({ values: p.effort, from: 0, to: 12 }, t);
    du.prey = u.prey - u.prey * u.predator - 0.4 * u.prey * effort;
    du.predator = u.prey * u.predator - u.predator - 0.2 * u.predator * effort;
  },
  u0: { prey: 0.5, predator: 0.7 },
  tspan: [0, 12],
  p: { effort: new Float64Array(nodes).fill(0.5) },
});

const loss = { integral: (u: typeof fishing.u0) => (u.prey - 1) ** 2 + (u.predator - 1) ** 2 };
const cost = (effort: Float64Array) => gradient(fishing, { p: { effort }, loss, wrt: ["p"] });
const objective: Objective = {
  lower: new Float64Array(nodes),
  upper: new Float64Array(nodes).fill(1),
  gradient: async (effort) => {
    const { value, gradient } = cost(effort);
    return { value, gradient: gradient.p!.effort };
  },
  leastSquares: () => Promise.reject(new Error("An integral has no residuals.")),
};

for (const effort of [0, 0.5, 1]) console.log(`${effort} all the time costs`, cost(fishing.p.effort.map(() => effort)).value);
const optimiser = lbfgs();
let best = await optimiser.begin(objective, fishing.p.effort);
for (let k = 0; k < 300 && !best.finished; k++) best = await optimiser.step(objective, best);
console.log("the best costs", best.value, "(published: 1.34408)\n\n  t   prey  predators  effort");

const { u } = solve(fishing, { p: { effort: best.x }, saveat: 0.4 });
u.forEach(({ prey, predator }, i) => {
  const numbers = [0.4 * i, prey, predator].map((x) => x.toFixed(2).padStart(5)).join("  ");
  console.log(numbers, "#".repeat(Math.round(40 * best.x[4 * i])));
});
