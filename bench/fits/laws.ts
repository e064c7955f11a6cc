/** Laws that networks in Lotka's and Volterra's equations learn from noisy data: the example `lotka-volterra-ude`, with other noise and weights. */
import { odeProblem, remake, type OdeProblem } from "../../src/problem/problem.ts";
import { mixed, normals } from "../../src/core/random.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { chain, collocate, dense, fit, fitDerivatives, observations, rbf, sindy, type Layer } from "../../training/index.ts";

interface State {
  prey: number;
  predator: number;
}

const truth = odeProblem({
  rhs(du, u, _p) {
    du.prey = 1.3 * u.prey - 0.9 * u.prey * u.predator;
    du.predator = 0.8 * u.prey * u.predator - 1.8 * u.predator;
  },
  u0: { prey: 0.44249296, predator: 4.6280594 },
  tspan: [0, 6],
  p: {},
});

export interface LawFound {
  /** f = −0.9 prey predator and g = 0.8 prey predator, nothing else? */
  readonly hasTerms: boolean;
  /** The larger relative error of their coefficients. */
  readonly coefficients: number;
  /** The distance to the truth from t = 3 to 6, root mean square, relative. */
  readonly prediction: number;
}

const END = 3;
const tight = { rtol: 1e-9, atol: 1e-9 } as const;

export async function findLaw(seed: number): Promise<LawFound> {
  const t = Array.from({ length: 31 }, (_, i) => i / 10);
  const { u } = solve(truth, { saveat: t, ...tight });
  const normal = normals(mixed(seed, 0));
  const noisy = (of: keyof State): number[] => {
    const mean = u.reduce((sum, state) => sum + state[of] / u.length, 0);
    return u.map((state) => state[of] + 0.005 * mean * normal());
  };
  const [prey, predator] = [noisy("prey"), noisy("predator")];
  const model = <P>(interaction: Layer<P>, f: P): OdeProblem<State, { f: P }> =>
    odeProblem({
      rhs(du, u, p, _t, constants) {
        const rates = constants.interaction([u.prey, u.predator], p.f as P);
        du.prey = 1.3 * u.prey + rates.get(0);
        du.predator = rates.get(1) - 1.8 * u.predator;
      },
      u0: { prey: prey[0], predator: predator[0] },
      tspan: [0, END],
      p: { f },
      constants: { interaction },
    }) as unknown as OdeProblem<State, { f: P }>;
  const data = observations({ t, values: { prey, predator } });
  const initial = { prey: true, predator: true } as const;
  const net = chain(dense(2, 5, rbf), dense(5, 5, rbf), dense(5, 2));
  const ude = model(net, net.initial(seed));
  const start = await fitDerivatives(ude, collocate(data), { maxIterations: 100 });
  const trained = await fit(remake(ude, { p: start.p }), data, {
    parameters: { f: { prior: { normal: [0, 1] } } },
    initial,
    maxIterations: 300,
  });
  const along = solve(remake(ude, { p: trained.p, u0: trained.u0 }), { saveat: 0.05 }).u;
  const rates = along.map((state) => net([state.prey, state.predator], trained.p.f));
  const law = sindy({
    inputs: { prey: along.map((state) => state.prey), predator: along.map((state) => state.predator) },
    outputs: { f: rates.map((rate) => rate.get(0)), g: rates.map((rate) => rate.get(1)) },
  });
  const hasTerms = /^f = -\S+ prey predator\ng = \S+ prey predator$/.test(String(law));
  if (!hasTerms) return { hasTerms, coefficients: Infinity, prediction: Infinity };
  const found = await fit(model(law.layer, law.layer.initial()), data, { initial });
  const values = found.parameters.filter(({ of }) => of === "p").map(({ value }) => value);
  const coefficients = Math.max(Math.abs(values[0] / -0.9 - 1), Math.abs(values[1] / 0.8 - 1));
  const late = Array.from({ length: 31 }, (_, i) => END + i / 10);
  const predicted = solve(remake(model(law.layer, found.p.f), { u0: found.u0, tspan: [0, 2 * END] }), { saveat: late }).u;
  const happens = solve(truth, { saveat: late, ...tight }).u;
  const square = (of: (state: State, i: number) => number): number => happens.reduce((sum, state, i) => sum + of(state, i), 0);
  const missed = square((state, i) => (state.prey - predicted[i].prey) ** 2 + (state.predator - predicted[i].predator) ** 2);
  return { hasTerms, coefficients, prediction: Math.sqrt(missed / square((state) => state.prey ** 2 + state.predator ** 2)) };
}
