/** Posteriors against closed forms, and against reference draws. */
import { describe, expect, it } from "vitest";
import { pelts, priors, referenceMeans, traded } from "../../bench/fits/pelts.ts";
import { odeProblem } from "../../src/problem/problem.ts";
import { fit, observations, sample } from "../../training/index.ts";

/** y = y0 + k t. */
const line = odeProblem({ name: "line", rhs: (_u, p) => ({ y: p.k }), u0: { y: 0 }, tspan: [0, 11], p: { k: 0 } });
const t = Array.from({ length: 12 }, (_, i) => i);
const y = [0.3, 1.9, 5.1, 5.2, 8.8, 9.3, 12.9, 13.4, 16.6, 17.7, 20.9, 21.2];
const linear = observations({ t, values: { y } });

const n = t.length;
const [meanT, meanY] = [t, y].map((list) => list.reduce((sum, x) => sum + x) / n);
const square = t.reduce((sum, x) => sum + (x - meanT) ** 2, 0);
const slope = t.reduce((sum, x, i) => sum + (x - meanT) * (y[i] - meanY), 0) / square;
const rest = t.reduce((sum, x, i) => sum + (y[i] - meanY - slope * (x - meanT)) ** 2, 0);

describe("the posterior", () => {
  it("of a straight line has Student's distribution about least squares, and of sigma the inverse of chi's", async () => {
    const draws = await sample(line, linear, { initial: { y: true }, chains: 2, warmup: 300, draws: 1500 });
    const [k, y0, sigma] = draws.summary;
    expect([k.name, y0.name, sigma.name]).toEqual(["k", "y (initial)", "sigma of y"]);
    // n − 2 = 10 degrees of freedom: the variance is 10 / 8 of the scale's square.
    const deviation = Math.sqrt((rest / (n - 2) / square) * (10 / 8));
    expect(Math.abs(k.mean - slope) / (deviation / Math.sqrt(k.effectiveSize))).toBeLessThan(4);
    expect(k.deviation / deviation).toBeCloseTo(1, 0);
    // 95 % of Student's distribution with 10 degrees of freedom: 1.812.
    expect((k.q95 - slope) / Math.sqrt(rest / (n - 2) / square) / 1.812).toBeCloseTo(1, 0);
    // The mean of 1 / sigma² is that of chi squared over the rest.
    const all = draws.draws;
    let mean = 0;
    for (let c = 0; c < 2; c++) for (let i = 0; i < 1500; i++) mean += 1 / all.get(c, i, 2) ** 2 / 3000;
    expect((mean * rest) / 10).toBeCloseTo(1, 1);
    expect(draws.warnings).toEqual([]);
    expect(draws.draws.shape).toEqual([2, 1500, 3]);
  });

  it("with a prior and a known deviation is normal, its mean weighed between both; the fit is at its mode", async () => {
    const known = observations({ t, values: { y }, sigma: 2, u0: { y: meanY - slope * meanT } });
    const options = { parameters: { k: { prior: { normal: [3, 0.05] } } } } as const;
    const information = t.reduce((sum, x) => sum + x ** 2, 0) / 4;
    const precision = information + 1 / 0.05 ** 2;
    const mean = (information * slope + 3 / 0.05 ** 2) / precision;
    const found = await fit(line, known, options);
    expect(found.p.k).toBeCloseTo(mean, 8);
    expect(found.parameters[0].standardError).toBeCloseTo(1 / Math.sqrt(precision), 8);
    const { summary } = await sample(line, known, { ...options, chains: 2, warmup: 300, draws: 1000 });
    expect(Math.abs(summary[0].mean - mean) / (1 / Math.sqrt(precision * summary[0].effectiveSize))).toBeLessThan(4);
    expect(summary[0].deviation * Math.sqrt(precision)).toBeCloseTo(1, 0);
  });

  it("without data beyond its bounds is uniform between them, on whatever scale it is sampled", async () => {
    const idle = odeProblem({ rhs: (_u, p) => ({ y: 0 * p.k }), u0: { y: 1 }, tspan: [0, 1], p: { k: 0.5 } });
    const nothing = observations({ t: [1], values: { y: [1] }, sigma: 1 });
    const { summary } = await sample(idle, nothing, {
      parameters: { k: { bounds: [0, 2] } },
      chains: 2,
      warmup: 500,
      draws: 3000,
    });
    const [{ mean, deviation, q5, q95 }] = summary;
    expect(mean).toBeCloseTo(1, 1);
    expect(deviation * Math.sqrt(3)).toBeCloseTo(1, 1);
    expect(q5).toBeCloseTo(0.1, 1);
    expect(q95).toBeCloseTo(1.9, 1);
  });

  it("of the pelts of hares and lynxes is that of the reference draws of posteriordb", async () => {
    const { summary, divergences } = await sample(pelts, traded, { ...priors, chains: 2, warmup: 300, draws: 500 });
    summary.forEach(({ name, mean, deviation, effectiveSize }, j) => {
      expect(effectiveSize, name).toBeGreaterThan(80);
      expect(Math.abs(mean - referenceMeans[j]) / (deviation / Math.sqrt(effectiveSize)), name).toBeLessThan(4);
    });
    expect(divergences).toBe(0);
  });
});

