/** Counts, against closed forms: of x(t) = b t the estimate is sum(y) / sum(t), and the information sum(t) / b. */
import { describe, expect, it } from "vitest";
import { fit, observations, predict, profile } from "../../training/index.ts";
import { odeProblem } from "../../index.ts";

const model = odeProblem({ rhs: (_u, p) => ({ x: p.b }), u0: { x: 0 }, tspan: [0, 5], p: { b: 1 } });
const counted = (x: number[]) => observations({ t: x.map((_, i) => i + 1), values: { x }, noise: "poisson" });

describe("counts", () => {
  it.each([[[0, 1, 0, 0, 1]], [[2, 0, 7, 9, 11]], [[40, 90, 160, 190, 260]]])(
    "%j have standard errors and bands of the Fisher information",
    async (x) => {
      const data = counted(x);
      const found = await fit(model, data, { parameters: { b: true } });
      const b = x.reduce((sum, y) => sum + y, 0) / 15;
      const error = Math.sqrt(b / 15);
      expect(found.p.b / b).toBeCloseTo(1, 5);
      expect(found.standardErrors.b / error).toBeCloseTo(1, 5);
      const { bands } = await predict(model, found, { t: [2] });
      expect((bands.x.upper[0] - bands.x.value[0]) / (1.959964 * 2 * error)).toBeCloseTo(1, 4);
    },
  );

  it("have correlations of it", async () => {
    // Of a + b t the information is the sum of [1, t; t, t²] / mean.
    const line = odeProblem({ rhs: (_u, p) => ({ x: p.b }), u0: { x: 1 }, tspan: [0, 5], p: { b: 1 } });
    const options = { parameters: { b: true }, initial: { x: true } } as const;
    const found = await fit(line, counted([1, 0, 3, 1, 6]), options);
    const { b } = found.p;
    const a = found.u0.x;
    const sum = (power: number): number => [1, 2, 3, 4, 5].reduce((total, t) => total + t ** power / (a + b * t), 0);
    const [aa, ab, bb] = [sum(0), sum(1), sum(2)];
    const determinant = aa * bb - ab ** 2;
    expect(found.standardErrors.b / Math.sqrt(aa / determinant)).toBeCloseTo(1, 5);
    expect(found.standardErrors.x / Math.sqrt(bb / determinant)).toBeCloseTo(1, 5);
    expect(found.correlation[1]).toBeCloseTo(-ab / Math.sqrt(aa * bb), 5);
  });
});

describe("counts of which none is above zero", () => {
  const data = counted([0, 0, 0, 0, 0]);
  // Twice the rise of the misfit, 2 · 15 b, is 1.96².
  const end = 1.959964 ** 2 / 30;

  it("are said to tell no standard error where there is no bound", async () => {
    const { warnings } = await fit(model, data, { parameters: { b: true } });
    expect(warnings).toContainEqual(expect.stringContaining('All counts of "x" are 0, and the model expects none'));
  });

  it.each([0, 1e-6])("end at the lower bound %d, and their interval", async (lower) => {
    const options = { parameters: { b: { bounds: [lower, 10] } } } as const;
    const found = await fit(model, data, options);
    expect(found.p.b).toBe(lower);
    expect(found.converged).toBe(true);
    expect(found.warnings).toEqual([`b is at its lower bound, ${lower}.`]);
    const { intervals } = await profile(model, data, found, options);
    expect(intervals.b[0]).toBe(lower);
    expect(intervals.b[1] - lower).toBeCloseTo(end, 5);
  });

  it.each([{ b: true }, { b: { scale: "log" } }, { b: { scale: "log", bounds: [0, 10] } }] as const)(
    "have the upper end of their interval where the best fit is next to nothing: %j",
    async (parameters) => {
      const found = await fit(model, data, { parameters });
      expect(found.p.b).toBeLessThan(1e-20);
      expect((await profile(model, data, found, { parameters })).intervals.b[1]).toBeCloseTo(end, 5);
    },
  );
});
