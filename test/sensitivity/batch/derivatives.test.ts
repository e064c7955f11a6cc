/** Gradients of batches where the state alone says little of its derivatives: known answers, with default options. */
import { describe, expect, it, test } from "vitest";
import { gradient, gradientBatch, ndarray, odeProblem, tsit5, type Loss, type NdArray, type OdeProblem } from "../../../index.ts";
import { heat, lotkaVolterra, problemTable } from "../../../problems/index.ts";
import { pack } from "../../../src/arrays/pack.ts";

type AnyProblem = OdeProblem<unknown, unknown>;

const RTOL = 1e-6;
const first: Loss = { final: (u) => (u as number[])[0] };

function rowsOf(rows: readonly (readonly number[])[]): NdArray {
  return ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0].length]);
}

/** In the Euclidean norm, relative. */
function difference(found: Float64Array, right: ArrayLike<number>): number {
  return Math.hypot(...found.map((x, i) => x - right[i])) / Math.hypot(...Array.from(right));
}

interface Known {
  readonly name: string;
  readonly problem: AnyProblem;
  /** Of each trajectory. */
  readonly u0: readonly (readonly number[])[];
  readonly p: readonly (readonly number[])[];
  /** Times the relative tolerance that it may be off. */
  readonly within: number;
  /** The gradient of the first component at the end, by u0 and p. */
  right(u0: readonly number[], p: readonly number[]): readonly number[];
}

/** u' = r u. */
const growth: Known = {
  name: "at rest",
  problem: odeProblem({ rhs: (u: number[], [r]: number[]) => [r * u[0]], u0: [0], p: [1], tspan: [0, 10] }) as never,
  u0: [[0], [0], [1], [0], [-2]],
  p: [[1], [0.5], [1], [-0.1], [0.7]],
  within: 100,
  right: ([x], [r]) => [Math.exp(10 * r), 10 * x * Math.exp(10 * r)],
};

/** u' = a - b u. */
const turnover: Known = {
  name: "in equilibrium of production and decay",
  problem: odeProblem({ rhs: (u: number[], [a, b]: number[]) => [a - b * u[0]], u0: [2], p: [2, 1], tspan: [0, 3] }) as never,
  u0: [[2], [1], [8], [2], [3]],
  p: [
    [2, 1],
    [3, 3],
    [2, 0.25],
    [1, 1],
    [0.9, 0.3],
  ],
  within: 100,
  right([x], [a, b]) {
    const left = Math.exp(-3 * b);
    const byB = (-a / b ** 2) * (1 - left) + (a / b) * 3 * left - 3 * x * left;
    return [left, (1 - left) / b, byB];
  },
};

/** u' = -k (u - a cos t), from where it neither rises nor falls quickly. */
const relaxation: Known = {
  name: "at the boundary of stability",
  problem: odeProblem({
    rhs: (u: number[], [k, a]: number[], t) => [-k * (u[0] - a * Math.cos(t))],
    u0: [1],
    p: [2000, 1],
    tspan: [0, 1],
  }) as never,
  u0: [[1], [2], [1]],
  p: [
    [2000, 1],
    [2000, 2],
    [500, 1],
  ],
  within: 100,
  right(_u0, [k, a]) {
    const [c, s, below] = [Math.cos(1), Math.sin(1), k ** 2 + 1];
    const byK = (a * ((2 * k * c + s) * below - 2 * k * (k ** 2 * c + k * s))) / below ** 2;
    return [0, byK, (k ** 2 * c + k * s) / below];
  },
};

/** A ball on an elastic ground, from rest: it falls, is in contact for half a swing and a little, and is on its way up at the end. */
const bounce: Known = {
  name: "across kinks",
  problem: odeProblem({
    rhs: (u: number[], [g, k]: number[]) => [u[1], -g + k * Math.max(0, -u[0])],
    u0: [1, 0],
    p: [10, 1e4],
    tspan: [0, 1],
  }) as never,
  u0: [
    [1, 0],
    [0.8, 0],
    [1.2, 0],
  ],
  p: [
    [10, 1e4],
    [10, 1e4],
    [9, 4e4],
  ],
  // Errors of tangents across kinks are of low order, and controlled less closely.
  within: 200,
  right([h], [g, k]) {
    const omega = Math.sqrt(k);
    const end = (height: number, speed: number, gravity: number, stiffness: number): number => {
      const w = Math.sqrt(stiffness);
      const hit = Math.sqrt(speed ** 2 + 2 * gravity * height);
      const contact = (2 / w) * (Math.PI - Math.atan((hit * w) / gravity));
      const s = 1 - (hit + speed) / gravity - contact;
      return hit * s - (gravity / 2) * s ** 2;
    };
    // Central differences of the closed form, extrapolated.
    const args = [h, 0, g, k];
    return args.map((x, i) => {
      const slope = (step: number): number => {
        const at = (value: number): number => end(...(args.with(i, value) as [number, number, number, number]));
        return (at(x + step) - at(x - step)) / (2 * step);
      };
      const step = 1e-3 * (Math.abs(x) || omega / 100);
      return (4 * slope(step / 2) - slope(step)) / 3;
    });
  },
};

