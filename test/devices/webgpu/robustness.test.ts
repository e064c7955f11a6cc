/** What a GPU does to those who use it for long, or badly. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import {
  BadBatch,
  BatchTooLarge,
  CannotBatch,
  DeviceLost,
  GpuOutOfMemory,
  ndarray,
  type NdArray,
  odeProblem,
  rk4,
  ShaderFailed,
  solveBatch,
  gradientBatch,
  type OdeProblem,
} from "../../../index.ts";
import { kernelOf } from "../../../src/devices/kernel.ts";
import { emitWgsl } from "../../../src/compile/wgsl/emit.ts";
import { buffersOf } from "../../../src/devices/webgpu/buffers.ts";
import { openDevice, withDevice, type OpenDevice } from "../../../src/devices/webgpu/device.ts";
import { pipelineOf } from "../../../src/devices/webgpu/pipeline.ts";
import { single } from "../../../src/compile/wgsl/numbers.ts";
import { gpuTest } from "./adapter.ts";

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function processOf(name: string, argument: number, ...flags: string[]): Ended {
  const script = fileURLToPath(new URL(`./processes/${name}.ts`, import.meta.url));
  return spawnSync(process.execPath, [...flags, "--import", "tsx", script, String(argument)], { encoding: "utf8" });
}

gpuTest("hundreds of batches in one process: memory stays, and buffers are used again", () => {
  const { stdout, stderr } = processOf("many-batches", 300, "--expose-gc");
  type State = Record<"resident" | "heap" | "made" | "destroyed", number>;
  const { before, after } = JSON.parse(stdout || stderr) as Record<"before" | "after", State>;
  expect(before.made).toBeGreaterThan(0);
  expect([after.made, after.destroyed]).toEqual([before.made, before.destroyed]);
  expect(after.heap / before.heap).toBeLessThan(1.02);
  // The driver and the engine's compilers take and give back some megabytes as they please.
  expect(after.resident / before.resident).toBeLessThan(1.15);
});

gpuTest("processes that end with work in flight do not crash", () => {
  for (let i = 0; i < 5; i++) {
    const { status, signal, stdout, stderr } = processOf("exit-in-flight", 5 + 20 * i);
    expect([status, signal, stdout], stderr).toEqual([0, null, ""]);
  }
});

const problem = odeProblem({ name: "quadratic", rhs: (u: number[]) => [-(u[0] ** 2)], u0: [1], tspan: [0, 1] });
const starts = ndarray(
  Float64Array.from({ length: 100 }, (_, m) => 1 + m / 100),
  [100, 1],
);

async function expectSolved(options: { readonly saveat?: number } = {}): Promise<void> {
  const { u, outcomes } = await solveBatch(problem, { u0: starts, device: "webgpu", ...options });
  expect(new Set(outcomes)).toEqual(new Set(["success"]));
  const times = u.shape[1];
  for (let m = 0; m < 100; m++) {
    const start = starts.get(m, 0);
    expect(Math.abs(u.get(m, times - 1, 0) - start / (1 + start))).toBeLessThan(1e-5);
  }
}

gpuTest("a device that is lost in the middle of the work: it is done again on another", async () => {
  await expectSolved();
  const { device } = await openDevice();
  const submit = device.queue.submit.bind(device.queue);
  let submitted = 0;
  device.queue.submit = (commands) => {
    submit(commands);
    if (++submitted === 2) device.destroy();
  };
  await expectSolved();
  expect(submitted).toBeGreaterThanOrEqual(2);
  expect((await openDevice()).device).not.toBe(device);
  await expectSolved();
});

gpuTest("one that is lost twice is an error", async () => {
  const seen: OpenDevice[] = [];
  const work = withDevice(async (opened) => {
    seen.push(opened);
    opened.device.destroy();
    const buffer = opened.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    await buffer.mapAsync(GPUMapMode.READ);
  });
  await expect(work).rejects.toThrow(DeviceLost);
  expect(seen.length).toBe(2);
  expect(seen[0].device).not.toBe(seen[1].device);
  await expectSolved();
});

gpuTest("a fault of the work itself is thrown as it is, once", async () => {
  let calls = 0;
  const work = withDevice(() => {
    calls++;
    return Promise.reject(new TypeError("a fault"));
  });
  await expect(work).rejects.toThrow(TypeError);
  expect(calls).toBe(1);
});

gpuTest("work larger than a buffer is done in pieces; a trajectory larger than one is refused", async () => {
  const opened = (await openDevice()) as { largestBuffer: number };
  const { largestBuffer } = opened;
  const done: number[] = [];
  try {
    opened.largestBuffer = 8000;
    await solveBatch(problem, { u0: starts, saveat: 0.02, device: "webgpu", onProgress: (count) => done.push(count) });
    await expectSolved({ saveat: 0.02 });
    opened.largestBuffer = 100;
    const tooLarge = solveBatch(problem, { u0: starts, saveat: 0.02, device: "webgpu" });
    await expect(tooLarge).rejects.toThrow(BatchTooLarge);
    await expect(tooLarge).rejects.toThrow(/needs \d+ bytes for each trajectory.*holds 100/);
  } finally {
    opened.largestBuffer = largestBuffer;
  }
  expect(done.length).toBeGreaterThan(2);
  expect(done.at(-1)).toBe(100);
});

gpuTest(
  "where memory is short, fewer trajectories are at work together; where it is not enough for some, it is said",
  async () => {
    const buffers = buffersOf((await openDevice()).device);
    const take = buffers.take.bind(buffers);
    const u0 = ndarray(
      Float64Array.from({ length: 5000 }, (_, m) => 1 + m / 5000),
      [5000, 1],
    );
    const done: number[] = [];
    const solving = (most: number): Promise<{ readonly outcomes: readonly string[] }> => {
      vi.spyOn(buffers, "take").mockImplementation(async (bytes, usage) => {
        if (bytes > most) throw new GpuOutOfMemory(bytes, "no room");
        return take(bytes, usage);
      });
      return solveBatch(problem, { u0, device: "webgpu", onProgress: (count) => done.push(count) });
    };
    try {
      expect(new Set((await solving(2 ** 18)).outcomes)).toEqual(new Set(["success"]));
      expect(done).toEqual([2500, 5000]);
      await expect(solving(1000)).rejects.toThrow(GpuOutOfMemory);
    } finally {
      vi.restoreAllMocks();
    }
  },
);

test("a device without memory left", async () => {
  let destroyed = 0;
  const full = {
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve({ message: "no room" }),
    createBuffer: () => ({ destroy: () => destroyed++ }),
  } as unknown as GPUDevice;
  const taking = buffersOf(full).take(1000, 0);
  await expect(taking).rejects.toThrow(GpuOutOfMemory);
  await expect(taking).rejects.toThrow(/1000 bytes.*no room.*"cpu"/);
  expect(destroyed).toBe(1);
});

test("a shader that does not compile names the line of the function", async () => {
  const rhs = (u: number[]): number[] => {
    const x = u[0] + 1;
    return [Math.sqrt(x)];
  };
  const { code } = odeProblem({ name: "root", rhs, u0: [1], tspan: [0, 1] });
  const kernel = kernelOf(code.rhsProgram(), []);
  const { source } = emitWgsl(kernel.program, kernel.shared);
  const faulty = source.split("\n").findIndex((line) => /let x\d+ = .*sqrt\(/.test(line)) + 1;
  const device = {
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(null),
    createShaderModule: () => ({
      getCompilationInfo: () => Promise.resolve({ messages: [{ type: "error", message: "no such root.", lineNum: faulty }] }),
    }),
  } as unknown as GPUDevice;
  await expect(pipelineOf(device, kernel, single, false)).rejects.toThrow(ShaderFailed);
  await expect(pipelineOf(device, kernel, single, false)).rejects.toThrow(
    /does not compile, from line 3, column \d+ of it: no such root\./,
  );
});

gpuTest("bad batches are refused by name, as on the processor", async () => {
  const solving = (u0: NdArray): Promise<unknown> => solveBatch(problem, { u0, device: "webgpu" });
  const rows = (...values: number[]): Float64Array => Float64Array.from(values);
  await expect(solving(ndarray(rows(1, 2, NaN, 4), [4, 1]))).rejects.toThrow(/u0\[0\] of trajectory 2 is NaN/);
  await expect(solving(ndarray(rows(1, 2, 3, 4), [2, 2]))).rejects.toThrow(/axis 1 must have length 1/);
  await expect(solving(ndarray(rows(), [0, 1]))).rejects.toThrow(/at least one trajectory/);
  await expect(solving(ndarray(rows(1, 1e39), [2, 1]))).rejects.toThrow(/too large for the f32/);
  await expect(solving(ndarray(rows(1, 1e39), [2, 1]))).rejects.toThrow(BadBatch);
});

gpuTest("problems with other tables at the same time each compute with their own", async () => {
  const make = (k: number[]): OdeProblem<number[], number[]> =>
    odeProblem({
      rhs: (u: number[], p: number[], _t: number, c: { k: number[] }) => [p[0] * c.k[0] * u[0], p[0] * c.k[1] * u[1]],
      u0: [1, 1],
      p: [1],
      tspan: [0, 1],
      constants: { k },
    } as never);
  const u0 = ndarray(new Float64Array(200).fill(1), [100, 2]);
  const tables = [1, 2].map((x) => [-x / 2, -x / 3]);
  const work = tables.flatMap((k) => {
    const problem = make(k);
    const loss = { final: (u: number[]) => u[0] + u[1] };
    return [
      async () => Array.from((await solveBatch(problem, { u0, device: "webgpu" })).u.data.slice(0, 2)),
      async () => Array.from((await gradientBatch(problem, { u0, loss, device: "webgpu" })).u0.data.slice(0, 2)),
    ];
  });
  const results = await Promise.all(work.map((one) => one()));
  results.forEach((got, i) => got.forEach((x, j) => expect(Math.abs(x - Math.exp(tables[i >> 1][j]))).toBeLessThan(1e-4)));
  for (const [i, one] of work.entries()) expect(await one()).toEqual(results[i]);
});

gpuTest("numbers that f32 makes 0 are refused by name", async () => {
  const growth = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
  const solving = (options: object): Promise<unknown> => solveBatch(growth, { ...options, device: "webgpu" });
  const two = (a: number, b: number): NdArray => ndarray(Float64Array.of(a, b), [2, 1]);
  const small = (name: string): RegExp => new RegExp(`^${name} has the number 1e-50, which is too small for the f32 of a GPU`);
  await expect(solving({ u0: two(1, 1e-50), atol: 1e-6 })).rejects.toThrow(small("u0"));
  await expect(solving({ p: two(1, 1e-50) })).rejects.toThrow(small("p"));
  await expect(solving({ p: two(1, 2), atol: 1e-50 })).rejects.toThrow(small("atol"));
  await expect(solving({ p: two(1, 2), atol: 1e-50 })).rejects.toThrow(BadBatch);
  await expect(solving({ u0: two(1, 1e-50), atol: 1e-6 })).rejects.toThrow(/Scale it, or make it 0, or use device: "cpu"/);
  await expect(solving({ u0: two(1, 0), p: two(1, 1e-44) })).resolves.toMatchObject({ device: "webgpu" });
});

test("constants beyond f32 are refused, with their line", () => {
  for (const [rhs, message] of [
    [
      (u: number[]) => {
        const far = u[0] * 1e200;
        return [far * 1e-200];
      },
      /huge: the constant 1e\+200, from line 2, column \d+ of it, is Infinity in the f32/,
    ],
    [
      (u: number[]) => {
        const near = u[0];
        return [near / 1e-300];
      },
      /huge: the constant 1e-300, from line 3, column \d+ of it, is 0 in the f32/,
    ],
  ] as const) {
    const { code } = odeProblem({ name: "huge", rhs, u0: [1], tspan: [0, 1] });
    const { program, shared } = kernelOf(code.rhsProgram(), []);
    expect(() => emitWgsl(program, shared)).toThrow(CannotBatch);
    expect(() => emitWgsl(program, shared)).toThrow(message);
  }
  const { code } = odeProblem({ rhs: (u: number[]) => [Math.min(u[0], Infinity)], u0: [1], tspan: [0, 1] });
  const { program, shared } = kernelOf(code.rhsProgram(), []);
  expect(() => emitWgsl(program, shared)).not.toThrow();
});

gpuTest("a loop that does not end is named, with its line, and the device goes on", async () => {
  const roots = odeProblem({
    rhs(du: number[], u: number[], p: number[]) {
      let x = u[0];
      while (Math.abs(x * x - p[0]) > 1e-3) x = 0.5 * (x + p[0] / x);
      du[0] = -x;
    },
    u0: [1],
    p: [2],
    tspan: [0, 0.1],
  });
  // Of three trajectories the first and the last are looked at on the processor.
  const batch = { u0: ndarray([1, 2, 1], [3, 1]), solver: rk4({ dt: 0.05 }), device: "webgpu" } as const;
  const endless = solveBatch(roots, { ...batch, p: ndarray([2, -1, 2], [3, 1]) });
  await expect(endless).rejects.toThrow(/rhs, line 3.*had not ended after 67108864 operations/);
  const { outcomes } = await solveBatch(roots, batch);
  expect(outcomes).toEqual(["success", "success", "success"]);
});