describe("sampling", () => {
  const few = { chains: 2, warmup: 20, draws: 10 };

  it("gives the same draws for a seed", async () => {
    const draws = async (seed: number) => (await sample(line, linear, { ...few, seed })).draws.data;
    expect(await draws(3)).toEqual(await draws(3));
    expect(await draws(3)).not.toEqual(await draws(4));
  });

  it("reports each transition, and hears an abort", async () => {
    const seen: number[] = [];
    await sample(line, linear, { ...few, onProgress: ({ transitions, of }) => seen.push(transitions / of) });
    expect(seen.length).toBe(60);
    expect(seen.at(-1)).toBe(1);
    await expect(sample(line, linear, { ...few, signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    const endless = sample(line, linear, { draws: 1e6, signal: AbortSignal.timeout(300) });
    await expect(endless).rejects.toThrow(/timeout/i);
  });

  it("tells chains that have not come together", async () => {
    const draws = await sample(line, linear, { initial: { y: true }, chains: 4, warmup: 1, draws: 6 });
    expect(draws.warnings[0]).toMatch(/^Chains have not come to the same for /);
    expect(String(draws)).toMatch(/^ +mean +deviation +5 % +median +95 % +rHat +effective\nk /);
  });

  const bad: readonly (readonly [string, object, string])[] = [
    ["a seed that is no whole number", { seed: 1.5 }, "BadOption: seed is 1.5"],
    ["no chains", { chains: 0 }, "BadOption: chains is 0"],
    [
      "a bound that no scale has",
      { parameters: { k: { bounds: [-1, Infinity] } } },
      "BadParameter: sample: parameters.k is bounded by [-1, Infinity]",
    ],
    ["a prior that is none", { parameters: { k: { prior: { gamma: [1, 2] } } } }, "BadParameter: parameters.k.prior is"],
    [
      "a prior without a deviation",
      { parameters: { k: { prior: { normal: [1, 0] } } } },
      "BadParameter: parameters.k.prior has the deviation 0",
    ],
    [
      "a lognormal prior of what starts at zero",
      { parameters: { k: { prior: { lognormal: [1, 1] } } } },
      "BadParameter: parameters.k.prior is of what is positive",
    ],
    [
      "a prior of a deviation that is not there",
      { sigma: { x: { lognormal: [0, 1] } } },
      "BadParameter: sample: sigma.x is a prior, but what is fitted is that of y",
    ],
    ["an unknown option", { iterations: 10 }, "UnknownOption: sample"],
  ];

  it.each(bad)("refuses %s", async (_, options, message) => {
    const error = await sample(line, linear, { ...few, ...options }).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(`${error?.name}: ${error?.message}`).toContain(message);
  });
});