describe("as the closed form", () => {
  it.each([growth, turnover, relaxation, bounce])("$name", async ({ problem, u0, p, within, right }) => {
    const found = await gradientBatch(problem, { u0: rowsOf(u0), p: rowsOf(p), loss: first });
    expect(found.outcomes).toEqual(u0.map(() => "success"));
    u0.forEach((row, m) => {
      const [n, np] = [row.length, p[m].length];
      const byP = (found.p as NdArray).data.subarray(m * np, (m + 1) * np);
      const all = Float64Array.of(...found.u0.data.subarray(m * n, (m + 1) * n), ...byP);
      expect(difference(all, right(row, p[m])), `${all.join()} of trajectory ${m}`).toBeLessThan(within * RTOL);
    });
  });
});

/** Times that are short enough for explicit methods. */
const spans: Readonly<Record<string, readonly [number, number]>> = {
  pollution: [0, 1e-7],
  robertson: [0, 1e-3],
  brusselatorCells: [0, 0.1],
  orego: [0, 0.1],
  vanDerPol: [0, 1e-4],
  e5: [0, 1e-3],
  ringModulator: [0, 1e-7],
};

describe("named problems", () => {
  for (const [name, { make }] of Object.entries(problemTable)) {
    const { problem, loss: whole } = make(name === "brusselatorCells" ? { n: 3 } : {}) as { problem: AnyProblem; loss: Loss };
    if (problem.layout.u.size > 64 || problem.events || problem.massMatrix !== undefined) continue;
    it(`${name}: the gradient of one`, async () => {
      const tspan = spans[name] ?? problem.tspan;
      const shrink = (tspan[1] - tspan[0]) / (problem.tspan[1] - problem.tspan[0]);
      const loss = { ...whole, ...(whole.at ? { at: Float64Array.from(whole.at, (t) => t * shrink) } : {}) } as Loss;
      const u0 = pack(problem.layout.u, problem.u0, "u0");
      // Near encounters amplify errors of steps in derivatives: at the default tolerances a gradient is computed once more, in batches not.
      const finer = name === "pleiades" ? { rtol: 1e-10, atol: 1e-10 } : {};
      const batch = await gradientBatch(problem, { u0: ndarray(u0, [1, u0.length]), tspan, loss, ...finer });
      const alone = gradient({ ...problem, tspan } as AnyProblem, { loss, wrt: ["p", "u0"], solver: tsit5(), ...finer });
      expect(batch.outcomes).toEqual(["success"]);
      expect(difference(batch.u0.data, alone.flat.u0!), "by u0").toBeLessThan(100 * RTOL);
      expect(difference(pack(problem.layout.p, batch.p, "p"), alone.flat.p!), "by p").toBeLessThan(100 * RTOL);
    });
  }

  it("heat: its closed form", async () => {
    const { problem, loss, reference } = heat({ n: 24 });
    const batch = await gradientBatch(problem, { u0: ndarray(pack(problem.layout.u, problem.u0, "u0"), [1, 24]), loss });
    expect(batch.outcomes).toEqual(["success"]);
    expect(difference(batch.u0.data, reference!.gradientByInitialState!)).toBeLessThan(100 * RTOL);
  });
});

test("the gradient of c times a loss is c times its gradient", async () => {
  const { problem } = lotkaVolterra();
  const of = async (c: number): Promise<Float64Array> => {
    const loss = { final: (u: { prey: number }, _p: unknown, { c }: { c: number }) => c * u.prey, constants: { c } };
    const { u0, p } = await gradientBatch(problem, { u0: rowsOf([[1, 1]]), loss: loss as never });
    return Float64Array.of(...u0.data, ...pack(problem.layout.p, p, "p"));
  };
  const once = await of(1);
  for (const c of [1e-12, 1e12]) (await of(c)).forEach((x, i) => expect(Math.abs(x / (c * once[i]) - 1)).toBeLessThan(1e-13));
});

test("absolute tolerances by name: in other units the same steps", async () => {
  interface State {
    prey: number;
    predator: number;
  }
  const of = async (unit: number, atol: number[] | Partial<State>): Promise<Float64Array> => {
    const problem = odeProblem({
      rhs: (u: State, [a, b, c, d]: number[], _t, { unit }: { unit: number }) => ({
        prey: a * u.prey - b * u.prey * u.predator,
        predator: (d * u.prey * u.predator) / unit - c * u.predator,
      }),
      u0: { prey: unit, predator: 1 },
      p: [1.5, 1, 3, 1],
      tspan: [0, 10],
      constants: { unit },
    });
    const loss = { final: (u: State) => u.predator };
    const { u0, p } = await gradientBatch(problem, { u0: rowsOf([[unit, 1]]), loss, atol });
    return Float64Array.of(u0.get(0, 0) * unit, u0.get(0, 1), ...(p as number[]));
  };
  expect(difference(await of(1e-9, { prey: 1e-13 }), await of(1, [1e-4, 1e-6]))).toBeLessThan(1e-8);
});

test("trajectories whose derivatives cannot be followed say so by name, and the others are as they are", async () => {
  // The state, from zero, is well; its derivative by the start is infinite.
  const problem = odeProblem({
    rhs: (u: number[], [k]: number[]) => [1 - k * Math.sqrt(u[0])],
    u0: [0],
    p: [0.5],
    tspan: [0, 1],
  });
  const batch = await gradientBatch(problem, { u0: rowsOf([[1], [0], [4], [4]]), loss: first as never });
  expect(batch.outcomes).toEqual(["success", "notDifferentiable", "success", "success"]);
  expect(batch.values[1]).toBeNaN();
  expect(batch.u0.get(2, 0)).toBe(batch.u0.get(3, 0));
});
