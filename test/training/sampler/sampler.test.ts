/** The sampler on densities whose moments are known, and what is said of its draws. */
import { describe, expect, it } from "vitest";
import { normals, uniforms } from "../../../src/core/random.ts";
import { StepSize, Variances, windowsOf } from "../../../training/sampler/adaptation.ts";
import { runChain } from "../../../training/sampler/chain.ts";
import { effectiveSize, rHat } from "../../../training/sampler/diagnostics.ts";
import { leapfrog, transition, type Phase } from "../../../training/sampler/nuts.ts";
import type { Target } from "../../../training/sampler/target.ts";

/** Two normal numbers of deviations 3 and 0.2 and correlation 0.8, and a third, independent one of mean 10. */
const covariance = [
  [9, 0.48],
  [0.48, 0.04],
];
const normal: Target = {
  size: 3,
  async logDensity(z) {
    const [[a, b], [, d]] = covariance;
    const det = a * d - b * b;
    const [x, y, w] = [z[0] - 1, z[1] + 2, z[2] - 10];
    const gradient = Float64Array.of(-(d * x - b * y) / det, -(a * y - b * x) / det, -w);
    return { value: (gradient[0] * x + gradient[1] * y - w * w) / 2, gradient };
  },
};

const startAt = async (target: Target, z: Float64Array) => ({ z, ...(await target.logDensity(z)) });

describe("the no-U-turn sampler", () => {
  it("draws a normal distribution: means, deviations, correlation", async () => {
    const chains = await Promise.all(
      [11, 12, 13, 14].map(async (seed) =>
        runChain(normal, await startAt(normal, Float64Array.of(0, 0, 0)), { warmup: 500, draws: 1000, seed }),
      ),
    );
    const columns = [0, 1, 2].map((j) => chains.map(({ draws }) => Float64Array.from(draws, (z) => z[j])));
    const truth = [
      [1, 3],
      [-2, 0.2],
      [10, 1],
    ];
    columns.forEach((column, j) => {
      const all = column.flatMap((chain) => [...chain]);
      const mean = all.reduce((sum, x) => sum + x) / all.length;
      const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
      const size = effectiveSize(column);
      expect(size, `${j}`).toBeGreaterThan(1000);
      expect(Math.abs(mean - truth[j][0]) / (truth[j][1] / Math.sqrt(size)), `${j}`).toBeLessThan(4);
      expect(deviation / truth[j][1], `${j}`).toBeCloseTo(1, 1);
      expect(rHat(column), `${j}`).toBeLessThan(1.01);
    });
    const products = chains.flatMap(({ draws }) => draws.map((z) => (z[0] - 1) * (z[1] + 2)));
    expect(products.reduce((sum, x) => sum + x) / products.length / 0.48).toBeCloseTo(1, 0);
    expect(chains.every(({ divergences }) => divergences === 0)).toBe(true);
  });

  it("draws a distribution that is not symmetric: an exponential one on its logarithm", async () => {
    // z = ln x has the density e^z exp(-e^z): the mean of x is 1, of x² is 2, of z is minus Euler's constant.
    const target: Target = {
      size: 1,
      logDensity: async (z) => ({ value: z[0] - Math.exp(z[0]), gradient: Float64Array.of(1 - Math.exp(z[0])) }),
    };
    const chain = await runChain(target, await startAt(target, Float64Array.of(0)), { warmup: 500, draws: 8000, seed: 3 });
    const mean = (of: (z: number) => number): number => chain.draws.reduce((sum, z) => sum + of(z[0]), 0) / chain.draws.length;
    expect(mean(Math.exp)).toBeCloseTo(1, 1);
    expect(mean((z) => Math.exp(2 * z)) / 2).toBeCloseTo(1, 0);
    expect(mean((z) => z)).toBeCloseTo(-0.5772, 1);
  });

  it("gives the same draws for a seed, and others for another", async () => {
    const run = async (seed: number) =>
      (await runChain(normal, await startAt(normal, Float64Array.of(0, 0, 0)), { warmup: 20, draws: 5, seed })).draws;
    expect(await run(5)).toEqual(await run(5));
    expect(await run(5)).not.toEqual(await run(6));
  });

  it("keeps energy to second order along a trajectory, and leads back", async () => {
    const variances = Float64Array.of(1, 1, 1);
    const start = { ...(await startAt(normal, Float64Array.of(2, -1.9, 9))), momentum: Float64Array.of(0.3, -1, 0.5) };
    const after = async (h: number, steps: number) => {
      let at: Phase = start;
      for (let i = 0; i < steps; i++) at = await leapfrog(normal, at, h, variances);
      return at;
    };
    const energy = ({ value, momentum }: Phase): number => momentum.reduce((sum, m) => sum + m ** 2 / 2, -value);
    const [coarse, fine] = [await after(0.02, 10), await after(0.01, 20)].map((end) => Math.abs(energy(end) - energy(start)));
    expect(coarse / fine).toBeCloseTo(4, 0);
    const there = await after(0.05, 20);
    let back: Phase = { ...there, momentum: there.momentum.map((m) => -m) };
    for (let i = 0; i < 20; i++) back = await leapfrog(normal, back, 0.05, variances);
    back.z.forEach((x, i) => expect(x).toBeCloseTo(start.z[i], 10));
  });

  it("tells a trajectory that diverges", async () => {
    const uniform = uniforms(1);
    const step = { stepSize: 1e3, variances: Float64Array.of(1, 1, 1), uniform, normal: normals(2) };
    const start = await startAt(normal, Float64Array.of(1, -2, 10));
    const { isDivergent, position, acceptance } = await transition(normal, start, step);
    expect(isDivergent).toBe(true);
    expect(position.z).toEqual(start.z);
    expect(acceptance).toBe(0);
  });
});

