/** Trajectories of derivatives against known answers. */
import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import { BadGradientOption, BadSaveTimes, odeProblem, remake, rodas5P, sensitivities, tsit5 } from "../../index.ts";
import { brusselatorCells, lotkaVolterra, pollution } from "../../problems/index.ts";

/** u' = -k u + c: u(t) = (u0 - c/k) e^{-kt} + c/k. */
const decay = odeProblem({
  rhs: (u: number, { k, c }: { k: number; c: number }) => -k * u + c,
  u0: 2,
  tspan: [0, 1.5],
  p: { k: 0.7, c: 0.4 },
});

describe("closed forms", () => {
  it("of a number, at each saved time", () => {
    const { solution, p, u0 } = sensitivities(decay, { saveat: 0.5, wrt: ["p", "u0"], rtol: 1e-10, atol: 1e-12 });
    expect([...solution.t]).toEqual([0, 0.5, 1, 1.5]);
    const [k, c] = [0.7, 0.4];
    solution.t.forEach((t, i) => {
      const e = Math.exp(-k * t);
      expect(solution.u[i]).toBeCloseTo((2 - c / k) * e + c / k, 9);
      expect(p[i].k).toBeCloseTo((c / k ** 2) * (e - 1) - t * (2 - c / k) * e, 8);
      expect(p[i].c).toBeCloseTo((1 - e) / k, 8);
      expect(u0[i]).toBeCloseTo(e, 8);
    });
  });

  it("through an event, at whose time they are those before it", () => {
    const struct = odeProblem({
      rhs(du, u, { k }) {
        du.x = -k * u.x;
      },
      u0: { x: 2 },
      tspan: [0, 2],
      p: { k: 0.7 },
      events: { at: [1], apply: (u, p) => void (u.x = 3 * u.x + p.k) },
    });
    const { p, u0 } = sensitivities(struct, { saveat: [1, 2], wrt: ["p", "u0"], rtol: 1e-10, atol: 1e-12, solver: tsit5() });
    const e = Math.exp(-0.7);
    expect(p[0].x.k).toBeCloseTo(-2 * e, 8);
    expect(u0[0].x.x).toBeCloseTo(e, 8);
    // u(2) = (6 e^{-k} + k) e^{-k}
    expect(p[1].x.k).toBeCloseTo((-6 * e + 1) * e - (6 * e + 0.7) * e, 7);
    expect(u0[1].x.x).toBeCloseTo(3 * e * e, 8);
  });

  it("in the shapes of state and parameters", () => {
    const linear = odeProblem({
      rhs(du, u, p) {
        du.scalar = p.rate * u.scalar;
        for (let i = 0; i < 2; i++) {
          for (let j = 0; j < 3; j++) du.field.set(i, j, p.vector[i] * p.grid.get(i, j));
        }
      },
      u0: { scalar: 1, field: ndarray(new Float64Array(6), [2, 3]) },
      tspan: [0, 2],
      p: { rate: 0.5, vector: [2, 3], grid: ndarray(new Float64Array([1, 2, 3, 4, 5, 6]), [2, 3]) },
    });
    const [end] = sensitivities(linear, { saveat: [2], rtol: 1e-9, atol: 1e-9 }).p;
    expect(end.scalar.rate).toBeCloseTo(2 * Math.exp(1), 7);
    expect(end.scalar.vector.shape).toEqual([2]);
    expect(end.field.rate.shape).toEqual([2, 3]);
    expect(end.field.vector.shape).toEqual([2, 3, 2]);
    expect(end.field.grid.shape).toEqual([2, 3, 2, 3]);
    expect(end.field.vector.get(1, 2, 1)).toBeCloseTo(2 * 6, 7);
    expect(end.field.vector.get(1, 2, 0)).toBe(0);
    expect(end.field.grid.get(0, 1, 0, 1)).toBeCloseTo(2 * 2, 7);
    expect(end.field.grid.get(0, 1, 0, 2)).toBe(0);
  });
});

describe("known answers", () => {
  it("Lotka-Volterra, du(10)/dp", () => {
    const [{ prey, predator }] = sensitivities(lotkaVolterra().problem, { saveat: [10], rtol: 1e-11, atol: 1e-11 }).p;
    const answers = [
      [prey.a, 2.160557523563],
      [prey.b, 0.188568777078],
      [prey.c, 0.563182794168],
      [predator.a, -6.256770517221],
      [predator.b, -0.697977588989],
      [predator.c, -1.709017680598],
    ];
    for (const [found, answer] of answers) expect(found / answer).toBeCloseTo(1, 9);
  });

  it("POLLU, the Frobenius norm of k du(60)/dk", () => {
    const { problem } = pollution();
    const { flat } = sensitivities(problem, { saveat: [60], solver: rodas5P(), rtol: 1e-9, atol: 1e-12 });
    const np = problem.p.length;
    const norm = Math.hypot(...flat.p![0].map((x, i) => x * problem.p[i % np]));
    expect(norm / 0.046524032824).toBeCloseTo(1, 8);
  });

  it("Brusselator cells, the Frobenius norm of du(10)/dp", () => {
    const { problem } = brusselatorCells({ n: 5, tEnd: 10 });
    const { flat } = sensitivities(problem, { saveat: [10], solver: rodas5P(), rtol: 1e-5, atol: 1e-5 });
    expect(Math.hypot(...flat.p![0]) / 9.255983172).toBeCloseTo(1, 3);
  });
});

describe("bad input", () => {
  it("is named", () => {
    expect(() => sensitivities(decay, { saveat: [2] })).toThrow(BadSaveTimes);
    expect(() => sensitivities(decay, { saveat: [1], wrt: ["q" as "p"] })).toThrow(BadGradientOption);
    expect(() => sensitivities(remake(decay, {}), { saveat: [] }).p).not.toThrow();
  });
});
