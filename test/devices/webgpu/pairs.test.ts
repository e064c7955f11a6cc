/** Numbers as pairs of f32: 14 digits where they hold, and a refusal by name where they do not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateBatch, ndarray, NoDoublePrecision, NoPairs, odeProblem, rk4, solveBatch, tsit5 } from "../../../index.ts";
import { pairs } from "../../../src/compile/wgsl/pairs.ts";
import type { ShaderNumbers } from "../../../src/compile/wgsl/numbers.ts";
import type { Batch } from "../../../src/devices/device.ts";
import { kernelOf } from "../../../src/devices/kernel.ts";
import { pairsOf } from "../../../src/devices/webgpu/pairs-probe.ts";
import { webgpuPairsDevice } from "../../../src/devices/webgpu/webgpu.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { scalarOperations, type ScalarOperationName } from "../../../src/ir/scalar-operations.ts";
import { randomConstants, randomFunction } from "../../ir/random.ts";
import { readRightHandSide } from "../../read/harness.ts";
import { largestError } from "../compare.ts";
import { gpuTest } from "./adapter.ts";

/** Drivers in software take long to compile: operations on pairs are some thirty of the GPU's. */
const LONG = 600_000;

const grid = [
  -87, -20, -5.5, -3, -1, -0.9, -0.5, -0.1, -1e-4, 0, 1e-4, 0.1, 0.4, 0.5, 0.9, 0.999, 1, 1.001, 1.5, 2, 3, 7.7, 20, 60,
].map(Math.fround);

/** Exponentials and powers err in proportion to the exponent, which has 48 bits itself; so do sines of large angles. */
const bounds: Partial<Record<ScalarOperationName, number>> = { pow: 2e-12, rem: 1e-11 };

const names = (Object.keys(scalarOperations) as ScalarOperationName[]).filter((name) => {
  const { args, result } = scalarOperations[name];
  return result === "f64" && args.every((type) => type === "f64");
});

gpuTest(
  "all functions of numbers, to some units of 2^-48",
  async () => {
    const b = new Builder("functions");
    const inputs = ["x", "y"].map((name) => b.load(b.arrayParameter(name, 1, "input"), b.i32(0)));
    const out = b.arrayParameter("out", names.length, "output");
    names.forEach((name, i) => {
      b.store(out, b.i32(i), b.operation(name, ...inputs.slice(0, scalarOperations[name].args.length)));
    });
    const points = grid.flatMap((x) => grid.map((y) => [x, y]));
    const results = new Float64Array(points.length * names.length);
    const arrays = { x: Float64Array.from(points, ([x]) => x), y: Float64Array.from(points, ([, y]) => y), out: results };
    await webgpuPairsDevice.run(kernelOf(b.finish(), []), { count: points.length, arrays });
    points.forEach((point, m) => {
      names.forEach((name, i) => {
        const { args, value } = scalarOperations[name];
        const expected = value(...point.slice(0, args.length));
        // Of numbers below 2^-102 the second of a pair is too small for f32.
        if (!(Math.abs(expected) < 3e38) || (expected !== 0 && Math.abs(expected) < 2 ** -102)) return;
        const found = results[m * names.length + i];
        const error = Math.abs(found - expected) / Math.max(Math.abs(expected), name === "rem" ? 1 : 0.01);
        expect(error, `${name}(${point.slice(0, args.length).join(", ")}) = ${found}, not ${expected}`).toBeLessThan(
          bounds[name] ?? 5e-14,
        );
      });
    });
  },
  LONG,
);

gpuTest(
  "random functions",
  async () => {
    await fc.assert(
      fc.asyncProperty(randomFunction(), fc.boolean(), async ({ fn, body }, isShared) => {
        const program = readRightHandSide(fn, { constants: randomConstants });
        expect(await largestError(program, webgpuPairsDevice, isShared ? ["p"] : []), body).toBeLessThan(1e-11);
      }),
      { numRuns: 4 },
    );
  },
  LONG,
);

