/** Published test functions of least squares with their published minima (J. J. Moré, B. S. Garbow, K. E. Hillstrom, ACM TOMS 7, 1981). */
import { describe, expect, it } from "vitest";
import { levenbergMarquardt } from "../../../training/optimisers/levenberg-marquardt.ts";
import type { Objective } from "../../../training/optimisers/optimiser.ts";
import { trustRegion } from "../../../training/optimisers/trust-region.ts";

interface TestFunction {
  readonly start: readonly number[];
  /** The sum of squares at its minima. */
  readonly minima: readonly number[];
  readonly of: (x: Float64Array) => readonly number[];
}

const bard = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
const kowalik = {
  y: [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
  u: [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
};
const osborne = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58, 0.558,
  0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
];

const functions: Readonly<Record<string, TestFunction>> = {
  "Rosenbrock (1)": { start: [-1.2, 1], minima: [0], of: ([a, b]) => [10 * (b - a ** 2), 1 - a] },
  "Freudenstein and Roth (2)": {
    start: [0.5, -2],
    minima: [0, 48.9842],
    of: ([a, b]) => [-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b],
  },
  "Bard (8)": {
    start: [1, 1, 1],
    minima: [8.21487e-3],
    of: ([a, b, c]) => bard.map((y, i) => y - (a + (i + 1) / ((15 - i) * b + Math.min(i + 1, 15 - i) * c))),
  },
  "Powell's singular (13)": {
    start: [3, -1, 0, 1],
    minima: [0],
    of: ([a, b, c, d]) => [a + 10 * b, Math.sqrt(5) * (c - d), (b - 2 * c) ** 2, Math.sqrt(10) * (a - d) ** 2],
  },
  "Kowalik and Osborne (15)": {
    start: [0.25, 0.39, 0.415, 0.39],
    minima: [3.07505e-4],
    of: ([a, b, c, d]) =>
      kowalik.y.map((y, i) => y - (a * (kowalik.u[i] ** 2 + kowalik.u[i] * b)) / (kowalik.u[i] ** 2 + kowalik.u[i] * c + d)),
  },
  "Osborne (17)": {
    start: [0.5, 1.5, -1, 0.01, 0.02],
    minima: [5.46489e-5],
    of: ([a, b, c, d, e]) => osborne.map((y, i) => y - (a + b * Math.exp(-10 * i * d) + c * Math.exp(-10 * i * e))),
  },
};

function objectiveOf({ of, start }: TestFunction): Objective & { calls: number } {
  const n = start.length;
  const jacobianAt = (x: Float64Array): Float64Array => {
    const columns = start.map((_, j) => {
      const h = 1e-6 * Math.max(1e-3, Math.abs(x[j]));
      const [up, down] = [of(x.map((a, i) => (i === j ? a + h : a))), of(x.map((a, i) => (i === j ? a - h : a)))];
      return up.map((r, i) => (r - down[i]) / (2 * h));
    });
    return Float64Array.from({ length: columns[0].length * n }, (_, at) => columns[at % n][Math.floor(at / n)]);
  };
  const objective = {
    calls: 0,
    lower: new Float64Array(n).fill(-Infinity),
    upper: new Float64Array(n).fill(Infinity),
    async leastSquares(x: Float64Array) {
      objective.calls++;
      const residuals = Float64Array.from(of(x));
      return { value: residuals.reduce((sum, r) => sum + r ** 2 / 2, 0), residuals, jacobian: jacobianAt(x) };
    },
    gradient: () => Promise.reject(new Error("least squares are asked for")),
  };
  return objective;
}

describe.each([levenbergMarquardt(), trustRegion()])("$name", (optimiser) => {
  it.each(Object.entries(functions))("comes to a minimum of %s", async (_, test) => {
    const objective = objectiveOf(test);
    const isThere = (square: number): boolean => test.minima.some((least) => Math.abs(square - least) <= 1e-5 * least + 1e-9);
    let state = await optimiser.begin(objective, Float64Array.from(test.start));
    for (let i = 0; i < 300 && !state.finished && !isThere(2 * state.value); i++) state = await optimiser.step(objective, state);
    expect(isThere(2 * state.value), `${2 * state.value}: ${state.finished}`).toBe(true);
    expect(objective.calls).toBeLessThan(30);
  });
});
