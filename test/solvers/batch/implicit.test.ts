import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CannotBatch,
  daeProblem,
  euler,
  implicitEuler,
  InconsistentInitialValues,
  MassMatrixNeedsImplicit,
  ndarray,
  odeProblem,
  rodas5P,
  solve,
  solveBatch,
  tsit5,
  vcabm,
  type Method,
  type NdArray,
  type OdeProblem,
} from "../../../index.ts";
import { pollution, robertson, robertsonDAE, transistorAmplifier } from "../../../problems/index.ts";
import { robertsonEnds } from "../../../problems/robertson.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";
import { adaptiveMethods, everyMethod, methodBy, methodNames } from "../../tables.ts";
import { kapsAt } from "../systems.ts";

type AnyProblem = OdeProblem<unknown, unknown>;

const rosenbrock = adaptiveMethods.filter(({ family }) => family.name === "rosenbrock");

/** Rows of a state or of parameters: those of the problem times a factor, of each trajectory another one. */
function around(values: ArrayLike<number>, count: number, by = 0.02): NdArray<Float64Array> {
  const n = values.length;
  return ndarray(
    Float64Array.from({ length: count * n }, (_, k) => values[k % n] * (1 + by * Math.sin(k))),
    [count, n],
  );
}

interface Compared {
  readonly u0?: NdArray<Float64Array>;
  readonly p?: NdArray<Float64Array>;
  readonly solver?: Method;
  readonly rtol?: number;
  readonly atol?: number;
  readonly tspan?: readonly [number, number];
  readonly saveat?: number | readonly number[];
}

/** Solves in lanes and one by one: the largest difference in units of the tolerances. */
async function compared(problem: AnyProblem, options: Compared): Promise<{ worst: number; steps: boolean }> {
  const { rtol = 1e-6, atol = 1e-8, u0, p, ...rest } = options;
  const all = { rtol, atol, saveat: 0.25, ...rest };
  const batch = await solveBatch(problem, { ...all, u0, p });
  const count = (u0 ?? p)!.shape[0];
  const { u, p: parameters } = problem.layout;
  expect(batch.outcomes).toEqual(Array(count).fill("success"));
  let worst = 0;
  let steps = true;
  const rowOf = ({ data, shape }: NdArray<Float64Array>, m: number): Float64Array => data.slice(m * shape[1], (m + 1) * shape[1]);
  for (let m = 0; m < count; m++) {
    const own = { ...(u0 && { u0: unpack(u, rowOf(u0, m)) }), ...(p && { p: unpack(parameters, rowOf(p, m)) }) };
    const alone = solve(problem, { ...all, ...own, switches: "ignore" });
    expect([...batch.t]).toEqual([...alone.t]);
    steps &&= alone.stats.steps === batch.steps[m] && alone.stats.rejected === batch.rejections[m];
    alone.t.forEach((_, k) => {
      const x = pack(u, alone.u[k], "u");
      const at = (m * alone.t.length + k) * u.size;
      x.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(batch.u.data[at + i] - value) / (atol + rtol * Math.abs(value)));
      });
    });
  }
  return { worst, steps };
}

const lotka = odeProblem({
  rhs: (u: number[], p: number[]) => [p[0] * u[0] - u[0] * u[1], u[0] * u[1] - p[1] * u[1]],
  u0: [1, 2],
  p: [1, 3],
  tspan: [0, 2],
}) as AnyProblem;

test.each(everyMethod(0.02).map((method) => [method.name, method] as const))(
  "%s in lanes takes the steps that it takes alone",
  async (_, solver) => {
    const { worst, steps } = await compared(lotka, { u0: around([1, 2], 4), solver });
    expect(worst).toBeLessThan(1e-2);
    expect(steps).toBe(true);
  },
);

