import { expect, test } from "vitest";
import {
  BadBatch,
  CannotBatch,
  evaluateBatch,
  gradientBatch,
  jvp,
  jvpBatch,
  ndarray,
  NoDoublePrecision,
  odeProblem,
  UnknownDevice,
  vjpBatch,
  type NdArray,
  type OdeProblem,
} from "../../index.ts";
import { brusselatorCells, lotkaVolterra, pollution, robertson, spiralNeuralODE } from "../../problems/index.ts";
import { pack } from "../../src/arrays/pack.ts";
import { gpuTest } from "./webgpu/adapter.ts";

const COUNT = 10;
const problems = {
  brusselatorCells: brusselatorCells({ n: 3 }),
  lotkaVolterra: lotkaVolterra(),
  pollution: pollution(),
  robertson: robertson(),
  spiralNeuralODE: spiralNeuralODE(),
};

function near(problem: OdeProblem, seed: number): NdArray {
  const u0 = pack(problem.layout.u, problem.u0, "u0");
  const data = Float64Array.from(
    { length: COUNT * u0.length },
    (_, k) => u0[k % u0.length] * (1 + 0.1 * Math.sin(k + seed)) + 0.01,
  );
  return ndarray(data, [COUNT, u0.length]);
}

/** Row m of the plain right-hand side, and of its derivative in a direction, by central differences. */
function plain(problem: OdeProblem, u: Float64Array, t: number): Float64Array {
  const du = new Float64Array(u.length);
  problem.code.plain(du, u, pack(problem.layout.p, problem.p, "p"), t);
  return du;
}

function row(rows: NdArray, m: number): Float64Array {
  return rows.data.slice(m * rows.shape[1], (m + 1) * rows.shape[1]);
}

function expectClose(found: Float64Array, expected: Float64Array, tolerance: number): void {
  const scale = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1e-300);
  found.forEach((x, i) => expect(Math.abs(x - expected[i]) / scale, `[${i}] ${x}, not ${expected[i]}`).toBeLessThan(tolerance));
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

for (const [device, run, tolerance] of [
  ["cpu", test, 1e-12],
  ["webgpu", gpuTest, 1e-4],
] as const) {
  for (const [name, { problem: named }] of Object.entries(problems)) {
    const problem = named as unknown as OdeProblem<unknown, unknown>;
    run(`${name} on ${device}: each row as alone; <v, J w> both ways`, async () => {
      const u = near(problem, 0);
      const result = await evaluateBatch(problem, { u, t: 0.3, device });
      expect(result).toMatchObject({ device, precision: device === "cpu" ? "f64" : "f32" });
      for (let m = 0; m < COUNT; m++) expectClose(row(result.du, m), plain(problem, row(u, m), 0.3), tolerance);

      const [v, w] = [near(problem, 1), near(problem, 2)];
      const forward = await jvpBatch(problem, { u, t: 0.3, v: w, device });
      const backward = await vjpBatch(problem, { u, t: 0.3, v, device });
      for (let m = 0; m < COUNT; m++) {
        const [a, b] = [dot(row(v, m), row(forward.tangent, m)), dot(row(backward.u, m), row(w, m))];
        const size = Math.sqrt(dot(row(v, m), row(v, m)) * dot(row(forward.tangent, m), row(forward.tangent, m)));
        expect(Math.abs(a - b) / size).toBeLessThan(tolerance);
      }
    });
  }
}

test("gradients of parameters: summed where p is shared, one each where it is not", async () => {
  const problem = odeProblem({
    rhs: (u: number[], p: number[], t) => [p[0] * u[1] + t, p[1] * u[0] ** 2],
    u0: [1, 2],
    tspan: [0, 1],
    p: [3, 4],
  });
  const u = ndarray(Float64Array.of(1, 2, 3, 4), [2, 2]);
  const v = ndarray(Float64Array.of(1, 1, 1, 1), [2, 2]);
  expect((await vjpBatch(problem, { u, v })).p).toEqual([6, 10]);
  const own = await vjpBatch(problem, { u, v, p: ndarray(Float64Array.of(3, 4, 5, 6), [2, 2]) });
  expect((own.p as NdArray).data).toEqual(Float64Array.of(2, 1, 4, 9));
  const { du } = await evaluateBatch(problem, { u, t: [10, 20] });
  expect(du.data).toEqual(Float64Array.of(16, 4, 32, 36));
});

