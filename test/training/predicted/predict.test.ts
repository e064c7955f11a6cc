import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { fit, observations, predict, sample, type PredictOptions } from "../../../training/index.ts";
import { bandOf } from "../../../training/predicted/mixture.ts";

const Z = 1.959963984540054;
/** The quantile of Student's distribution with three degrees of freedom at 0.975. */
const T3 = 3.182446305284263;

/** u = u0 + k t. */
const line = odeProblem({ name: "line", rhs: (_u, p) => ({ y: p.k }), u0: { y: 0 }, tspan: [0, 4], p: { k: 0 } });
const t = [0, 1, 2, 3, 4];
const y = [1.1, 2.7, 5.6, 6.9, 9.3];
const later = [6, 0, 2.5];

const decay = odeProblem({
  name: "decay",
  rhs(du, u, p) {
    du.a = -p.k * u.a;
  },
  u0: { a: 2 },
  tspan: [0, 5],
  p: { k: 0.5 },
});
const decaying = { t: [0.5, 1, 2, 3, 5], values: { a: [1.7, 1.1, 0.9, 0.35, 0.25] } };
const tight = { rtol: 1e-9, atol: 1e-9 };

describe("bands about a fit", () => {
  it("of a straight line are those of linear regression, by the standard error of the mean and of an observation", async () => {
    const initial = { y: true } as const;
    const given = await fit(line, observations({ t, values: { y }, sigma: 0.5 }), { initial });
    const fitted = await fit(line, observations({ t, values: { y } }), { initial });
    for (const found of [given, fitted]) {
      // S² = Σ r² / (n − 2) where the deviation is fitted.
      const squares = found.residuals.reduce((sum, { observed, predicted }) => sum + (observed - predicted) ** 2, 0);
      const [scale, reach] = found === given ? [0.5, Z] : [Math.sqrt(squares / 3), T3];
      const { bands, level, t: at, warnings } = await predict(line, found, { t: later });
      expect([level, [...at], warnings]).toEqual([0.95, later, []]);
      later.forEach((time, i) => {
        const mean = found.u0.y + found.p.k * time;
        const error = scale * Math.sqrt(1 / 5 + (time - 2) ** 2 / 10);
        expect(bands.y.value[i]).toBeCloseTo(mean, 6);
        expect(bands.y.upper[i]).toBeCloseTo(mean + reach * error, 6);
        expect(bands.y.lower[i]).toBeCloseTo(mean - reach * error, 6);
        expect(bands.y.observed!.upper[i]).toBeCloseTo(mean + reach * Math.hypot(error, scale), 6);
        expect(bands.y.observed!.lower[i]).toBeCloseTo(mean - reach * Math.hypot(error, scale), 6);
      });
    }
  });

  it("of a decay and a function of it follow their derivatives, on whatever scale it was fitted", async () => {
    for (const parameters of [{ k: true }, { k: { scale: "log" } }, { k: { scale: "logit", bounds: [0, 3] } }] as const) {
      const found = await fit(decay, observations({ ...decaying, sigma: 0.1 }), { parameters, ...tight });
      const { bands } = await predict(decay, found, {
        t: [1, 4],
        components: ["a"],
        of: { m: (u, p, time, _i, { c }) => c * p.k * u.a + time },
        constants: { c: 3 },
        u0: { a: 5 },
        level: 0.6826894921370859,
        ...tight,
      });
      const { k } = found.p;
      const error = found.standardErrors.k;
      [1, 4].forEach((time, i) => {
        const a = 5 * Math.exp(-k * time);
        expect(bands.a.value[i]).toBeCloseTo(a, 7);
        expect(bands.a.upper[i]).toBeCloseTo(a + time * a * error, 6);
        expect(bands.a.observed!.upper[i]).toBeCloseTo(a + Math.hypot(time * a * error, 0.1), 6);
        expect(bands.m.value[i]).toBeCloseTo(3 * k * a + time, 6);
        expect(bands.m.lower[i]).toBeCloseTo(3 * k * a + time - Math.abs(3 * a * (1 - k * time)) * error, 6);
      });
      // There were no data of this name.
      expect(bands.m.observed).toBeUndefined();
    }
  });

  it("of relative noise are of logarithms, of counts as wide as their root", async () => {
    const relative = await fit(decay, observations({ ...decaying, noise: "lognormal", sigma: 0.2 }), tight);
    const [a, error] = [2 * Math.exp(-2 * relative.p.k), relative.standardErrors.k];
    const { bands } = await predict(decay, relative, { t: [2], ...tight });
    expect(bands.a.upper[0] / a).toBeCloseTo(Math.exp(Z * 2 * error), 6);
    expect(bands.a.observed!.lower[0] / a).toBeCloseTo(Math.exp(-Z * Math.hypot(2 * error, 0.2)), 6);
    const counts = await fit(
      decay,
      observations({ t: [0, 1, 2], values: { a: [95, 61, 40] }, noise: "poisson", u0: { a: 100 } }),
      tight,
    );
    const counted = await predict(decay, counts, { t: [1], u0: { a: 100 }, ...tight });
    const mean = 100 * Math.exp(-counts.p.k);
    expect(counted.bands.a.observed!.upper[0]).toBeCloseTo(
      mean + Z * Math.hypot(mean * counts.standardErrors.k, Math.sqrt(mean)),
      5,
    );
  });

  it("say what is at a bound or not determined", async () => {
    const product = odeProblem({ rhs: (u, p) => ({ a: -p.k * p.m * u.a }), u0: { a: 2 }, tspan: [0, 5], p: { k: 0.5, m: 1 } });
    const flat = await fit(product, observations({ ...decaying, sigma: 0.1 }));
    const { bands, warnings } = await predict(product, flat, { t: [0, 1] });
    expect([bands.a.lower[0], bands.a.lower[1]]).toEqual([2, NaN]);
    expect(warnings).toEqual(["Bands are NaN where predictions depend on what the data do not determine: k, m."]);
    const bounded = await fit(decay, observations({ ...decaying, sigma: 0.1 }), {
      parameters: { k: { bounds: [0, 0.2], start: 0.1 } },
    });
    const known = await predict(decay, bounded, { t: [1] });
    expect(known.bands.a.lower[0]).toBe(known.bands.a.upper[0]);
    expect(known.warnings).toEqual(["Bands take as known what is at a bound: k."]);
    expect(String(known)).toMatch(
      /^95 % bands\na: t, value, \[lower, upper\], \[lower, upper\] of observations\n {2}1 {2}1\.6375 {2}\[1\.6375, 1\.6375\]/,
    );
  });
});

