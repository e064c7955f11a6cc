/**
 * From data to a law: of predators and prey, growth and death are known, and how they interact is not. A network stands for that, is trained
 * on 31 noisy observations, and sparse regression finds what it has learned.
 *
 * C. Rackauckas et al., Universal differential equations for scientific machine learning, 2020.
 */
import { odeProblem, remake, solve } from "odegrad";
import { chain, collocate, dense, fit, fitDerivatives, observations, rbf, sindy, type Layer } from "odegrad/training";
import { lotkaVolterraUDE } from "odegrad/problems";

const { loss } = lotkaVolterraUDE();
const t = Array.from(loss.at!);
const measured = (j: number): number[] => t.map((_, i) => loss.constants!.data.get(i, j));
const data = observations({ t, values: { prey: measured(0), predator: measured(1) } });

/** What is known, and a function for what is not. */
const model = <P>(interaction: Layer<P>, f: P) =>
  odeProblem({
    rhs(du, u, p, _t, constants) {
      const rates = constants.interaction([u.prey, u.predator], p.f as P);
      du.prey = 1.3 * u.prey + rates.get(0);
      du.predator = rates.get(1) - 1.8 * u.predator;
    },
    u0: { prey: measured(0)[0], predator: measured(1)[0] },
    tspan: [0, 3],
    p: { f },
    constants: { interaction },
  });

const net = chain(dense(2, 5, rbf), dense(5, 5, rbf), dense(5, 2));
const ude = model(net, net.initial(1));

// A start from derivatives of the smoothed data, without a solve; then from solutions. The prior keeps the network from learning noise.
const start = await fitDerivatives(ude, collocate(data), { maxIterations: 100 });
const initial = { prey: true, predator: true } as const;
const trained = await fit(remake(ude, { p: start.p }), data, {
  parameters: { f: { prior: { normal: [0, 1] } } },
  initial,
  maxIterations: 300,
});

// What the network gives along the solution, in few terms.
const { u } = solve(remake(ude, { p: trained.p, u0: trained.u0 }), { saveat: 0.05 });
const rates = u.map(({ prey, predator }) => net([prey, predator], trained.p.f));
const law = sindy({
  inputs: { prey: u.map((state) => state.prey), predator: u.map((state) => state.predator) },
  outputs: { f: rates.map((rate) => rate.get(0)), g: rates.map((rate) => rate.get(1)) },
});
console.log(String(law));

// The law in place of the network, its two coefficients fitted to the data, predicts what comes later.
const found = await fit(model(law.layer, law.layer.initial()), data, { initial });
console.log(String(found));
const later = solve(remake(model(law.layer, found.p.f), { u0: found.u0, tspan: [0, 6] }));
console.log("at t = 6:", later.u.at(-1));