describe.each(rosenbrock.map((method) => [method.name, method] as const))("%s", (_, solver) => {
  test("Robertson's reaction to t = 1e5, with saved times between, as alone", async () => {
    const { problem } = robertson();
    const p = around([0.04, 3e7, 1e4], 7, 0.2);
    const { worst, steps } = await compared(problem as AnyProblem, { p, solver, atol: 1e-10, saveat: [1, 40, 1e3, 1e5] });
    expect(worst).toBeLessThan(1e-2);
    expect(steps).toBe(true);
  });

  test("known answers of Robertson's reaction, with and without a mass matrix", async () => {
    for (const { problem } of [robertson({ tEnd: 1e5 }), robertsonDAE()]) {
      const end = Float64Array.from(robertsonEnds.get(40)!);
      const p = ndarray(
        Float64Array.from([...pack(problem.layout.p, problem.p, "p"), ...pack(problem.layout.p, problem.p, "p")]),
        [2, 3],
      );
      const batch = await solveBatch(problem as AnyProblem, { p, solver, rtol: 1e-7, atol: 1e-12, tspan: [0, 40] });
      for (let m = 0; m < 2; m++) end.forEach((x, i) => expect(batch.u.get(m, 0, i) / x).toBeCloseTo(1, 5));
    }
  });

  test("its order of convergence, on Kaps's problem, also of what is saved between steps", async () => {
    const kaps = odeProblem({
      rhs: ([x, y]: number[], p: number[], t: number) => {
        const rate = 1 + Math.cos(t) / 2;
        return [rate * (-2 * x + p[0] * (y * y - x)), rate * (x - y - y * y)];
      },
      u0: [1, 1],
      p: [1],
      tspan: [0, 1],
    });
    const errorAt = async (steps: number): Promise<number> => {
      const batch = await solveBatch(kaps, { p: ndarray(Float64Array.of(1, 1), [2, 1]), solver: { ...solver, dt: 1 / steps } });
      const end = kapsAt(1);
      return Math.max(...end.map((x, i) => Math.abs(batch.u.get(1, 0, i) - x)));
    };
    const steps = solver.order > 3 ? 20 : 80;
    const order = Math.log2((await errorAt(steps)) / (await errorAt(2 * steps)));
    expect(order).toBeGreaterThan(solver.order - 0.35);
  });
});

test.each(
  methodNames
    .filter((name) => methodBy(name, 1).family.takesMass)
    .map((name) => [name, methodBy(name, 1e-3)] as const)
    .filter(([, { dt }]) => dt === undefined),
)("%s with a mass matrix as alone", async (_, solver) => {
  const { problem } = robertsonDAE();
  const p = around([0.04, 3e7, 1e4], 3, 0.1);
  const { worst } = await compared(problem as AnyProblem, { p, solver, atol: 1e-9, tspan: [0, 100], saveat: [1, 10, 100] });
  expect(worst).toBeLessThan(1);
});

test("a mass matrix that is not diagonal, with forcing, by the default method", async () => {
  const { problem } = transistorAmplifier();
  const start = pack(problem.layout.u, problem.u0, "u0");
  const { worst } = await compared(problem as AnyProblem, { u0: around(start, 2, 0), tspan: [0, 0.02], saveat: 0.005 });
  expect(worst).toBeLessThan(20);
});

