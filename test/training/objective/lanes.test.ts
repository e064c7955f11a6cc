/** Many short experiments are solved together where that gives the same, and alone where it does not, which the fit says. */
import { describe, expect, it } from "vitest";
import { odeProblem, type OdeProblem } from "../../../src/problem/problem.ts";
import { kenCarp4 } from "../../../solvers/index.ts";
import { vern7 } from "../../../solvers/methods/vern7.ts";
import { normals } from "../../../src/core/random.ts";
import { adam, fit, lbfgs, observations, train, type FitOptions, type Observations } from "../../../training/index.ts";
import { experimentsOf } from "../../../training/objective/experiment.ts";
import { Misfit } from "../../../training/objective/misfit.ts";
import { freeOf } from "../../../training/objective/model.ts";
import { Solves } from "../../../training/objective/solves.ts";

interface Animals {
  prey: number;
  predator: number;
}

const lotkaVolterra = odeProblem({
  name: "lotkaVolterra",
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator * p.weight;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 3],
  p: { a: 1.3, b: 0.9, c: 2.8, d: 1.1, weight: 1 },
});
const free = { a: { scale: "log" }, b: true, c: true, d: true } as const;

/** `spread`: how far their spans differ, by which each is solved alone. */
function experiments(count: number, spread = 0, more: object = {}): Observations[] {
  const normal = normals(5);
  return Array.from({ length: count }, (_, m) => {
    const t = [0, 0.5, 1, 1.5, 2, 2.5].map((time) => (m % 2 ? time : time + 0.25));
    return observations<Animals, { readonly weight: number }>({
      t,
      values: {
        prey: t.map((time) => (m % 3 ? 1.5 + Math.sin(time) + 0.1 * normal() : null)),
        total: t.map(() => 2.5 + 0.2 * normal()),
      },
      of: { total: (u, p) => u.prey + p.weight * u.predator },
      sigma: { prey: 0.2 },
      u0: { prey: 0.6 + m / count, predator: 1.5 - m / count },
      p: { weight: 0.8 + (0.4 * m) / count },
      tspan: [0, 3 + spread * m],
      ...more,
    });
  });
}

function misfitOf(problem: OdeProblem, data: readonly Observations[], asked: object = free) {
  const all = experimentsOf("test", problem, data);
  const parameters = freeOf("test", all, { parameters: asked } as never);
  const solves = new Solves(all, parameters, {});
  return { misfit: new Misfit(all, parameters, {}, undefined, solves), x: parameters.start };
}

const near = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void => {
  expect(found.length).toBe(expected.length);
  const size = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThan(tolerance * size);
};

describe("the misfit of many experiments", () => {
  it("has together the residuals, Jacobian and gradient that it has one by one", async () => {
    const together = misfitOf(lotkaVolterra as never, experiments(40));
    const alone = misfitOf(lotkaVolterra as never, experiments(40, 1e-7));
    const [least, expected] = [await together.misfit.leastSquares(together.x), await alone.misfit.leastSquares(alone.x)];
    near(least.residuals, expected.residuals, 1e-5);
    near(least.jacobian, expected.jacobian, 1e-5);
    expect(least.residuals).toHaveLength(6 * 26 + 6 * 40);
    const [pulled, own] = [await together.misfit.gradient(together.x), await alone.misfit.gradient(alone.x)];
    expect(pulled.value / own.value).toBeCloseTo(1, 6);
    near(pulled.gradient, own.gradient, 1e-5);
    expect(together.misfit.how).toBe("40 experiments together, in lanes of tsit5");
    expect(alone.misfit.how).toBe("one by one: fewer than 32 have the same span of time and a given initial state");
  });

  it("sees what acts for a short time in each", async () => {
    const dosed = odeProblem({
      rhs: (u, p, t) => ({ x: p.A * Math.exp(-(((t - p.c) / 0.05) ** 2)) - 0.03 * u.x }),
      u0: { x: 0 },
      tspan: [0, 100],
      p: { A: 3, c: 37.3 },
    });
    const times = Array.from({ length: 40 }, (_, m) => 5 + 2.13 * m);
    const data = times.map((c) => observations({ t: [100], values: { x: [0] }, sigma: 1, p: { c } }));
    const { misfit, x } = misfitOf(dosed as never, data, { A: true });
    const byA = times.map((c) => 0.05 * Math.sqrt(Math.PI) * Math.exp(-0.03 * (100 - c) + (0.03 * 0.05) ** 2 / 4));
    const { residuals, jacobian } = await misfit.leastSquares(x);
    near(
      Array.from(residuals, Math.abs),
      byA.map((one) => 3 * one),
      1e-4,
    );
    near(Array.from(jacobian, Math.abs), byA, 1e-4);
    expect(misfit.how).toBe("40 experiments together, in lanes of tsit5");
  });

  it("has the others one by one beside them, in their places", async () => {
    const data = experiments(40);
    const mixed = [...data.slice(0, 20), ...experiments(6, 1e-3).slice(1), ...data.slice(20)];
    const [together, alone] = [
      misfitOf(lotkaVolterra as never, mixed),
      misfitOf(
        lotkaVolterra as never,
        mixed.map((one, m) => ({ ...one, tspan: [0, 3 + 1e-7 * m] })),
      ),
    ];
    near((await together.misfit.leastSquares(together.x)).residuals, (await alone.misfit.leastSquares(alone.x)).residuals, 1e-4);
    near((await together.misfit.gradient(together.x)).gradient, (await alone.misfit.gradient(alone.x)).gradient, 1e-4);
    expect(together.misfit.how).toBe("40 experiments together, in lanes of tsit5");
  });

  it("has those that need many more steps one by one", async () => {
    // Of the first only is the rate so large that explicit steps are many.
    const relaxing = odeProblem({
      name: "relaxing",
      rhs: (u, p) => ({ x: -p.rate * (u.x - Math.cos(p.a * u.x)) }),
      u0: { x: 2 },
      tspan: [0, 3],
      p: { a: 1, rate: 1 },
    });
    const at = (count: number, spread: number): Observations[] =>
      Array.from({ length: count }, (_, m) =>
        observations({
          t: [1, 2, 3],
          values: { x: [0.8, 0.7, 0.7] },
          sigma: 0.1,
          p: { rate: m === 1 ? 1e6 : 1 + m / 40 },
          tspan: [0, 3 + spread * m],
        }),
      );
    const [together, alone] = [0, 1e-7].map((spread) => {
      const all = experimentsOf("test", relaxing as never, at(40, spread));
      const parameters = freeOf("test", all, { parameters: { a: true } });
      return { misfit: new Misfit(all, parameters, {}), x: parameters.start };
    });
    const [least, expected] = [await together.misfit.leastSquares(together.x), await alone.misfit.leastSquares(alone.x)];
    expect(together.misfit.how).toBe("40 experiments together, in lanes of tsit5");
    near(least.residuals, expected.residuals, 1e-4);
    near(least.jacobian, expected.jacobian, 1e-4);
    near((await together.misfit.gradient(together.x)).gradient, (await alone.misfit.gradient(alone.x)).gradient, 1e-4);
  });
});

