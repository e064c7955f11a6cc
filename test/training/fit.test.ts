import { describe, expect, it } from "vitest";
import { odeProblem, remake } from "../../src/problem/problem.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { spiralNeuralODE } from "../../problems/spiral-neural-ode.ts";
import { pkpd, type PkpdParameters, type PkpdState } from "../../problems/pkpd.ts";
import { fit, lbfgs, levenbergMarquardt, observations, trustRegion, BadStart } from "../../training/index.ts";
import { normals } from "../../src/core/random.ts";

/** u = u0 + k t. */
const line = odeProblem({ name: "line", rhs: (_u, p) => ({ y: p.k }), u0: { y: 0 }, tspan: [0, 4], p: { k: 0 } });

const decay = odeProblem({
  name: "decay",
  rhs(du, u, p) {
    du.a = -p.k * u.a;
  },
  u0: { a: 1 },
  tspan: [0, 5],
  p: { k: 0.5 },
});

const lotkaVolterra = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 10],
  p: { a: 1.2, b: 0.8, c: 2.5, d: 0.8 },
});

describe("a fit, against closed forms", () => {
  it("of a straight line is ordinary least squares, standard errors and correlation too", async () => {
    const t = [0, 1, 2, 3, 4];
    const y = [1.1, 2.7, 5.6, 6.9, 9.3];
    const found = await fit(line, observations({ t, values: { y } }), { initial: { y: true } });
    const n = t.length;
    const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value) / n;
    const [meanT, meanY] = [mean(t), mean(y)];
    const square = t.reduce((sum, x) => sum + (x - meanT) ** 2, 0);
    const slope = t.reduce((sum, x, i) => sum + (x - meanT) * (y[i] - meanY), 0) / square;
    const start = meanY - slope * meanT;
    const rest = t.reduce((sum, x, i) => sum + (y[i] - start - slope * x) ** 2, 0);
    const variance = rest / (n - 2);
    expect(found.p.k).toBeCloseTo(slope, 8);
    expect(found.u0.y).toBeCloseTo(start, 8);
    expect(found.sigma.y).toBeCloseTo(Math.sqrt(rest / n), 8);
    const [ofSlope, ofStart] = found.parameters.map(({ standardError }) => standardError);
    expect(ofSlope).toBeCloseTo(Math.sqrt(variance / square), 6);
    expect(ofStart).toBeCloseTo(Math.sqrt(variance * (1 / n + meanT ** 2 / square)), 6);
    expect(found.correlation[1]).toBeCloseTo(-meanT / Math.sqrt(square / n + meanT ** 2), 6);
    expect(found.converged).toBe(true);
    expect(found.warnings).toEqual([]);
  });

  it("weighs values by the standard deviations that are given", async () => {
    const constant = odeProblem({ rhs: () => ({ a: 0, b: 0 }), u0: { a: 1, b: 1 }, tspan: [0, 1], p: {} });
    const data = observations({ t: [0, 1], values: { a: [1, 3], m: [5, 7] }, of: { m: (u) => u.a }, sigma: { a: 1, m: 2 } });
    const found = await fit(constant, data, { initial: { a: true } });
    // Weights 1, 1, 1/4, 1/4.
    expect(found.u0.a).toBeCloseTo((1 + 3 + 5 / 4 + 7 / 4) / 2.5, 8);
    expect(found.parameters[0].standardError).toBeCloseTo(Math.sqrt(1 / 2.5), 8);
    expect(found.value).toBeCloseTo(
      found.residuals.reduce((sum, { residual }) => sum + residual ** 2 / 2, 0),
      12,
    );
  });

  it("weighs each value by a standard deviation of its own", async () => {
    const constant = odeProblem({ rhs: () => ({ a: 0 }), u0: { a: 1 }, tspan: [0, 3], p: {} });
    const sigma = { a: [1, 0, 2, 4] };
    const data = observations({ t: [0, 1, 2, 3], values: { a: [1, null, 3, 7] }, sigma });
    const found = await fit(constant, data, { initial: { a: true } });
    // Weights 1, 1/4, 1/16.
    expect(found.u0.a).toBeCloseTo((1 + 3 / 4 + 7 / 16) / (1 + 1 / 4 + 1 / 16), 8);
    expect(found.parameters[0].standardError).toBeCloseTo((1 + 1 / 4 + 1 / 16) ** -0.5, 8);
    expect(found.residuals[2].residual).toBeCloseTo((7 - found.u0.a) / 4, 8);
    expect(found.sigma).toEqual({});
  });

  it("takes a standard deviation that is given in one experiment and fitted in another for what each says", async () => {
    const constant = odeProblem({ rhs: () => ({ a: 0 }), u0: { a: 1 }, tspan: [0, 3], p: {} });
    const t = [0, 1, 2, 3];
    const given = observations({ t, values: { a: [0, 4, 0, 4] }, sigma: 4 });
    const own = observations({ t, values: { a: [2.9, 3.1, 2.9, 3.1] } });
    for (const data of [
      [given, own],
      [own, given],
    ]) {
      const { u0, sigma } = await fit(constant, data, { initial: { a: true } });
      expect(sigma.a).toBeCloseTo(Math.hypot(0.1, u0.a - 3), 6);
      // The mean, weighed by 4 / 16 and 4 / sigma².
      const [first, second] = [4 / 16, 4 / sigma.a ** 2];
      expect(u0.a).toBeCloseTo((2 * first + 3 * second) / (first + second), 6);
    }
  });

  it("of counts is their mean, of a lognormal their geometric mean", async () => {
    const constant = odeProblem({ rhs: () => ({ m: 0 }), u0: { m: 2 }, tspan: [0, 3], p: {} });
    const counts = [3, 0, 4, 8];
    const counted = await fit(constant, observations({ t: [0, 1, 2, 3], values: { m: counts }, noise: "poisson" }), {
      initial: { m: true },
    });
    expect(counted.u0.m).toBeCloseTo(15 / 4, 6);
    expect(counted.sigma).toEqual({});
    // The variance of a count is its mean, 15 / 4, that of the mean of four a quarter of it.
    expect(counted.parameters[0].standardError).toBeCloseTo(Math.sqrt(15 / 16), 6);
    const sizes = [1, 4, 16];
    const spread = await fit(constant, observations({ t: [0, 1, 2], values: { m: sizes }, noise: "lognormal" }), {
      initial: { m: true },
    });
    expect(spread.u0.m).toBeCloseTo(4, 6);
    expect(spread.sigma.m).toBeCloseTo(Math.log(4) * Math.sqrt(2 / 3), 6);
  });

  it("with Huber's noise is moved by an outlier no farther than by one at the threshold", async () => {
    const constant = odeProblem({ rhs: () => ({ m: 0 }), u0: { m: 0.5 }, tspan: [0, 4], p: {} });
    const at = (last: number) =>
      fit(constant, observations({ t: [0, 1, 2, 3, 4], values: { m: [0, 0, 0, 0, last] }, noise: "huber", sigma: 1 }), {
        initial: { m: true },
      });
    const [near, far] = [await at(10), await at(1e4)];
    // 4 m = 1.345.
    expect(near.u0.m).toBeCloseTo(1.345 / 4, 6);
    expect(far.u0.m).toBeCloseTo(1.345 / 4, 6);
  });

  it("of Misra1a is what NIST certifies (Statistical Reference Datasets, nonlinear regression)", async () => {
    const dental = odeProblem({
      rhs(du, u, p) {
        du.y = p.b2 * (p.b1 - u.y);
      },
      u0: { y: 0 },
      tspan: [0, 760],
      p: { b1: 500, b2: 0.0001 },
    });
    const t = [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760];
    const y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78];
    for (const optimiser of [levenbergMarquardt(), trustRegion(), lbfgs()]) {
      const found = await fit(dental, observations({ t, values: { y } }), {
        parameters: { b1: { scale: "log" }, b2: { scale: "log" } },
        optimiser,
        rtol: 1e-10,
        atol: 1e-10,
      });
      expect(found.p.b1 / 238.94212918, optimiser.name).toBeCloseTo(1, 5);
      expect(found.p.b2 / 5.5015643181e-4, optimiser.name).toBeCloseTo(1, 5);
      const [b1, b2] = found.parameters.map(({ standardError }) => standardError);
      expect(b1 / 2.7070075241, optimiser.name).toBeCloseTo(1, 4);
      expect(b2 / 7.2668688436e-6, optimiser.name).toBeCloseTo(1, 4);
      expect(found.sigma.y ** 2 * t.length).toBeCloseTo(0.12455138894, 8);
    }
  });
});

