/** Kernels take a bounded number of steps in a run; between runs a signal is heard, and numbers do not tell where one ended. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { gradientBatch, ndarray, odeProblem, rk4, solveBatch, tsit5, vern7, type Loss, type NdArray } from "../../../index.ts";
import { cpuDevice } from "../../../src/devices/cpu.ts";
import { rangesOf, type Batch, type BatchDevice } from "../../../src/devices/device.ts";
import { webgpuDevice } from "../../../src/devices/webgpu/webgpu.ts";
import { setting } from "../../../solvers/batch/told.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";

afterEach(() => void vi.restoreAllMocks());

const NAMES = ["cpu", "webgpu"] as const;
const devices: Readonly<Record<(typeof NAMES)[number], BatchDevice>> = { cpu: cpuDevice, webgpu: webgpuDevice };

/** Batches with so many steps in a run; how many steps one was asked to take at once before. */
function inRunsOf(mostHere: number, device: BatchDevice): number[] {
  const run = device.run;
  const asked: number[] = [];
  vi.spyOn(device, "run").mockImplementation((kernel, batch) => {
    const settings = batch.arrays.settings.slice();
    asked.push(settings[setting.mostHere]);
    settings[setting.mostHere] = mostHere;
    const sweep = batch.sweep && { ...batch.sweep, mostHere };
    return run(kernel, { ...batch, sweep, arrays: { ...batch.arrays, settings } });
  });
  return asked;
}

/** It turns where u[0] passes 1/2, which steps remember, and gets so small that tolerances of derivatives must grow. */
const problem = odeProblem({
  name: "turning",
  rhs: (u: number[], p: number[], t: number) => [
    (u[0] > 0.5 ? -2 * p[0] : -p[0]) * u[0] + 0.1 * Math.sin(3 * t),
    p[0] * u[0] - p[1] * u[1] ** 2,
  ],
  u0: [1, 0.5],
  p: [1, 0.1],
  tspan: [0, 2],
});
/** The same with a kink in place of the jump, whose gradients kernels take. */
const kinked = odeProblem({
  name: "kinked",
  rhs: (u: number[], p: number[], t: number) => [
    -p[0] * (u[0] + Math.max(0, u[0] - 0.5)) + 0.1 * Math.sin(3 * t),
    p[0] * u[0] - p[1] * u[1] ** 2,
  ],
  u0: [1, 0.5],
  p: [1, 0.1],
  tspan: [0, 2],
});
const u0 = ndarray(
  Float64Array.from({ length: 14 }, (_, k) => 1 + 0.1 * Math.sin(k)),
  [7, 2],
);
const saveat = [0, 0.05, 0.1, 0.5, 0.501, 1.3, 2];
const final = (u: number[], p: number[]): number => u[0] * u[1] * p[1];
const loss = { at: saveat, of: (u: number[], p: number[], t: number, i: number) => (u[0] - i) ** 2 * p[0] + t * u[1], final };
const losses: Readonly<Record<string, Loss<number[], number[], unknown>>> = {
  "at times and at the end": loss,
  "at the end": { final },
};
const solvers = {
  rk4: rk4({ dt: 0.05 }),
  "vern7 with steps of one length": { ...vern7(), dt: 0.03 },
  tsit5: tsit5(),
  vern7: vern7(),
};
/** Drivers in software take seconds to compile one. */
const onGpu: readonly object[] = [solvers.rk4, solvers.tsit5];

describe.each(Object.entries(solvers))("runs of other lengths give the same bits: %s", (_, solver) => {
  for (const device of NAMES) {
    if (device === "webgpu" && !onGpu.includes(solver)) continue;
    const testThere = device === "cpu" ? test : gpuTest;
    testThere(`states, on ${device}`, async () => {
      const solved = async (): Promise<readonly unknown[]> => {
        const { u, outcomes, steps, rejections } = await solveBatch(problem, { u0, saveat, solver, device });
        return [u.data, outcomes, steps, rejections];
      };
      const whole = await solved();
      for (const mostHere of [1, 7]) {
        inRunsOf(mostHere, devices[device]);
        expect(await solved(), `${mostHere} steps in a run`).toEqual(whole);
        vi.restoreAllMocks();
      }
    });

    testThere.each(Object.entries(losses))(`gradients, on ${device}: %s`, async (__, loss) => {
      const derived = async (): Promise<readonly unknown[]> => {
        const { value, values, u0: byU0, p, outcomes } = await gradientBatch(kinked, { u0, loss, solver, device });
        return [value, values, byU0.data, p, outcomes];
      };
      const whole = await derived();
      for (const mostHere of [1, 7]) {
        inRunsOf(mostHere, devices[device]);
        expect(await derived(), `${mostHere} steps in a run`).toEqual(whole);
        vi.restoreAllMocks();
      }
    });
  }
});

