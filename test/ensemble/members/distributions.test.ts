import { describe, expect, it } from "vitest";
import { drawn } from "../../../ensemble/members/draws.ts";
import type { DistributionName } from "../../../ensemble/members/distributions.ts";
import type { Members } from "../../../ensemble/members/members.ts";

const count = 20_000;
const members: Members = { trajectories: count, seed: 1, base: { p: Float64Array.of(0), tspan: [0, 1] }, draws: [] };

function values(distribution: DistributionName, numbers: readonly [number, number], component = 0): number[] {
  const draw = { of: "p", at: component, distribution, numbers } as const;
  return Array.from({ length: count }, (_, i) => drawn(members, draw, i));
}

/** Mean and deviation. */
function moments(x: readonly number[]): [mean: number, deviation: number] {
  const mean = x.reduce((a, b) => a + b) / count;
  return [mean, Math.sqrt(x.reduce((sum, y) => sum + (y - mean) ** 2, 0) / count)];
}

// What each has as its mean and deviation, on the scale given, and its ends.
describe.each<[DistributionName, [number, number], (x: number) => number, [number, number], [number, number]]>([
  ["uniform", [2, 8], (x) => x, [5, 6 / Math.sqrt(12)], [2, 8]],
  ["loguniform", [0.01, 100], Math.log10, [0, 4 / Math.sqrt(12)], [-2, 2]],
  ["normal", [-3, 0.5], (x) => x, [-3, 0.5], [-6, 0]],
  ["lognormal", [1, 0.5], Math.log, [1, 0.5], [-2, 4]],
  ["linspace", [3, -1], (x) => x, [1, 4 / Math.sqrt(12)], [-1, 3]],
])("%s", (name, numbers, scale, [mean, deviation], [least, most]) => {
  it("has its mean, deviation and ends", () => {
    const x = values(name, numbers).map(scale);
    const [foundMean, foundDeviation] = moments(x);
    // Five deviations of the mean of so many, and of their deviation.
    const error = (5 * deviation) / Math.sqrt(count);
    expect(Math.abs(foundMean - mean)).toBeLessThan(error);
    expect(Math.abs(foundDeviation - deviation)).toBeLessThan(error);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...x)).toBeLessThanOrEqual(most);
  });
});

it("components are independent of each other", () => {
  const [a, b] = [values("normal", [0, 1], 0), values("normal", [0, 1], 1)];
  expect(Math.abs(a.reduce((sum, x, i) => sum + x * b[i], 0) / count)).toBeLessThan(5 / Math.sqrt(count));
});

it("a number is a function of the seed, the trajectory and the component, whatever the number of trajectories", () => {
  const draw = { of: "u0", at: 2, distribution: "normal", numbers: [0, 1] } as const;
  const one = drawn(members, draw, 7);
  expect(drawn({ ...members, trajectories: 8 }, draw, 7)).toBe(one);
  for (const other of [drawn({ ...members, seed: 2 }, draw, 7), drawn(members, draw, 8), drawn(members, { ...draw, of: "p" }, 7)])
    expect(other).not.toBe(one);
});
