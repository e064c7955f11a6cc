/** Data that grow, of a model that decays: the best rate, 0, is at no number of the scales "log" and "logit". */
import { describe, expect, it } from "vitest";
import { fit, observations } from "../../training/index.ts";
import { odeProblem } from "../../index.ts";

const decay = odeProblem({ rhs: (u, p) => ({ x: -p.k * u.x }), u0: { x: 1 }, tspan: [0, 4], p: { k: 1 } });
const t = [1, 2, 3, 4];
const growing = observations({ t, values: { x: [1.1, 1.15, 1.3, 1.35] }, sigma: 0.1 });
const falling = observations({ t, values: { x: t.map((at) => Math.exp(-0.001 * at)) }, sigma: 1e-5 });
const ran = expect.stringContaining("k ran to the lower end of its scale, towards 0:");

describe.each([{ scale: "log" }, { scale: "logit", bounds: [0, 2] }] as const)("on %j", (k) => {
  it("a parameter that ran to the end is said to", async () => {
    expect((await fit(decay, growing, { parameters: { k } })).warnings).toContainEqual(ran);
  });

  it("one that is small, and known, is not", async () => {
    const found = await fit(decay, falling, { parameters: { k } });
    expect(found.p.k).toBeCloseTo(0.001, 6);
    expect(found.warnings).toEqual([]);
  });
});