test("the ranges of a sweep follow one another, and end with its last step", () => {
  const rangesIn = (sweep: Batch["sweep"]): unknown => [...rangesOf({ count: 1, arrays: {}, sweep })];
  expect(rangesIn({ steps: 7, mostHere: 3 })).toEqual([
    [0, 3],
    [3, 6],
    [6, 7],
  ]);
  expect(rangesIn({ steps: 6, mostHere: 6 })).toEqual([[0, 6]]);
  expect(rangesIn(undefined)).toHaveLength(1);
});

/** How often a signal is asked, by a clock that goes so fast that it is after every run; it is aborted the `last` time. */
function asking(last = Infinity): { readonly signal: AbortSignal; readonly times: () => number } {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 1e3));
  const controller = new AbortController();
  const { signal } = controller;
  const ask = signal.throwIfAborted.bind(signal);
  let times = 0;
  vi.spyOn(signal, "throwIfAborted").mockImplementation(() => {
    if (++times === last) controller.abort(new Error("enough"));
    ask();
  });
  return { signal, times: () => times };
}

describe("one trajectory hears its signal while it is under way", () => {
  const [one, fixed] = [u0Of(1), rk4({ dt: 2e-4 })];
  const works = {
    "fixed steps": (signal: AbortSignal) => solveBatch(problem, { u0: one, solver: fixed, signal }),
    "gradients of fixed steps": (signal: AbortSignal) => gradientBatch(kinked, { u0: one, loss, solver: fixed, signal }),
    "gradients of controlled steps": (signal: AbortSignal) => gradientBatch(kinked, { u0: one, loss, rtol: 1e-13, signal }),
  };
  test.each(Object.entries(works))("%s", async (_, work) => {
    // How much room steps need is known from then on.
    await work(new AbortController().signal);
    const whole = asking();
    await work(whole.signal);
    expect(whole.times()).toBeGreaterThan(4);
    vi.restoreAllMocks();
    const { signal, times } = asking(4);
    await expect(work(signal)).rejects.toThrow("enough");
    expect(times()).toBe(4);
  });
});

function u0Of(count: number): NdArray {
  return ndarray(new Float64Array(2 * count).fill(1), [count, 2]);
}

test("right-hand sides that take long get few steps in a run", async () => {
  const slow = odeProblem({
    name: "slow",
    rhs(u: number[]) {
      let sum = 0;
      for (let i = 0; i < 100_000; i++) sum += Math.sin(u[0] + i);
      return [-u[0] + 1e-9 * sum];
    },
    u0: [1],
    tspan: [0, 1],
  });
  const asked = inRunsOf(1, cpuDevice);
  await solveBatch(slow, { u0: ndarray(Float64Array.of(1), [1, 1]), solver: rk4({ dt: 1 }) });
  await gradientBatch(slow, { u0: ndarray(Float64Array.of(1), [1, 1]), solver: rk4({ dt: 1 }), loss: { final: (u) => u[0] } });
  expect(asked).toEqual([expect.closeTo(5, -1), expect.closeTo(2, -1)]);
});

test("100,000 trajectories of 10,000 fixed steps end when they are told to", async () => {
  const controller = new AbortController();
  const done: number[] = [];
  const onProgress = (count: number): void => {
    done.push(count);
    controller.abort(new Error("enough"));
  };
  const work = solveBatch(problem, { u0: u0Of(100_000), solver: rk4({ dt: 2e-4 }), signal: controller.signal, onProgress });
  await expect(work).rejects.toThrow("enough");
  expect(done).toHaveLength(1);
});
