import { expect, it } from "vitest";
import { endingsOf, spreadOf } from "../../../cli/batch/statistics.ts";

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