describe("a fit", () => {
  it("finds the parameters of Lotka-Volterra again, on every scale", async () => {
    const t = Array.from({ length: 41 }, (_, i) => i / 4);
    const truth = { a: 1.5, b: 1, c: 3, d: 1 };
    const exact = solve(lotkaVolterra, { p: truth, saveat: t, rtol: 1e-9, atol: 1e-9 });
    const noise = normals(7);
    const values = {
      prey: exact.u.map(({ prey }) => prey + 0.05 * noise()),
      predator: exact.u.map(({ predator }) => predator + 0.05 * noise()),
    };
    const data = observations({ t, values });
    const linear = await fit(lotkaVolterra, data);
    const scaled = await fit(lotkaVolterra, data, {
      parameters: { a: { scale: "log" }, b: { bounds: [0, 2] }, c: { scale: "logit", bounds: [0, 10] }, d: true },
    });
    for (const { name, value, standardError } of linear.parameters) {
      expect(Math.abs(value - truth[name as "a"]) / standardError, name).toBeLessThan(4);
      const other = scaled.parameters.find((one) => one.name === name)!;
      expect(other.value / value, name).toBeCloseTo(1, 4);
      expect(other.standardError / standardError, name).toBeCloseTo(1, 3);
    }
    expect(linear.sigma.prey).toBeCloseTo(0.05, 1);
    expect(String(linear)).toMatch(/^a +1\.\d+ +± 0\.00/m);
  });

  it("takes experiments together, each under its own conditions", async () => {
    const dosed = odeProblem({
      rhs(du, u, p) {
        du.c = -(p.cl * p.weight) * u.c;
      },
      u0: { c: 10 },
      tspan: [0, 4],
      p: { cl: 0.01, weight: 70 },
    });
    const t = [0.5, 1, 2, 4];
    const at = (c0: number, weight: number) =>
      observations({
        t,
        values: { c: t.map((x) => c0 * Math.exp(-0.012 * weight * x)) },
        u0: { c: c0 },
        p: { weight },
        sigma: 0.01,
      });
    const found = await fit(dosed, [at(10, 50), at(20, 80)], { parameters: { cl: true }, rtol: 1e-9, atol: 1e-10 });
    expect(found.p.cl).toBeCloseTo(0.012, 8);
    expect(found.residuals.map(({ experiment }) => experiment)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it("passes over what is missing, in any order, at times of each name's own", async () => {
    const exact = (x: number): number => Math.exp(-0.7 * x);
    const data = observations({
      t: { a: [5, 1, 1, 3, 2], half: [0.5, 2.5] },
      values: { a: [exact(5), null, exact(1), NaN, undefined], half: [exact(0.5) / 2, exact(2.5) / 2] },
      of: { half: (u) => u.a / 2 },
      sigma: 0.1,
    });
    expect([...data.times]).toEqual([0.5, 1, 2.5, 5]);
    const found = await fit(decay, data, { rtol: 1e-9, atol: 1e-10 });
    expect(found.p.k).toBeCloseTo(0.7, 7);
    expect(found.residuals.map(({ name, t }) => `${name} ${t}`)).toEqual(["a 5", "a 1", "half 0.5", "half 2.5"]);
  });

  it("stops at a bound, and says so", async () => {
    const t = [1, 2, 3];
    const data = observations({ t, values: { a: t.map((x) => Math.exp(-0.7 * x)) }, sigma: 0.1 });
    for (const optimiser of [levenbergMarquardt(), trustRegion(), lbfgs()]) {
      const found = await fit(decay, data, { parameters: { k: { bounds: [0, 0.6] } }, optimiser });
      expect(found.p.k).toBe(0.6);
      expect(found.parameters[0]).toMatchObject({ atBound: "upper", standardError: NaN });
      expect(found.warnings).toEqual(["k is at its upper bound, 0.6."]);
    }
  });

  it("names what the data do not determine", async () => {
    const product = odeProblem({
      rhs(du, u, p) {
        du.a = -p.k * p.m * u.a;
        du.b = p.idle * u.b;
      },
      u0: { a: 1, b: 1 },
      tspan: [0, 3],
      p: { k: 0.5, m: 2, idle: 0 },
    });
    const data = observations({ t: [1, 2, 3], values: { a: [0.3, 0.1, 0.03] }, sigma: 0.01 });
    const found = await fit(product, data);
    expect(found.warnings.toSorted()).toEqual([
      "The data do not determine idle: it could be anything near, with the same predictions.",
      "The data do not determine k, m apart: moved together, they give the same predictions. Fix one of them.",
    ]);
    expect(found.parameters.map(({ standardError }) => standardError)).toEqual([NaN, NaN, NaN]);
    expect(found.p.k * found.p.m).toBeCloseTo(1.17, 1);
  });

  it("names together what moves together, whatever the units", async () => {
    const p = { large: 1e9, small: 1e-9 };
    const rhs = (_u: { x: number }, { large, small }: typeof p): { x: number } => ({ x: 1e-9 * large + 1e9 * small });
    const { warnings } = await fit(
      odeProblem({ rhs, u0: { x: 0 }, tspan: [0, 3], p }),
      observations({ t: [1, 2], values: { x: [3, 6.1] }, sigma: 0.1 }),
    );
    expect(warnings).toEqual([
      "The data do not determine large, small apart: moved together, they give the same predictions. Fix one of them.",
    ]);
  });

  it("goes round where the model cannot be solved, but not at the start", async () => {
    const explosive = odeProblem({
      rhs(du, u, p) {
        du.x = p.k * u.x ** 2;
      },
      u0: { x: 1 },
      tspan: [0, 1],
      p: { k: 0.1 },
    });
    const t = [0.25, 0.5, 0.75, 1];
    // x = 1 / (1 - k t): without bound at t = 1 for k = 1.
    const data = observations({ t, values: { x: t.map((s) => 1 / (1 - 0.95 * s)) }, sigma: 0.01 });
    const found = await fit(explosive, data, { rtol: 1e-9, atol: 1e-10 });
    expect(found.p.k).toBeCloseTo(0.95, 6);
    await expect(fit(remake(explosive, { p: { k: 2 } }), data)).rejects.toThrow(BadStart);
  });

  it("of PKPD from its published values takes fewer than 30 gradients", async () => {
    const { problem } = pkpd();
    const t = Array.from({ length: 60 }, (_, i) => 0.5 + 0.75 * i);
    const noise = normals(7932);
    const names = ["Ka1", "CL", "Vc", "Q", "Vp", "Kin", "Kout", "IC50"] as const;
    const truth = { ...problem.p };
    for (const name of names) truth[name] *= Math.exp(0.3 * noise());
    const exact = solve(problem, { p: truth, saveat: t, rtol: 1e-9, atol: 1e-10 });
    const data = observations<PkpdState, PkpdParameters>({
      t,
      values: {
        concentration: exact.u.map(({ central }) => (central / truth.Vc) * Math.exp(0.05 * noise())),
        response: exact.u.map(({ response }) => response * Math.exp(0.05 * noise())),
      },
      of: { concentration: (u, p) => u.central / p.Vc },
      noise: "lognormal",
    });
    const parameters = Object.fromEntries(names.map((name) => [name, { scale: "log" as const }]));
    for (const optimiser of [levenbergMarquardt(), trustRegion()]) {
      const found = await fit(problem, data, { parameters, optimiser });
      expect(found.converged, optimiser.name).toBe(true);
      expect(found.evaluations, optimiser.name).toBeLessThan(30);
      for (const { name, value, standardError } of found.parameters) {
        expect(Math.abs(value - truth[name as "CL"]) / standardError, `${optimiser.name}: ${name}`).toBeLessThan(4);
      }
    }
  });

  it("of a network is ADAM's and then L-BFGS's, and comes below what 500 steps of ADAM are published to reach", async () => {
    const { problem, loss } = spiralNeuralODE();
    const { data } = loss.constants!;
    const t = loss.at!;
    const values = Object.fromEntries([0, 1].map((c) => [`u[${c}]`, Array.from(t, (_, i) => data.get(i, c))]));
    const found = await fit(problem, observations({ t, values, sigma: 1 }), { maxIterations: 500 });
    expect(found.course.optimiser).toBe("adam, then lbfgs");
    // R. T. Q. Chen et al.'s example, as timed by C. Rackauckas et al. (2020).
    expect(2 * found.value).toBeLessThan(0.0276);
    expect(found.residuals.reduce((sum, { residual }) => sum + residual ** 2, 0)).toBeCloseTo(2 * found.value, 10);
    expect(found.warnings).toContain("60 observations cannot determine 252 parameters, which have no standard errors.");
  });

  it("of all that lies under a name, each with the same prior, is that of each by its own", async () => {
    const grouped = odeProblem({
      rhs: (u, p) => ({ a: -p.rates.k[0] * u.a + p.rates.k[1] * p.scale }),
      u0: { a: 1 },
      tspan: [0, 4],
      p: { scale: 1, rates: { k: [0.5, 0.1] } },
    });
    const data = observations({ t: [1, 2, 3, 4], values: { a: [0.7, 0.6, 0.4, 0.5] }, sigma: 0.1 });
    const prior = { normal: [0, 1] } as const;
    const together = await fit(grouped, data, { parameters: { rates: { prior } } });
    const each = await fit(grouped, data, { parameters: { "rates.k[0]": { prior }, "rates.k[1]": { prior } } });
    expect(together.parameters.map(({ name }) => name)).toEqual(["rates.k[0]", "rates.k[1]"]);
    expect(together.p).toEqual(each.p);
    expect(together.p.scale).toBe(1);
  });

  it("reports each iteration, and hears an abort", async () => {
    const t = [1, 2, 3];
    const data = observations({ t, values: { a: [0.5, 0.2, 0.1] } });
    const seen: number[] = [];
    await fit(decay, data, { onProgress: ({ value }) => seen.push(value) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.every((value, i) => i === 0 || value <= seen[i - 1])).toBe(true);
    const controller = new AbortController();
    const stopped = fit(decay, data, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toThrow("aborted");
  });
});
