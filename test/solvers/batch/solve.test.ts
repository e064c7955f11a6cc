import { expect, test } from "vitest";
import {
  BadBatch,
  bs3,
  CannotBatch,
  type NdArray,
  ndarray,
  odeProblem,
  rk4,
  solve,
  solveBatch,
  tsit5,
  vern7,
  type ExplicitMethod,
  type OdeProblem,
} from "../../../index.ts";
import { problemTable } from "../../../problems/index.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";

type AnyProblem = OdeProblem<unknown, unknown>;

const COUNT = 7;

function states({ layout, u0 }: AnyProblem): NdArray {
  const start = pack(layout.u, u0, "u0");
  const data = Float64Array.from({ length: COUNT * start.length }, (_, k) => start[k % start.length] * (1 + 0.05 * Math.sin(k)));
  return ndarray(data, [COUNT, start.length]);
}

/** The state at the k-th saved time of a trajectory. */
function state(u: NdArray, m: number, k: number): Float64Array {
  const [, times, n] = u.shape;
  return u.data.slice((m * times + k) * n, (m * times + k + 1) * n);
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-3);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i] - expected[i]) / scale, `${what}[${i}] = ${found[i]}, not ${expected[i]}`).toBeLessThan(tolerance);
  }
}

/** Times that are short enough for explicit methods, for chaos, and for single precision. */
const spans: Readonly<Record<string, readonly [number, number]>> = {
  pollution: [0, 1e-6],
  robertson: [0, 1e-3],
  brusselatorCells: [0, 0.1],
  hires: [0, 5],
  orego: [0, 0.1],
  vanDerPol: [0, 1e-4],
  e5: [0, 1e-3],
  ringModulator: [0, 1e-7],
  lorenz: [0, 1],
  pleiades: [0, 0.5],
  arenstorf: [0, 1],
};

for (const [device, run, tolerance] of [
  ["cpu", test, 1e-9],
  ["webgpu", gpuTest, 1e-4],
] as const) {
  for (const [name, { make }] of Object.entries(problemTable)) {
    const problem = make(name === "brusselatorCells" ? { n: 3 } : {}).problem as AnyProblem;
    if (problem.layout.u.size > 64) continue;
    run(`${name} on ${device}: each trajectory as alone, or refused`, async () => {
      const tspan = spans[name] ?? problem.tspan;
      const saveat = (tspan[1] - tspan[0]) / 4;
      const u0 = states(problem);
      const isRefused = device === "webgpu" && problem.events?.some(({ when }) => when);
      if (isRefused || problem.code.isResidual) {
        await expect(solveBatch(problem, { u0, device })).rejects.toThrow(CannotBatch);
        return;
      }
      // Those with a mass matrix are in implicit.test.ts.
      if (problem.massMatrix !== undefined) return;
      const batch = await solveBatch(problem, { u0, tspan, saveat, solver: tsit5(), device });
      expect(batch.outcomes).toEqual(Array(COUNT).fill("success"));
      for (let m = 0; m < COUNT; m++) {
        const own = unpack(problem.layout.u, u0.data.slice(m * u0.shape[1], (m + 1) * u0.shape[1]));
        const alone = solve(problem, { u0: own, tspan, saveat, solver: tsit5(), switches: "ignore" });
        expect([...batch.t]).toEqual([...alone.t]);
        if (device === "cpu") expect([batch.steps[m], batch.rejections[m]]).toEqual([alone.stats.steps, alone.stats.rejected]);
        batch.t.forEach((t, k) =>
          expectClose(state(batch.u, m, k), pack(problem.layout.u, alone.u[k], "u"), tolerance, `trajectory ${m}, t = ${t}`),
        );
      }
    });
  }
}

const decay = odeProblem({
  name: "decay",
  rhs: (u: number[], p: number[]) => [-p[0] * u[0], p[0] * u[0] - p[1] * Math.sqrt(u[1])],
  u0: [1, 0.5],
  p: [1, 0.1],
  tspan: [0, 1],
});
const starts = ndarray(Float64Array.of(1, 0.5, 2, 0.7, 3, 0.9), [3, 2]);

