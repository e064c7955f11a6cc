/** How a GPU is kept at work: what is finished is not run again, what comes back meanwhile is a number, and pieces are as long as they should be. */
import { expect, test } from "vitest";
import { ndarray, odeProblem, rk4, solveBatch } from "../../../index.ts";
import type { DeviceWork } from "../../../src/devices/device.ts";
import type { Kernel } from "../../../src/devices/kernel.ts";
import { Pace } from "../../../src/devices/webgpu/pace.ts";
import { HEAD } from "../../../src/devices/webgpu/unfinished.ts";
import { TIMES } from "../../../src/devices/webgpu/stopwatch.ts";
import { webgpuDevice } from "../../../src/devices/webgpu/webgpu.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { gpuTest } from "./adapter.ts";

/** Counts its runs, of each trajectory until there are so many as it wants. */
function counting(): Kernel {
  const b = new Builder("counting");
  const zero = b.i32(0);
  const [wanted, visits, left] = (["input", "inout", "inout"] as const).map((role, k) =>
    b.arrayParameter(["wanted", "visits", "left"][k], 1, role),
  );
  const next = b.operation("add", b.load(visits, zero), b.f64(1));
  b.store(visits, zero, next);
  b.store(left, zero, b.operation("select", b.operation("lt", next, b.load(wanted, zero)), b.f64(1), b.f64(0)));
  return { program: b.finish(), shared: new Set() };
}

gpuTest("a trajectory that has ended is not run again, those left are until they have", async () => {
  // More than a work group, and some that want many more runs than others.
  const count = 1000;
  const wanted = Float64Array.from({ length: count }, (_, m) => (m % 97 === 5 ? 40 + (m % 13) : 1 + (m % 7)));
  const arrays = { wanted, visits: new Float64Array(count), left: new Float64Array(count).fill(1) };
  let work: DeviceWork | undefined;
  await webgpuDevice.run(counting(), { count, arrays, unfinished: "left", onWork: (told) => (work = told) });
  expect(arrays.visits).toEqual(wanted);
  expect(work!.dispatches).toBeGreaterThanOrEqual(Math.max(...wanted));
  // The results come back once, by themselves.
  const looks = work!.readBacks - 1;
  expect(looks).toBeLessThanOrEqual(work!.dispatches);
  const times = work!.kernelSeconds === undefined ? 0 : TIMES;
  expect(work!.bytesBack).toBe(looks * (HEAD + times) + 2 * 4 * count);
});

gpuTest("a solution tells what the GPU did for it; of many steps of one length, one piece after the other", async () => {
  const problem = odeProblem({ name: "decay", rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 1] });
  const u0 = ndarray([1, 2, 3], [3, 1]);
  const adaptive = await solveBatch(problem, { u0, device: "webgpu" });
  expect(adaptive.work).toMatchObject({ dispatches: 1, readBacks: 2 });
  const fixed = await solveBatch(problem, { u0, device: "webgpu", solver: rk4({ dt: 2e-4 }) });
  expect(fixed.work!.dispatches).toBeGreaterThan(1);
  expect(fixed.work!.readBacks).toBeLessThanOrEqual(fixed.work!.dispatches);
  expect((await solveBatch(problem, { u0 })).work).toBeUndefined();
});

test("kernels are as long as a screen may wait, submissions as long as a signal may", () => {
  const pace = new Pace(1000, true, true);
  expect(pace.next(100)).toEqual({ kernels: 1, steps: 1000 });
  // 1000 steps in 10 ms: 3000 are a kernel of 30, and 8 of these a submission.
  pace.measured(pace.next(100), 100, 10, true);
  expect(pace.next(100)).toEqual({ kernels: 8, steps: 3000 });
  // Of ten times as many trajectories a tenth of the steps.
  expect(pace.next(1000)).toEqual({ kernels: 8, steps: 300 });
  // What did not use up its steps may have been faster than it seems, but not slower.
  pace.measured(pace.next(100), 100, 1, false);
  expect(pace.next(100)).toEqual({ kernels: 8, steps: 3000 });
  pace.measured(pace.next(100), 100, 2400, false);
  expect(pace.next(100)).toEqual({ kernels: 8, steps: 300 });
});

test("what seems to take no time is tried with more, by and by", () => {
  const pace = new Pace(10, true, true);
  const steps = [1, 2, 3].map(() => {
    pace.measured(pace.next(1), 1, 0, true);
    return pace.next(1).steps;
  });
  expect(steps).toEqual([80, 640, 5120]);
});

test("a processor that computes in place of a GPU is left to its system: one long kernel at a time", () => {
  const pace = new Pace(1000, false, true);
  pace.measured(pace.next(1), 1, 500, true);
  expect(pace.next(1)).toEqual({ kernels: 1, steps: 2000 });
});

test("of kernels whose steps are given, more or fewer are handed in", () => {
  const pace = new Pace(5, true, false);
  pace.measured(pace.next(1), 1, 60, true);
  expect(pace.next(1)).toEqual({ kernels: 4, steps: 5 });
  expect(pace.next(2)).toEqual({ kernels: 2, steps: 5 });
});
