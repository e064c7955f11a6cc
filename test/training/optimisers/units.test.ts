/** Optimisers that need no learning rate find the minimum in any units. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../index.ts";
import { adam, fit, inTurn, lbfgs, levenbergMarquardt, observations, trustRegion } from "../../../training/index.ts";

const optimisers = [lbfgs(), inTurn([adam(), 10], [lbfgs()]), levenbergMarquardt(), trustRegion()];

describe.each(optimisers.map((optimiser) => [optimiser.name, optimiser] as const))("%s", (_, optimiser) => {
  it.each([1e-9, 1e-3, 1, 1e3, 1e6, 1e9])("of a parameter of size %d", async (unit) => {
    const line = odeProblem({ rhs: (_u, p) => ({ x: p.b }), u0: { x: 0 }, tspan: [0, 2], p: { b: 0.5 * unit } });
    const data = observations({ t: [1, 2], values: { x: [2 * unit, 4.1 * unit] }, sigma: 0.5 * unit });
    expect((await fit(line, data, { optimiser })).p.b / unit).toBeCloseTo(2.04, 5);
  });
});