test.each([
  ["bs3", bs3()],
  ["vern7", vern7()],
  ["rk4", rk4({ dt: 0.03 })],
] as const)("%s, forwards and backwards", async (_, solver) => {
  for (const tspan of [
    [0, 1],
    [1, 0.8],
  ] as const) {
    const batch = await solveBatch(decay, { u0: starts, solver: solver as ExplicitMethod, tspan, saveat: 0.2 });
    for (let m = 0; m < 3; m++) {
      const alone = solve(decay, { u0: [starts.get(m, 0), starts.get(m, 1)], solver, tspan, saveat: 0.2 });
      alone.t.forEach((t, k) => expectClose(state(batch.u, m, k), alone.u[k], 1e-9, `t = ${t}`));
    }
  }
});

test("parameters of each one's own, one initial state", async () => {
  const p = ndarray(Float64Array.of(1, 0.1, 2, 0.2), [2, 2]);
  const batch = await solveBatch(decay, { p });
  for (const m of [0, 1]) {
    const alone = solve(decay, { p: [p.get(m, 0), p.get(m, 1)], solver: tsit5(), saveat: [1] });
    expectClose(state(batch.u, m, 0), alone.u[0], 1e-12, `trajectory ${m}`);
  }
});

test("one that fails does not disturb the others", async () => {
  // The second reaches infinity at t = 1 / 2.
  const blowUp = odeProblem({ rhs: (u: number[]) => [u[0] ** 2], u0: [1], tspan: [0, 0.9] });
  const batch = await solveBatch(blowUp, { u0: ndarray(Float64Array.of(1, 2, 0.5), [3, 1]), saveat: 0.3, maxSteps: 500 });
  expect(batch.outcomes[0]).toBe("success");
  expect(["tooManySteps", "stepUnderflow", "nonFinite"]).toContain(batch.outcomes[1]);
  expect(batch.outcomes[2]).toBe("success");
  expectClose(state(batch.u, 0, 3), [1 / (1 - 0.9)], 1e-4, "first");
  expectClose(state(batch.u, 2, 3), [1 / (2 - 0.9)], 1e-4, "third");
  expectClose(state(batch.u, 1, 1), [1 / (0.5 - 0.3)], 1e-4, "second, before it fails");
  expect(state(batch.u, 1, 3)[0]).toBeNaN();
  const short = await solveBatch(blowUp, { u0: ndarray(Float64Array.of(1, 0.1), [2, 1]), maxSteps: 3 });
  expect(short.outcomes).toContain("tooManySteps");
});

test("work in several pieces: progress is told, an abort is heard", async () => {
  const u0 = ndarray(
    Float64Array.from({ length: 200_000 }, (_, k) => 1 + k * 1e-6),
    [100_000, 2],
  );
  const done: number[] = [];
  await solveBatch(decay, { u0, onProgress: (count) => done.push(count) });
  expect(done.length).toBeGreaterThan(10);
  expect(done.at(-1)).toBe(100_000);
  const controller = new AbortController();
  const work = solveBatch(decay, { u0, signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) });
  await expect(work).rejects.toThrow("enough");
});

test("what a batch cannot do is refused by name", async () => {
  await expect(solveBatch(decay, {})).rejects.toThrow(BadBatch);
  await expect(solveBatch(decay, { u0: ndarray(Float64Array.of(1, 2, 3, NaN), [2, 2]) })).rejects.toThrow(
    /u0\[1\] of trajectory 1 is NaN/,
  );
});

test("a method made one of fixed steps is another one", async () => {
  const u0 = ndarray(Float64Array.of(1, 0.5), [1, 2]);
  const controlled = await solveBatch(decay, { u0, solver: tsit5() });
  const fixed = await solveBatch(decay, { u0, solver: { ...tsit5(), dt: 0.01 } });
  expect(controlled.steps[0]).toBeLessThan(50);
  expect(fixed.steps[0]).toBe(100);
});

test("a trajectory whose steps get too short at t = 0 ends soon, by name, and disturbs no other", async () => {
  const rates = odeProblem({ rhs: (u: number[], p: { k: number }) => [-p.k * (u[0] - 1)], u0: [0], p: { k: 1 }, tspan: [0, 1] });
  const { outcomes, steps, rejections, u } = await solveBatch(rates, {
    p: ndarray(Float64Array.of(1, 1e60), [2, 1]),
    solver: tsit5(),
  });
  expect(outcomes).toEqual(["success", "stepUnderflow"]);
  expect(u.get(0, 0, 0)).toBeCloseTo(1 - Math.exp(-1), 5);
  expect(steps[1] + rejections[1]).toBeLessThan(200);
});