test("derivatives in a direction equal those of the operators", async () => {
  const problem = odeProblem({ rhs: (u: number[]) => [Math.sin(u[0] * u[1]), u[0] / u[1]], u0: [1, 2], tspan: [0, 1] });
  const { tangent } = await jvpBatch(problem, {
    u: ndarray(Float64Array.of(1, 2), [1, 2]),
    v: ndarray(Float64Array.of(0.3, -1), [1, 2]),
  });
  const alone = jvp((u: number[]) => [Math.sin(u[0] * u[1]), u[0] / u[1]]);
  expect([...tangent.data]).toEqual([...alone([1, 2], [0.3, -1])]);
});

const one = odeProblem({ rhs: (u: number[]) => [-u[0], u[1]], u0: [1, 2], tspan: [0, 1], name: "one" });
const rowsOf = (...shape: number[]): NdArray => ndarray(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape);

test.each([
  ["three axes", { u: rowsOf(2, 2, 2) }, /u has shape \[2, 2, 2\], but must have two axes: \[trajectories, 2\]/],
  ["too many components", { u: rowsOf(5, 3) }, /u has shape \[5, 3\], but axis 1 must have length 2/],
  ["no trajectory", { u: rowsOf(0, 2) }, /at least one trajectory/],
  ["a NaN", { u: ndarray(Float64Array.of(1, 2, 3, NaN), [2, 2]) }, /u\[1\] of trajectory 1 is NaN/],
  ["times for others", { u: rowsOf(5, 2), t: [1, 2] }, /t has length 2, but the batch has 5 trajectories/],
  ["parameters for others", { u: rowsOf(5, 2), p: rowsOf(4, 0) }, /p has shape \[4, 0\], but axis 0 must have length 5/],
] as const)("%s", async (_, point, message) => {
  await expect(evaluateBatch(one, point as never)).rejects.toThrow(BadBatch);
  await expect(evaluateBatch(one, point as never)).rejects.toThrow(message);
});

test("an unknown device, and f64 on a GPU", async () => {
  await expect(evaluateBatch(one, { u: rowsOf(1, 2), device: "tpu" as never })).rejects.toThrow(UnknownDevice);
  await expect(evaluateBatch(one, { u: rowsOf(1, 2), device: "webgpu", precision: "f64" })).rejects.toThrow(NoDoublePrecision);
});

test("a derivative whose memory the data decide is refused, with the line", async () => {
  const problem = odeProblem({
    name: "halving",
    rhs(du: number[], u: number[]) {
      let x = u[0];
      while (x > 0.1) x = Math.sin(x) / 2;
      du[0] = x;
    },
    u0: [1],
    tspan: [0, 1],
  });
  const u = ndarray(Float64Array.of(1, 2), [2, 1]);
  const { du } = await evaluateBatch(problem, { u });
  expect(du.get(1, 0)).toBeCloseTo(Math.sin(Math.sin(Math.sin(Math.sin(2) / 2) / 2) / 2) / 2, 12);
  await expect(vjpBatch(problem, { u, v: u })).rejects.toThrow(CannotBatch);
  // A loop that the data decide may jump: each is differentiated by itself.
  await expect(gradientBatch(problem, { u0: u, loss: { final: (x: number[]) => x[0] } })).resolves.toMatchObject({
    succeeded: 2,
  });
  await expect(vjpBatch(problem, { u, v: u })).rejects.toThrow(/halving.* a loop whose length the data decide \(line 3\)/);
});
