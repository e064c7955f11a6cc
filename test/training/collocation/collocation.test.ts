/** Smoothed data and derivatives, and right-hand sides fitted to them. */
import { describe, expect, it } from "vitest";
import { daeProblem } from "../../../src/problem/dae-problem.ts";
import { odeProblem, remake } from "../../../src/problem/problem.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { normals } from "../../../src/core/random.ts";
import { lotkaVolterra } from "../../../problems/lotka-volterra.ts";
import { tanh } from "../../../src/operations/plain-operations.ts";
import { BadData, BadStart, chain, collocate, dense, fit, fitDerivatives, lbfgs, observations } from "../../../training/index.ts";

const t = Array.from({ length: 41 }, (_, i) => i / 10);

/** Cramer's rule. */
function solve3(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const det = ([[p, q, r], [s, u, v], [w, x, y]]: readonly (readonly number[])[]): number =>
    p * (u * y - v * x) - q * (s * y - v * w) + r * (s * x - u * w);
  return b.map((_, j) => det(a.map((row, i) => row.map((entry, k) => (k === j ? b[i] : entry)))) / det(a));
}

describe("smoothed data", () => {
  it.each(["epanechnikov", "triangular", "tricube", "gaussian"] as const)("of a parabola are the parabola: %s", (kernel) => {
    const uneven = t.map((time, i) => time + 0.03 * Math.sin(7 * i));
    const y = uneven.map((time) => 1 - 2 * time + 3 * time ** 2);
    for (const bandwidth of [undefined, 0.7, 40]) {
      const { u, du, times } = collocate(observations({ t: uneven, values: { y } }), { kernel, bandwidth });
      times.forEach((time, i) => {
        expect(u.y[i]).toBeCloseTo(1 - 2 * time + 3 * time ** 2, 9);
        expect(du.y[i]).toBeCloseTo(-2 + 6 * time, 9);
      });
    }
  });

  it("may come in any order, be missing, and be measured several times", () => {
    const at = { y: [4, 0, 2, 1, 3, 5, 2, 6], z: [0.5, 1.5, 2.5, 3.5, 4.5, 5.5] };
    const values = { y: at.y.map((x) => x ** 2), z: at.z.map((x) => (x === 3.5 ? null : 1 - 2 * x)) };
    const { times, u, du } = collocate(observations({ t: at, values }));
    expect([...times]).toEqual([0.5, 1, 1.5, 2, 2.5, 3, 4, 4.5, 5, 5.5]);
    times.forEach((time, i) => {
      expect(u.y[i]).toBeCloseTo(time ** 2, 10);
      expect(du.y[i]).toBeCloseTo(2 * time, 10);
      expect(u.z[i]).toBeCloseTo(1 - 2 * time, 10);
      expect(du.z[i]).toBeCloseTo(-2, 10);
    });
  });

  it("are those of least squares, with weights that fall with the distance", () => {
    const [time, width] = [1.05, 0.5];
    const y = t.map((x) => Math.exp(x) * Math.cos(5 * x));
    const { u, du, times } = collocate(observations({ t: [...t, time], values: { y: [...y, 7] } }), { bandwidth: width });
    // The normal equations of that time alone.
    const near = [...t, time]
      .map((x, i) => ({ x: x - time, y: [...y, 7][i], w: 1 - ((x - time) / width) ** 2 }))
      .filter(({ w }) => w > 0);
    const sum = (of: (one: (typeof near)[number]) => number): number => near.reduce((total, one) => total + one.w * of(one), 0);
    const matrix = [0, 1, 2].map((i) => [0, 1, 2].map((j) => sum(({ x }) => x ** (i + j))));
    const right = [0, 1, 2].map((i) => sum((one) => one.y * one.x ** i));
    const i = times.indexOf(time);
    const [value, slope] = solve3(matrix, right);
    expect(u.y[i]).toBeCloseTo(value, 9);
    expect(du.y[i]).toBeCloseTo(slope, 9);
  });

  it("are nearer to the truth than the noise, and their derivatives than differences", () => {
    const normal = normals(7);
    const y = t.map((time) => Math.sin(2 * time) + 0.02 * normal());
    const { u, du, bandwidth } = collocate(observations({ t, values: { y } }));
    const rms = (of: (time: number, i: number) => number): number => Math.hypot(...t.map(of)) / Math.sqrt(t.length);
    expect(rms((time, i) => u.y[i] - Math.sin(2 * time))).toBeLessThan(0.75 * rms((time, i) => y[i] - Math.sin(2 * time)));
    // At the ends derivatives are less certain, and there are no central differences.
    const inner = [...t.keys()].slice(1, -1);
    const distance = (of: (i: number) => number): number => Math.hypot(...inner.map((i) => of(i) - 2 * Math.cos(2 * t[i])));
    expect(distance((i) => du.y[i])).toBeLessThan(0.7 * distance((i) => (y[i + 1] - y[i - 1]) / 0.2));
    expect(bandwidth.y).toBeLessThan(1.5);
  });

  it("take a wider bandwidth where there is more noise", () => {
    const normal = normals(3);
    const [little, much] = [1e-4, 0.3].map((sigma) => t.map((time) => Math.sin(2 * time) + sigma * normal()));
    const { bandwidth } = collocate(observations({ t, values: { little, much } }));
    expect(bandwidth.much).toBeGreaterThan(1.5 * bandwidth.little);
  });
});

