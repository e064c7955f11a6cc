import { describe, expect, it } from "vitest";
import { BadReducer, histogram, odeProblem, quantiles, solveEnsemble } from "../../../index.ts";
import { quantileOf } from "../../../src/core/quantile.ts";

/** Nothing moves, so that what is saved is what it begins with. */
const still = odeProblem({
  name: "still",
  rhs: (du, u: { x: number; y: number }) => {
    du.x = 0 * u.x;
    du.y = 0 * u.y;
  },
  u0: { x: 0, y: 0 },
  tspan: [0, 1],
});

const M = 1000;
const vary = { "u0.x": { linspace: [0, 1] }, "u0.y": { normal: [2, 3] } } as const;
const of = { trajectories: M, vary, saveat: [0, 1], chunk: 300 };

describe("quantiles", () => {
  it("are those of the states, by probability, time and component", async () => {
    const { u } = await solveEnsemble(still, of);
    const { reduced } = await solveEnsemble(still, { ...of, reduce: { bands: quantiles([0.05, 0.5, 0.95]) } });
    expect(reduced.bands.shape).toEqual([3, 2, 2]);
    for (const [q, probability] of [0.05, 0.5, 0.95].entries()) {
      for (let c = 0; c < 2; c++) {
        const sorted = Float64Array.from({ length: M }, (_, i) => u!.get(i, 1, c)).sort();
        const found = sorted.findIndex((x) => x >= reduced.bands.get(q, 1, c)) / M;
        expect(Math.abs(found - probability)).toBeLessThan(0.004);
      }
    }
  });

  it("of few trajectories they are exact", async () => {
    const { reduced } = await solveEnsemble(still, { ...of, trajectories: 40, chunk: 7, reduce: { bands: quantiles([0.3]) } });
    const sorted = Float64Array.from({ length: 40 }, (_, i) => i / 39);
    expect(reduced.bands.get(0, 0, 0)).toBeCloseTo(quantileOf(sorted, 0.3), 12);
  });

  it.each([[[]], [[1.5]], [[NaN]], ["half"]])("of %j are refused by name", (probabilities) => {
    expect(() => quantiles(probabilities as never)).toThrow(BadReducer);
  });
});

describe("histogram", () => {
  it("counts trajectories in bins, below and above", async () => {
    const { reduced } = await solveEnsemble(still, { ...of, reduce: { bins: histogram({ bins: 4, between: [0.25, 0.75] }) } });
    const { edges, counts, below, above } = reduced.bins;
    expect([0, 1, 2, 3, 4].map((k) => edges.get(0, k))).toEqual([0.25, 0.375, 0.5, 0.625, 0.75]);
    const x = Array.from({ length: M }, (_, i) => i / (M - 1));
    const within = (from: number, to: number): number => x.filter((y) => y >= from && y < to).length;
    expect([0, 1, 2, 3].map((k) => counts.get(1, 0, k))).toEqual([0, 1, 2, 3].map((k) => within(0.25 + k / 8, 0.375 + k / 8)));
    expect(below.get(1, 0)).toBe(within(-1, 0.25));
    expect(above.get(1, 0)).toBe(within(0.75, 2));
  });

  it("has a range of each component by its name, and the upper end in the last bin", async () => {
    const { reduced } = await solveEnsemble(still, { ...of, reduce: { bins: histogram({ bins: 2, between: { x: [0, 1] } }) } });
    const { edges, counts } = reduced.bins;
    expect([counts.get(0, 0, 0), counts.get(0, 0, 1)]).toEqual([M / 2, M / 2]);
    expect([edges.get(1, 0), counts.get(0, 1, 0), counts.get(0, 1, 1)]).toEqual([NaN, 0, 0]);
  });

  it.each([
    ["no bins", { bins: 0, between: [0, 1] }],
    ["a range that is none", { bins: 2, between: [1, 0] }],
    ["no range", { bins: 2 }],
    ["an unknown option", { bins: 2, between: [0, 1], width: 3 }],
  ])("with %s is refused by name", (_, options) => {
    expect(() => histogram(options as never)).toThrow(/histogram|bins|between/);
  });

  it("of a component that there is not is refused by name", async () => {
    const reduce = { bins: histogram({ bins: 2, between: { z: [0, 1] } }) };
    await expect(solveEnsemble(still, { ...of, reduce })).rejects.toBeInstanceOf(BadReducer);
  });
});