const rates = fc.array(fc.double({ min: -3, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 });

test("random stiff models, each trajectory as alone", async () => {
  const model = odeProblem({
    rhs: ([a, b, c]: number[], k: number[], t: number) => [
      -k[0] * (a - Math.cos(t)),
      -k[1] * (b + b ** 3 - a),
      (-k[2] * (c - a * b)) / (1 + c * c),
    ],
    u0: [1, 0, 0.1],
    p: [1, 1, 1],
    tspan: [0, 5],
  }) as AnyProblem;
  await fc.assert(
    fc.asyncProperty(
      fc.array(rates, { minLength: 2, maxLength: 8 }),
      fc.constantFrom(...rosenbrock.slice(-2)),
      async (rows, solver) => {
        const p = ndarray(
          Float64Array.from(rows.flat(), (x) => 10 ** x),
          [rows.length, 3],
        );
        const { worst } = await compared(model, { p, solver, saveat: 1 });
        expect(worst).toBeLessThan(5);
      },
    ),
    { numRuns: 12 },
  );
});

test("initial values that the algebraic equations ask for are found in each trajectory, or the trajectory is named", async () => {
  const sum = (initialise?: "algebraic") =>
    odeProblem({
      rhs: (u: number[], p: number[]) => [-p[0] * u[0], u[0] + u[1] - p[1]],
      u0: [1, 0],
      p: [1, 1],
      massMatrix: [
        [1, 0],
        [0, 0],
      ],
      initialise,
      tspan: [0, 1],
    });
  const p = ndarray(Float64Array.of(1, 1, 2, 3), [2, 2]);
  const { u } = await solveBatch(sum("algebraic"), { p, saveat: [0, 1] });
  for (const [m, rate, total] of [
    [0, 1, 1],
    [1, 2, 3],
  ]) {
    [1, Math.exp(-rate)].forEach((x, k) => {
      expect(u.get(m, k, 0)).toBeCloseTo(x, 5);
      expect(u.get(m, k, 1)).toBeCloseTo(total - x, 5);
    });
  }
  await expect(solveBatch(sum(), { p })).rejects.toThrow(InconsistentInitialValues);
  await expect(solveBatch(sum(), { p })).rejects.toThrow(/^Trajectory 1: /);
});

test("a trajectory that fails says why, and disturbs no other", async () => {
  const pole = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] * u[0] ** 2], u0: [1], p: [1], tspan: [0, 2] });
  const p = ndarray(Float64Array.of(-1, 1), [2, 1]);
  const blown = await solveBatch(pole, { p, solver: rodas5P() });
  expect(blown.outcomes[0]).toBe("success");
  expect(blown.u.get(0, 0, 0)).toBeCloseTo(1 / 3, 5);
  expect(["stepUnderflow", "nonFinite"]).toContain(blown.outcomes[1]);
  expect(blown.u.get(1, 0, 0)).toBeNaN();

  // Steps of one length that are too long for Newton's iterations.
  const fixed = await solveBatch(pole, { p, solver: implicitEuler({ dt: 0.4 }), saveat: 0.4 });
  expect(fixed.outcomes).toEqual(["success", "convergenceFailure"]);
  expect([0, 1, 2, 3, 4, 5].map((k) => Number.isNaN(fixed.u.get(1, k, 0)))).toEqual([false, true, true, true, true, true]);

  const root = odeProblem({ rhs: (u: number[], k: number[]) => [-Math.sqrt(k[0] - u[0])], u0: [0], p: [1], tspan: [0, 1] });
  const { outcomes } = await solveBatch(root, { p: ndarray(Float64Array.of(1, -1), [2, 1]), solver: rodas5P() });
  expect(outcomes).toEqual(["success", "nonFinite"]);
});

test("what cannot be is refused by name", async () => {
  const robertsons = robertsonDAE().problem as AnyProblem;
  const p = around([0.04, 3e7, 1e4], 2);
  for (const solver of [tsit5(), euler({ dt: 0.1 }), vcabm()])
    await expect(solveBatch(robertsons, { p, solver })).rejects.toThrow(MassMatrixNeedsImplicit);
  const large = pollution().problem as AnyProblem;
  const u0 = around(pack(large.layout.u, large.u0, "u0"), 2);
  await expect(solveBatch(large, { u0, solver: rodas5P() })).rejects.toThrow(CannotBatch);
  await expect(solveBatch(large, { u0, solver: rodas5P() })).rejects.toThrow(/20 components, and rodas5P is implicit/);
  const residual = daeProblem({
    residual: (du: number[], u: number[]) => [du[0] ** 3 + u[0]],
    u0: [1],
    tspan: [0, 1],
  }) as AnyProblem;
  await expect(solveBatch(residual, { u0: around([1], 2) })).rejects.toThrow(/stated by a residual/);
});

gpuTest("Robertson's reaction on a GPU, in single precision", async () => {
  const { problem } = robertson();
  const p = around([0.04, 3e7, 1e4], 7, 0.2);
  const options = { p, solver: rodas5P(), rtol: 1e-4, atol: 1e-7, saveat: [1, 40, 1e3] };
  const tspan = [0, 1e3] as const;
  const exact = await solveBatch(problem as AnyProblem, { ...options, tspan, rtol: 1e-8, atol: 1e-12 });
  const batch = await solveBatch(problem as AnyProblem, { ...options, tspan, device: "webgpu" });
  expect(batch.outcomes).toEqual(Array(7).fill("success"));
  batch.u.data.forEach((x, i) => expect(Math.abs(x - exact.u.data[i]) / (1e-6 + Math.abs(exact.u.data[i]))).toBeLessThan(1e-2));
});