describe("bands of draws", () => {
  it("of a straight line with a known deviation are those of linear regression", async () => {
    const data = observations({ t, values: { y }, sigma: 0.5 });
    const initial = { y: true } as const;
    const posterior = await sample(line, data, { initial, chains: 1, warmup: 200, draws: 1000 });
    const { bands } = await predict(line, posterior, { t: [6], draws: 1000 });
    const best = await fit(line, data, { initial });
    const mean = best.u0.y + 6 * best.p.k;
    const error = 0.5 * Math.sqrt(1 / 5 + 16 / 10);
    // Quantiles of 1000 draws err by about 0.08 standard deviations.
    expect(Math.abs((bands.y.value[0] - mean) / error)).toBeLessThan(0.2);
    expect(Math.abs((bands.y.upper[0] - mean) / error - Z)).toBeLessThan(0.2);
    expect(Math.abs((bands.y.upper[0] - bands.y.lower[0]) / (2 * Z * error) - 1)).toBeLessThan(0.1);
    const wide = Math.hypot(error, 0.5);
    expect(Math.abs((bands.y.observed!.upper[0] - bands.y.observed!.lower[0]) / (2 * Z * wide) - 1)).toBeLessThan(0.1);
  });

  it("are quantiles, and those of the mixture of the noise", () => {
    const draws = [1, 2, 3, 4, 5].map((x) => ({ values: Float64Array.of(x), sigma: 1e-3 }));
    const { value, lower, upper, observed } = bandOf(draws, "normal", 0.5);
    expect([value[0], lower[0], upper[0]]).toEqual([3, 2, 4]);
    // A quarter lies below: all of the first, and a quarter of the second.
    expect(observed!.lower[0]).toBeCloseTo(2 - 1e-3 * 0.6744897502, 9);
    const one = [{ values: Float64Array.of(2), sigma: 0.3 }];
    expect(bandOf(one, "normal", 0.95).observed!.upper[0]).toBeCloseTo(2 + 0.3 * Z, 9);
    expect(bandOf(one, "lognormal", 0.95).observed!.lower[0]).toBeCloseTo(2 * Math.exp(-0.3 * Z), 9);
    expect(bandOf([{ values: Float64Array.of(2), sigma: undefined }], "normal", 0.95).observed).toBeUndefined();
  });

  it("take the deviation of each draw, and leave out what cannot be solved", async () => {
    const exploding = odeProblem({ rhs: (u, p) => ({ y: p.k * u.y ** 2 }), u0: { y: 1 }, tspan: [0, 2], p: { k: 0.1 } });
    const early = observations({ t: [0.5, 1, 1.5], values: { y: [1.14, 1.33, 1.7] } });
    const posterior = await sample(exploding, early, {
      chains: 1,
      warmup: 100,
      draws: 100,
      parameters: { k: { bounds: [0, 0.6] } },
    });
    const near = await predict(exploding, posterior, { t: [1] });
    expect(near.bands.y.observed!.upper[0]).toBeGreaterThan(near.bands.y.upper[0]);
    // For t = 4 there is a solution for k below 1/4.
    const far = await predict(exploding, posterior, { t: [4], draws: 50 });
    expect(far.warnings[0]).toMatch(/^\d+ of 50 draws have no predictions and are left out: \w+/);
  });
});

