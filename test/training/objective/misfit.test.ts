/** The two ways to a misfit's gradient, and differences of its value. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { pack } from "../../../src/arrays/pack.ts";
import { observations } from "../../../training/index.ts";
import { noises, type NoiseName } from "../../../training/data/noise.ts";
import { experimentsOf, seriesWithin } from "../../../training/objective/experiment.ts";
import { Misfit } from "../../../training/objective/misfit.ts";
import { FreeParameters, freeParameters } from "../../../training/parameters/free.ts";

const problem = odeProblem({
  rhs(du, u, p) {
    du.a = -p.k * u.a * u.b;
    du.b = p.k * u.a * u.b - p.m * u.b;
  },
  u0: { a: 2, b: 1 },
  tspan: [0, 3],
  p: { k: 0.4, m: 0.3 },
});

describe.each(Object.keys(noises) as NoiseName[])("with %s noise", (noise) => {
  const { fitsSigma, takesSigma } = noises[noise];
  const settings = (sigma: number | "fitted") => (takesSigma ? { noise, sigma } : { noise });
  const kinds = fitsSigma ? ([0.3, "fitted"] as const) : ([0.3] as const);

  it.each(kinds)(
    "of standard deviation %s, the gradient by the adjoint is that by the solution's derivatives, and by differences",
    async (sigma) => {
      const data = [
        observations({
          t: [0, 1, 2.5],
          values: { a: [3, 2, 1], m: [4, 3, 2] },
          of: { m: (u, p, t) => u.a * p.m * 8 + t },
          ...settings(sigma),
        }),
        observations({ t: [1, 2], values: { b: [1, 5] }, u0: { a: 3, b: 0.5 }, ...settings(0.5) }),
      ];
      const { layout } = problem;
      const [p, u0] = [pack(layout.p, problem.p, "p"), pack(layout.u, problem.u0, "u0")];
      const free = new FreeParameters([
        ...freeParameters("p", { m: { scale: "log" }, k: { scale: "logit", bounds: [0, 2] } }, layout.p, p),
        ...freeParameters("u0", { b: true }, layout.u, u0),
      ]);
      const misfit = new Misfit(experimentsOf("fit", problem, data), free, { rtol: 1e-11, atol: 1e-12 });
      const x = free.start;
      const { value, gradient } = await misfit.gradient(x);
      const { residuals, jacobian, value: same } = await misfit.leastSquares(x);
      expect(same).toBeCloseTo(value, 9);
      for (let j = 0; j < x.length; j++) {
        const product = residuals.reduce((sum, r, i) => sum + r * jacobian[i * x.length + j], 0);
        expect(gradient[j], `${j}`).toBeCloseTo(product, 7);
        const h = 1e-4;
        const at = async (d: number): Promise<number> => (await misfit.gradient(x.map((y, i) => (i === j ? y + d : y)))).value;
        const [wide, narrow] = [((await at(2 * h)) - (await at(-2 * h))) / (4 * h), ((await at(h)) - (await at(-h))) / (2 * h)];
        expect(gradient[j] / ((4 * narrow - wide) / 3), `${j}`).toBeCloseTo(1, 5);
      }
    },
  );
});

it("the density's derivative by a standard deviation is of the values that it is fitted to, and of no others of that name", async () => {
  const data = [
    observations({ t: [0, 1, 2.5], values: { a: [3, 2, 1] } }),
    observations({ t: [1, 2], values: { a: [1, 5] }, sigma: 0.5 }),
    observations({ t: [1, 2], values: { a: [1, 5] }, sigma: { a: [0.5, 2] } }),
  ];
  const { layout } = problem;
  const free = new FreeParameters(freeParameters("p", { m: true }, layout.p, pack(layout.p, problem.p, "p")));
  const misfit = new Misfit(experimentsOf("fit", problem, data), free, { rtol: 1e-9, atol: 1e-10 });
  const at = (log: number) => misfit.density(free.start, { a: Math.exp(log) });
  const { byLogSigma } = await at(-0.3);
  const h = 1e-5;
  expect(byLogSigma.a).toBeCloseTo(((await at(-0.3 + h)).value - (await at(-0.3 - h)).value) / (2 * h), 6);
});

it("a part of a series has its own standard deviations", () => {
  const data = observations({ t: [0, 1, 2, 3], values: { a: [1, 2, null, 4] }, sigma: { a: [0.1, 0.2, 0.3, 0.4] } });
  const [experiment] = experimentsOf("fit", problem, [data]);
  expect([...(seriesWithin(experiment.series[0], 1, 4).sigma as Float64Array)]).toEqual([0.2, 0.4]);
});

it("has no value where a parameter overflows on its scale", async () => {
  const { layout } = problem;
  const free = new FreeParameters(freeParameters("p", { k: { scale: "log" } }, layout.p, pack(layout.p, problem.p, "p")));
  const misfit = new Misfit(experimentsOf("fit", problem, observations({ t: [1], values: { a: [1] }, sigma: 1 })), free, {});
  const far = Float64Array.of(1000);
  const values = [await misfit.gradient(far), await misfit.leastSquares(far), await misfit.density(far, {})].map(
    (found) => found.value,
  );
  expect(values).toEqual([Infinity, Infinity, Infinity]);
  expect(String(misfit.attempts.failure)).toContain("p.k is Infinity");
});