describe("as in f64, to 1e-10", () => {
  const lotkaVolterra = odeProblem({
    name: "lotkaVolterra",
    rhs(du: number[], u: number[], p: number[]) {
      du[0] = p[0] * u[0] - u[0] * u[1];
      du[1] = u[0] * u[1] - 3 * u[1];
    },
    u0: [1, 1],
    p: [1.5],
    tspan: [0, 10],
  });
  const lorenz = odeProblem({
    name: "lorenz",
    rhs(du: number[], u: number[], p: number[]) {
      du[0] = 10 * (u[1] - u[0]);
      du[1] = u[0] * (p[0] - u[2]) - u[1];
      du[2] = u[0] * u[1] - (8 / 3) * u[2];
    },
    u0: [1, 0, 0],
    p: [21],
    tspan: [0, 2],
  });
  const cases = {
    "Lotka and Volterra's, steps under control at a tolerance that f32 has no digits for": [
      lotkaVolterra,
      [1.5, 1.1, 1.9],
      { solver: tsit5(), rtol: 1e-11, atol: 1e-11 },
    ],
    "Lorenz', steps of one length": [lorenz, [21, 28, 10], { solver: rk4({ dt: 1e-3 }) }],
  } as const;
  gpuTest.each(Object.entries(cases))(
    "%s",
    async (_, [problem, parameters, options]) => {
      const p = ndarray([...parameters], [3, 1]);
      const batch = { ...options, p, saveat: 0.5 };
      const exact = await solveBatch(problem, batch);
      const found = await solveBatch(problem, { ...batch, device: "webgpu", precision: "f32x2" });
      expect(found).toMatchObject({ device: "webgpu", precision: "f32x2", outcomes: ["success", "success", "success"] });
      const scale = exact.u.data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
      exact.u.data.forEach((x, i) => expect(Math.abs(found.u.data[i] - x) / scale).toBeLessThan(1e-10));
    },
    LONG,
  );
});

gpuTest(
  "what is too large is infinite, and rests at its limit",
  async () => {
    const problem = odeProblem({
      rhs: (u: number[], p: number[]) => [1 / (1 + Math.exp(u[0])), Math.min(u[0], Infinity), u[0] * p[0]],
      u0: [1, 1, 1],
      p: [1 / 3],
      tspan: [0, 1],
    });
    const u = ndarray([200, 0, 0, -200, 0, 0, 3e37, 0, 0], [3, 3]);
    const { du, precision } = await evaluateBatch(problem, { u, device: "webgpu", precision: "f32x2" });
    expect(precision).toBe("f32x2");
    const expected = [0, 200, 200 / 3, 1, -200, -200 / 3, 0, 3e37, 1e37];
    expected.forEach((x, i) => expect(Math.abs(du.data[i] - x)).toBeLessThanOrEqual(1e-13 * Math.abs(x)));
  },
  LONG,
);

describe("precision", () => {
  const problem = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 1] });
  const u = ndarray([1, 2], [2, 1]);
  test("f32x2 is what f64 has anyway", async () => {
    expect(await evaluateBatch(problem, { u, precision: "f32x2" })).toMatchObject({ device: "cpu", precision: "f64" });
  });
  test("f64 of a GPU is refused, and f32x2 named", async () => {
    const refused = evaluateBatch(problem, { u, device: "webgpu", precision: "f64" });
    await expect(refused).rejects.toThrow(NoDoublePrecision);
    await expect(refused).rejects.toThrow(/"f32x2"/);
  });
});

describe("a device is tried first", () => {
  /** A device that computes by `sum` and `product`, those of these numbers. */
  const deviceBy = (round: (exact: number, numbers: ShaderNumbers) => number) => {
    return (_kernel: unknown, { arrays }: Batch, numbers: ShaderNumbers): Promise<void> => {
      arrays.x.forEach((x, m) => {
        arrays.sum[m] = round(x + arrays.y[m], numbers);
        arrays.product[m] = round(x * arrays.y[m], numbers);
        arrays.quotient[m] = x / arrays.y[m];
        arrays.root[m] = Math.sqrt(Math.abs(x));
      });
      return Promise.resolve();
    };
  };
  const device = (): GPUDevice => ({}) as GPUDevice;

  test("where it keeps what is rounded away, fused products do", async () => {
    expect(
      await pairsOf(
        device(),
        deviceBy((exact) => exact),
      ),
    ).toBe(pairs.fused);
  });
  test("where those are not fused, halves do", async () => {
    const device1 = deviceBy((exact, numbers) => (numbers === pairs.fused ? Math.fround(exact) : exact));
    expect(await pairsOf(device(), device1)).toBe(pairs.split);
  });
  test("where nothing does, it is refused by name", async () => {
    const refused = pairsOf(
      device(),
      deviceBy((exact) => Math.fround(exact)),
    );
    await expect(refused).rejects.toThrow(NoPairs);
    await expect(refused).rejects.toThrow(
      /"f32x2" does not hold on this GPU: .* it finds -?[\d.]+ [+*] -?[\d.e-]+ = .*Leave out precision/,
    );
  });
});