it.each<[string, PredictOptions, string]>([
  ["no times", { t: [] }, "BadData: predict: there is nothing to predict."],
  ["a time that is none", { t: [NaN] }, "BadData: predict: t[0] is NaN, but must be a finite number."],
  [
    "observables that are no functions",
    { t: [1], of: null as never },
    "BadData: predict: `of` is null, but must be functions by name",
  ],
  [
    "a component that is none",
    { t: [1], components: ["b"] },
    'BadData: predict: there is no component "b" of the state. Is "a" meant?',
  ],
  ["a level of percents", { t: [1], level: 95 }, "BadOption: level is 95"],
  ["an option that is none", { t: [1], times: [1] } as PredictOptions, 'UnknownOption: predict: there is no "times"'],
  ["a value of what was fitted", { t: [1], p: { k: 2 } }, "BadParameter: predict: k of p was fitted, and is as it was fitted."],
  ["a time before the start", { t: [-1] }, "BadData: observations has a value at t = -1, outside of tspan"],
])("predict refuses %s", async (_, options, message) => {
  const found = await fit(decay, observations({ ...decaying, sigma: 0.1 }));
  const error = (await predict(decay, found, options).catch((thrown: unknown) => thrown)) as Error;
  expect(`${error.name}: ${error.message}`).toContain(message);
});

it("predict refuses what is no fit, and one of another problem", async () => {
  await expect(predict(decay, {} as never, { t: [1] })).rejects.toThrow("neither a Fit nor PosteriorDraws");
  const found = await fit(line, observations({ t, values: { y } }), { initial: { y: true } });
  await expect(predict(decay, found as never, { t: [1] })).rejects.toThrow('there is no component "y" of u0');
});