describe("a right-hand side fitted to derivatives", () => {
  const { problem } = lotkaVolterra();
  const times = Array.from({ length: 101 }, (_, i) => i / 20);
  const exact = solve(problem, { saveat: times, rtol: 1e-9, atol: 1e-9 });
  const values = { prey: exact.u.map(({ prey }) => prey), predator: exact.u.map(({ predator }) => predator) };
  const data = observations({ t: times, values });

  it("has parameters near the true ones, from a start whose solution is far off, by each optimiser", async () => {
    const far = remake(problem, { p: { a: 0.1, b: 5, c: 0.1, d: 5 } });
    for (const optimiser of [undefined, lbfgs()]) {
      const { p } = await fitDerivatives(far, collocate(data), { optimiser });
      for (const name of ["a", "b", "c", "d"] as const) expect(p[name] / problem.p[name]).toBeCloseTo(1, 1);
    }
  });

  it("keeps what is not free, and takes several experiments with covariates of their own", async () => {
    const line = odeProblem({ rhs: (_u, p) => ({ y: p.slope * p.dose }), u0: { y: 0 }, tspan: [0, 1], p: { slope: 1, dose: 0 } });
    const of = (dose: number): ReturnType<typeof collocate> =>
      collocate(observations({ t: [0, 1, 2, 3, 4], values: { y: [0, 1, 2, 3, 4].map((x) => 3 * dose * x) }, p: { dose } }));
    const { p } = await fitDerivatives(line, [of(1), of(2)], { parameters: { slope: true } });
    expect(p.slope).toBeCloseTo(3, 9);
    expect(p.dose).toBe(0);
  });

  it("gives networks a start that is near the data", async () => {
    const net = chain(dense(2, 8, tanh), dense(8, 2));
    const ude = odeProblem({
      rhs(du, u, p, _t, constants) {
        const f = constants.net([u.prey, u.predator], p.net);
        du.prey = 1.5 * u.prey + f.get(0);
        du.predator = f.get(1) - 3 * u.predator;
      },
      u0: problem.u0,
      tspan: [0, 5],
      p: { net: net.initial(2) },
      constants: { net },
    });
    const { p, value, iterations } = await fitDerivatives(ude, collocate(data), { maxIterations: 60 });
    expect(iterations).toBeLessThanOrEqual(60);
    const misfit = async (model: typeof ude): Promise<number> =>
      (await fit(model, observations({ t: times, values, sigma: 0.1 }), { maxIterations: 1 })).value;
    expect(value).toBeLessThan(1);
    expect(await misfit(remake(ude, { p }))).toBeLessThan(0.05 * (await misfit(ude)));
  });
});

describe("what cannot be smoothed, or fitted to, is refused by name", () => {
  const y = [0, 1, 2, 3, 4];
  const line = odeProblem({ rhs: (u, p) => ({ y: p.k / u.y }), u0: { y: 1 }, tspan: [0, 1], p: { k: 1 } });
  it.each([
    [
      "too few times",
      () => collocate(observations({ t: [0, 1, 2, 2], values: { y: [0, 1, 2, 2] } })),
      'at least 4 times; of "y" there are 3',
    ],
    [
      "a narrow bandwidth",
      () => collocate(observations({ t: y, values: { y } }), { bandwidth: 1 }),
      'fewer than 4 times of "y". Give 3.03',
    ],
    [
      "names that were observed one after the other",
      () => collocate(observations({ t: { y, z: y.map((time) => time + 10) }, values: { y, z: y } })),
      "there is no time at which all names",
    ],
    [
      "observables",
      () => collocate(observations({ t: y, values: { m: y }, of: { m: (u) => u.y } })),
      '"m" is a function of the state',
    ],
    ["what are no observations", () => collocate({ t: y } as never), "were not made by observations"],
  ])("%s", (_, smooth, message) => {
    expect(smooth).toThrow(BadData);
    expect(smooth).toThrow(message);
  });

  it("unknown options, kernels, missing components, starts that are not finite", async () => {
    const data = observations({ t: y, values: { y } });
    expect(() => collocate(data, { kernel: "box" as never })).toThrow('kernel is "box"');
    expect(() => collocate(data, { width: 1 } as never)).toThrow("width");
    expect(() => collocate(data, { bandwidth: Infinity })).toThrow("bandwidth is Infinity, but must be a positive number");
    const { problem } = lotkaVolterra();
    const prey = collocate(observations({ t: y, values: { prey: y } }));
    await expect(fitDerivatives(problem, prey)).rejects.toThrow("there are values of prey, but the state is prey, predator");
    await expect(fitDerivatives(problem, data as never)).rejects.toThrow("were not made by collocate");
    await expect(fitDerivatives(line, collocate(data), { parameters: {} })).rejects.toThrow("nothing is free");
    const prior = { k: { prior: { normal: [1, 0.1] } } } as const;
    await expect(fitDerivatives(line, collocate(data), { parameters: prior })).rejects.toThrow("k has a prior");
    const weighted = odeProblem({ rhs: (_u, p) => ({ y: p.k }), massMatrix: [[2]], u0: { y: 1 }, tspan: [0, 1], p: { k: 1 } });
    await expect(fitDerivatives(weighted, collocate(data))).rejects.toThrow("stated by a mass matrix: take fit");
    const implicit = daeProblem({
      residual: (out, du, u, p) => void (out.y = du.y - p.k * u.y),
      u0: { y: 1 },
      du0: { y: 1 },
      tspan: [0, 1],
      p: { k: 1 },
    });
    await expect(fitDerivatives(implicit as never, collocate(data))).rejects.toThrow("stated by a residual: take fit");
    // A division by the smoothed value 0 at t = 0.
    const exactly = { ...collocate(data), u: { y: Float64Array.of(0, 1, 2, 3, 4) } };
    await expect(fitDerivatives(line, exactly)).rejects.toThrow(BadStart);
  });
});
