/** Residuals against the likelihoods that they stand for. */
import { describe, expect, it } from "vitest";
import { noises, type NoiseName } from "../../../training/data/noise.ts";

/** −ln of the probability of y at g, but for what does not depend on g. */
const minusLog: Readonly<Record<NoiseName, (y: number, g: number, sigma: number) => number>> = {
  normal: (y, g, sigma) => (y - g) ** 2 / (2 * sigma ** 2),
  lognormal: (y, g, sigma) => Math.log(y / g) ** 2 / (2 * sigma ** 2),
  poisson: (y, g) => g - y * Math.log(g),
  huber: (y, g, sigma) => {
    const z = Math.abs(y - g) / sigma;
    return z <= 1.345 ? z ** 2 / 2 : 1.345 * (z - 1.345 / 2);
  },
};

const cases = [
  [3, 2.5, 0.7],
  [3, 3.6, 0.7],
  [1, 9, 0.4],
  [12, 2, 1.5],
] as const;

describe.each(Object.keys(noises) as NoiseName[])("%s", (name) => {
  const { at } = noises[name];
  const half = (y: number, g: number, sigma: number): number => at(y, g, sigma).residual ** 2 / 2;

  it.each(cases)("halves of squared residuals differ as the likelihood does: y = %d, g = %d, sigma = %d", (y, g, sigma) => {
    for (const other of [0.8 * g, 1.3 * g, y]) {
      const [ours, theirs] = [half, minusLog[name]].map((of) => of(y, g, sigma) - of(y, other, sigma));
      expect(ours).toBeCloseTo(theirs, 10);
    }
  });

  it.each(cases)("what least squares goes by has the likelihood's slope: y = %d, g = %d, sigma = %d", (y, g, sigma) => {
    const h = 1e-5 * g;
    const difference = (minusLog[name](y, g + h, sigma) - minusLog[name](y, g - h, sigma)) / (2 * h);
    const { working, slope } = at(y, g, sigma);
    expect(working * slope).toBeCloseTo(difference, 6);
  });

  it("is zero, with a slope, where prediction and observation are the same", () => {
    const { residual, slope } = at(4, 4, 0.5);
    expect(residual).toBeCloseTo(0, 12);
    const nearby = at(4, 4.001, 0.5).slope;
    expect(slope / nearby).toBeCloseTo(1, 2);
  });
});

it("counts of zero are counts", () => {
  expect(noises.poisson.at(0, 2, 1).residual ** 2 / 2).toBeCloseTo(2, 12);
  // Where none are expected none is certain, and as the expectation rises so does the misfit.
  const { residual, working, slope } = noises.poisson.at(0, 0, 1);
  expect(residual).toBe(0);
  expect(working * slope).toBeCloseTo(1, 12);
  expect(noises.poisson.at(0, -1e-9, 1).residual).toBeNaN();
  expect(Number.isFinite(noises.poisson.at(1, 0, 1).residual)).toBe(false);
  expect(noises.poisson.requires!.of(0)).toBe(true);
  expect(noises.poisson.requires!.of(1.5)).toBe(false);
});
