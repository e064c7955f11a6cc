import { expect, it } from "vitest";
import { endingsOf, quantileOf, spreadOf, statisticsOf } from "../../../cli/batch/statistics.ts";
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
  const rest = { t: Float64Array.of(0, 1), outcomes: [], steps: new Float64Array(3), rejections: new Float64Array(3) };
  const { mean, quantiles } = statisticsOf({ ...rest, u, device: "cpu", precision: "f64" });
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

it("counts how trajectories ended", () => {
  expect(endingsOf(["success", "nonFinite", "success", "nonFinite", "tooManySteps"])).toEqual([
    { outcome: "success", count: 2, first: 0 },
    { outcome: "nonFinite", count: 2, first: 1 },
    { outcome: "tooManySteps", count: 1, first: 4 },
  ]);
});

it("spreads", () => {
  expect(spreadOf(Float64Array.of(30, 4, 5, 1))).toEqual({ least: 1, median: 4.5, mean: 10, most: 30 });
});