describe("fits of many experiments", () => {
  it.each<[string, FitOptions]>([
    ["levenbergMarquardt", {}],
    ["lbfgs", { optimiser: lbfgs() }],
    ["vern7", { solver: vern7(), rtol: 1e-8 }],
    ["fitted initial values", { initial: { prey: true }, optimiser: adam({ learningRate: 0.01 }), maxIterations: 20 }],
  ])("end together where they end one by one: %s", async (_, options) => {
    const own = options.initial ? { u0: undefined } : {};
    const [together, alone] = [
      await fit(lotkaVolterra, experiments(36, 0, own), { parameters: free, ...options }),
      await fit(lotkaVolterra, experiments(36, 1e-7, own), { parameters: free, ...options }),
    ];
    expect(together.course.solves).toMatch(/^36 experiments together/);
    expect(alone.course.solves).toMatch(/^one by one/);
    together.parameters.forEach(({ value, name }, j) => expect(value / alone.parameters[j].value, name).toBeCloseTo(1, 4));
    expect(together.value).toBeCloseTo(alone.value, 4);
  });

  it("train in batches as one by one", async () => {
    const options = { parameters: free, batch: 34, steps: 5, optimiser: adam({ learningRate: 0.02 }) } as const;
    const [together, alone] = [
      await train(lotkaVolterra, experiments(36), options),
      await train(lotkaVolterra, experiments(36, 1e-7), options),
    ];
    for (const name of ["a", "b", "c", "d"] as const) expect(together.p[name]).toBeCloseTo(alone.p[name], 5);
  });

  it.each<[string, OdeProblem, Observations[], FitOptions, RegExp]>([
    ["few", lotkaVolterra as never, experiments(8), {}, /^one by one$/],
    [
      "an implicit method",
      lotkaVolterra as never,
      experiments(32),
      { solver: kenCarp4() },
      /lanes are for explicit methods with steps under control, and it is kenCarp4 here$/,
    ],
    [
      "a right-hand side that switches",
      odeProblem({
        rhs: (u: Animals, p: { a: number; weight: number }) => ({
          prey: u.prey > 1 ? -p.a * u.prey : -p.weight * u.prey,
          predator: 0,
        }),
        u0: { prey: 1, predator: 1 },
        tspan: [0, 3],
        p: { a: 1, weight: 1 },
      }) as never,
      experiments(32),
      { parameters: { a: true } },
      /The right-hand side switches, which has to be followed one by one\.$/,
    ],
    [
      "a right-hand side that cannot be read",
      odeProblem({
        rhs: (u: Animals, p: { a: number; weight: number }) => ({ prey: -p.a * u.prey * (/b/.test("abc") ? 1 : 2), predator: 0 }),
        u0: { prey: 1, predator: 1 },
        tspan: [0, 3],
        p: { a: 1, weight: 1 },
      }) as never,
      experiments(32),
      { parameters: { a: true } },
      /^one by one: rhs, line \d+, column \d+: A regular expression cannot be read\.$/,
    ],
    [
      "times that all differ",
      lotkaVolterra as never,
      Array.from({ length: 32 }, (_, m) =>
        observations({ t: [0.5 + m / 32, 2.5], values: { prey: [1, 2] }, sigma: 1, tspan: [0, 3] }),
      ),
      { initial: { prey: true } },
      /they have 33 times, each 2\.0 of them$/,
    ],
  ])("are solved one by one, and say why: %s", async (_, problem, data, options, why) => {
    const { course } = await fit(problem, data, { parameters: { a: true }, maxIterations: 2, ...options });
    expect(course.solves).toMatch(why);
  });
});
