import { expect, it } from "vitest";
import { quantileOf } from "../../../src/core/quantile.ts";
import { batchStatistics } from "../../../solvers/batch/statistics.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";

it("quantiles lie between the two nearest values", () => {
  const sorted = Float64Array.of(1, 2, 4, 8, 16);
  expect([0, 0.25, 0.5, 0.6, 1].map((part) => quantileOf(sorted, part))).toEqual([1, 2, 4, 5.6, 16]);
  expect(quantileOf(Float64Array.of(3), 0.95)).toBe(3);
  expect(quantileOf(new Float64Array(0), 0.5)).toBeNaN();
});

it("statistics are over the trajectories that reached the time, by time and component", () => {
  // [trajectory][time][component]; the last one fails before the second time.
  const u = ndarray(Float64Array.of(1, 10, 2, 20, 3, 30, 6, 60, 5, 50, NaN, NaN), [3, 2, 2]);
  const { mean, quantiles } = batchStatistics({ u });
  expect(mean.map((state) => [...state])).toEqual([
    [3, 30],
    [4, 40],
  ]);
  expect(quantiles[50].map((state) => [...state])).toEqual([
    [3, 30],
    [4, 40],
  ]);
  expect(quantiles[25].map((state) => [...state])).toEqual([
    [2, 20],
    [3, 30],
  ]);
  expect(quantiles[75][1][0]).toBe(5);
});
