import { expect, test } from "vitest";
import {
  gradient,
  gradientBatch,
  type NdArray,
  ndarray,
  odeProblem,
  rk4,
  tsit5,
  vern7,
  type Loss,
  type OdeProblem,
} from "../../../index.ts";
import { lotkaVolterra, spiralNeuralODE } from "../../../problems/index.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";

type AnyProblem = OdeProblem<unknown, unknown>;

const COUNT = 7;

const decay = {
  problem: odeProblem({
    name: "decay",
    rhs: (u: number[], p: number[], t) => [-p[0] * u[0] + Math.sin(t), p[0] * u[0] - p[1] * u[1] ** 2],
    u0: [1, 0.5],
    p: [1, 0.1],
    tspan: [0, 2],
  }),
  loss: {
    at: [0, 0.5, 0.75, 2, 1.1],
    of: (u: number[], p: number[], t: number, i: number) => (u[0] - i) ** 2 * p[0] + t * u[1],
    final: (u: number[], p: number[]) => u[0] * u[1] * p[1],
  },
};

const cases: readonly { name: string; problem: AnyProblem; loss: Loss; solver: Parameters<typeof gradient>[1]["solver"] }[] = [
  { name: "lotkaVolterra", ...lotkaVolterra(), solver: tsit5() },
  { name: "spiralNeuralODE", ...spiralNeuralODE(), solver: tsit5() },
  { name: "decay by tsit5", ...decay, solver: tsit5() },
  { name: "decay by vern7", ...decay, solver: vern7() },
  { name: "decay by rk4", ...decay, solver: rk4({ dt: 0.03 }) },
] as never;

function states({ layout, u0 }: AnyProblem): NdArray {
  const start = pack(layout.u, u0, "u0");
  const data = Float64Array.from(
    { length: COUNT * start.length },
    (_, k) => start[k % start.length] * (1 + 0.05 * Math.sin(k)) + 0.01,
  );
  return ndarray(data, [COUNT, start.length]);
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-3);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i] - expected[i]) / scale, `${what}[${i}] = ${found[i]}, not ${expected[i]}`).toBeLessThan(tolerance);
  }
}

for (const [device, run, tolerance] of [
  ["cpu", test, 1e-9],
  ["webgpu", gpuTest, 1e-3],
] as const) {
  for (const { name, problem, loss, solver } of cases) {
    run(`${name} on ${device}: the gradients of a loop of gradient`, async () => {
      const u0 = states(problem);
      const batch = await gradientBatch(problem, { u0, loss, solver, device });
      let value = 0;
      const p = new Float64Array(problem.layout.p.size);
      for (let m = 0; m < COUNT; m++) {
        const own = unpack(problem.layout.u, u0.data.slice(m * u0.shape[1], (m + 1) * u0.shape[1]));
        const alone = gradient({ ...problem, u0: own } as AnyProblem, { loss, solver, wrt: ["p", "u0"], adjoint: "discrete" });
        value += alone.value;
        alone.flat.p!.forEach((x, i) => (p[i] += x));
        expectClose([batch.values[m]], [alone.value], tolerance, `value ${m}`);
        const n = u0.shape[1];
        expectClose(batch.u0.data.slice(m * n, (m + 1) * n), alone.flat.u0!, tolerance, `u0 of ${m}`);
      }
      expectClose([batch.value], [value], tolerance, "value");
      expectClose(pack(problem.layout.p, batch.p, "p"), p, tolerance, "p");
    });
  }
}

test("parameters of each one's own, and many steps", async () => {
  const p = ndarray(Float64Array.of(1, 0.1, 20, 0.2, 3, 0.3), [3, 2]);
  const { problem, loss } = decay;
  const batch = await gradientBatch(problem, { p, loss, rtol: 1e-10, atol: 1e-10 });
  for (let m = 0; m < 3; m++) {
    const own = { ...problem, p: [p.get(m, 0), p.get(m, 1)] };
    const alone = gradient(own, { loss, solver: tsit5(), adjoint: "discrete", rtol: 1e-10, atol: 1e-10 });
    expectClose((batch.p as NdArray).data.slice(2 * m, 2 * m + 2), alone.flat.p!, 1e-9, `p of ${m}`);
  }
});

test("one that fails adds nothing", async () => {
  const problem = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] * u[0] ** 2], u0: [1], p: [1], tspan: [0, 0.9] });
  const loss = { final: (u: number[]) => u[0] };
  const two = await gradientBatch(problem, { u0: ndarray(Float64Array.of(0.5, 2), [2, 1]), loss, maxSteps: 300 });
  const one = await gradientBatch(problem, { u0: ndarray(Float64Array.of(0.5), [1, 1]), loss });
  expect(two.outcomes[0]).toBe("success");
  expect(two.outcomes[1]).not.toBe("success");
  expect(two.values[1]).toBeNaN();
  expect([two.value, two.p]).toEqual([one.value, one.p]);
  // u(T) = u0 / (1 - p u0 T)
  expectClose(one.p as number[], [(0.25 * 0.9) / (1 - 0.45) ** 2], 1e-4, "p");
});

test("components below their tolerances are named, once", async () => {
  const tank = odeProblem({
    rhs: (u: { h: number; trace: number }, p: { inflow: number; weir: number }) => ({
      h: p.inflow - 0.5 * Math.max(u.h - p.weir, 0),
      trace: -u.trace,
    }),
    u0: { h: 0, trace: 1e-9 },
    p: { inflow: 1, weir: 2 },
    tspan: [0, 3],
  });
  const loss = { final: (u: { h: number }) => u.h };
  const atol = 1e-9;
  const alone = (own: number[]): NdArray => ndarray(Float64Array.from(own), [1, 2]);
  const shared = await gradientBatch(tank, { loss, p: alone([1, 2]), atol });
  expect(shared.plan.way).toBe("lanes");
  expect(shared.warnings).toHaveLength(1);
  expect(shared.warnings[0]).toMatch(/^Too small for the absolute tolerance.*trace/);
  // Again, though small batches are looked at for what may be too small alone.
  for (let k = 0; k < 3; k++) {
    const { warnings } = await gradientBatch(tank, { loss, p: alone([1, 2]), atol });
    expect(warnings).toEqual(shared.warnings);
  }
  // Of two hundred the first is looked at, and so are the last and one between.
  const p = ndarray(
    Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 + i / 1000 : 2)),
    [200, 2],
  );
  const { warnings } = await gradientBatch(tank, { loss, p, atol });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^Trajectory 0: Too small/);
  expect(await gradientBatch(tank, { loss, p: alone([0.1, 2]), atol: 1e-14 })).toMatchObject({ warnings: [] });
});
