/** Smooth inputs that act once, each trajectory's at its own time. */
import { describe, expect, it } from "vitest";
import { gradientBatch, ndarray, odeProblem, rodas5P, solveBatch, solveEnsemble, tsit5 } from "../../../index.ts";

const dosed = odeProblem({
  rhs: (u: { x: number }, p: { A: number; c: number; k: number }, t: number) => ({
    x: p.A * Math.exp(-(((t - p.c) / 0.05) ** 2)) - p.k * u.x,
  }),
  u0: { x: 0 },
  p: { A: 3, c: 37.3, k: 0.03 },
  tspan: [0, 100],
});
const times = [7.3, 22.9, 37.3, 61.8, 88.4];
const rows = ndarray(Float64Array.from(times.flatMap((c) => [3, c, 0.03])), [times.length, 3]);
/** x(100) by the dose, where it is given at c. */
const byA = (c: number): number => 0.05 * Math.sqrt(Math.PI) * Math.exp(-0.03 * (100 - c) + (0.03 * 0.05) ** 2 / 4);

describe("a bell curve in each trajectory", () => {
  it.each([tsit5(), rodas5P()])("by $name", async (solver) => {
    const { u } = await solveBatch(dosed, { p: rows, solver, saveat: [100] });
    times.forEach((c, m) => expect(u.get(m, 0, 0)).toBeCloseTo(3 * byA(c), 5));
  });

  it("with spans of its own", async () => {
    const tspan = ndarray(Float64Array.of(0, 100, 30, 130, 100, 0), [3, 2]);
    const { u } = await solveBatch(dosed, { tspan, p: { A: 3, c: 61.8, k: 0 } });
    [1, 1, -1].forEach((way, m) => expect(u.get(m, 0, 0)).toBeCloseTo(way * 0.15 * Math.sqrt(Math.PI), 5));
  });

  it("among thousands", async () => {
    const count = 2500;
    const cOf = (m: number): number => 5 + (90 * m) / count;
    const p = ndarray(
      Float64Array.from({ length: 3 * count }, (_, k) => [3, cOf(Math.floor(k / 3)), 0.03][k % 3]),
      [count, 3],
    );
    const { u } = await solveBatch(dosed, { p, saveat: [100] });
    for (let m = 0; m < count; m++) expect(Math.abs(u.get(m, 0, 0) - 3 * byA(cOf(m)))).toBeLessThan(1e-5);
  });

  it("in ensembles", async () => {
    const { u } = await solveEnsemble(dosed, { trajectories: times.length, vary: (i) => ({ p: { c: times[i] } }), chunk: 2 });
    times.forEach((c, m) => expect(u!.get(m, 0, 0)).toBeCloseTo(3 * byA(c), 5));
  });

  it("in gradients, also where nothing is given", async () => {
    const p = rows.data.map((x, k) => (k === 0 ? 0 : x));
    const found = await gradientBatch(dosed, { p: ndarray(p, rows.shape), loss: { final: (u) => u.x } });
    const by = found.p as typeof rows;
    times.forEach((c, m) => {
      expect(found.values[m]).toBeCloseTo(p[3 * m] * byA(c), 5);
      expect(by.get(m, 0) / byA(c)).toBeCloseTo(1, 3);
      expect(by.get(m, 1) / byA(c)).toBeCloseTo(p[3 * m] * 0.03, 3);
    });
  });

  it("in the integrals of losses", async () => {
    const still = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [2], p: [0.03], tspan: [0, 100] });
    const p = ndarray(Float64Array.of(0.03, 0.02), [2, 1]);
    const loss = { integral: (u: number[], _p: number[], t: number) => u[0] * Math.exp(-(((t - 61.8) / 0.02) ** 2)) };
    const found = await gradientBatch(still, { p, loss });
    [0.03, 0.02].forEach((k, m) => {
      const known = 0.04 * Math.sqrt(Math.PI) * Math.exp(-61.8 * k + (0.02 * k) ** 2 / 4);
      expect(found.values[m] / known).toBeCloseTo(1, 4);
      expect((found.p as typeof p).get(m, 0) / known).toBeCloseTo(-61.8, 1);
    });
  });
});