describe("a warm-up", () => {
  it("finds the step that is accepted as often as is aimed at", () => {
    // Acceptance e^-h: 0.8 at h = 0.2231.
    const step = new StepSize(1);
    for (let i = 0; i < 3000; i++) step.learn(Math.exp(-step.now));
    expect(Math.exp(-step.settled)).toBeCloseTo(0.8, 2);
  });

  it("learns variances from windows that double and fill it", () => {
    expect(windowsOf(1000)).toEqual({ first: 75, ends: [100, 150, 250, 450, 950] });
    expect(windowsOf(100)).toEqual({ first: 15, ends: [90] });
    expect(windowsOf(5).ends.every((end) => end <= 5)).toBe(true);
    const seen = new Variances(2);
    for (const x of [1, 2, 3, 4, 5]) seen.add(Float64Array.of(x, 10 * x));
    const half = (variance: number): number => variance / 2 + 1e-3 / 2;
    expect([...seen.shrunk]).toEqual([half(2.5), half(250)].map((x) => expect.closeTo(x, 12)));
  });
});

describe("diagnostics", () => {
  const independent = [1, 2, 3, 4].map((seed) => Float64Array.from({ length: 1000 }, normals(1000 * seed + 17)));

  it("of independent draws say that there are as many as there are, and that they agree", () => {
    expect(effectiveSize(independent) / 4000).toBeCloseTo(1, 0);
    expect(rHat(independent)).toBeCloseTo(1, 2);
  });

  it("of autoregressive draws say (1 − ρ) / (1 + ρ) of them", () => {
    const rho = 0.8;
    const chains = independent.map((noise) => {
      const chain = noise.slice();
      for (let i = 1; i < chain.length; i++) chain[i] = rho * chain[i - 1] + Math.sqrt(1 - rho ** 2) * noise[i];
      return chain;
    });
    const ratio = effectiveSize(chains) / 4000 / ((1 - rho) / (1 + rho));
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });

  it("of chains in different places, or one that drifts, say so", () => {
    expect(rHat(independent.map((chain, c) => (c === 0 ? chain.map((x) => x + 2) : chain)))).toBeGreaterThan(1.2);
    expect(rHat(independent.map((chain) => chain.map((x, i) => x + i / 300)))).toBeGreaterThan(1.2);
  });
});
