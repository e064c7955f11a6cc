/** Batches in worker threads: the numbers of "cpu", whatever the threads, and whatever happens to them. */
import { execFileSync } from "node:child_process";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import {
  BadOption,
  BatchOutOfTime,
  evaluateBatch,
  gradientBatch,
  jvpBatch,
  ndarray,
  odeProblem,
  rk4,
  solveBatch,
  ThreadLost,
  tsit5,
  vjpBatch,
  type DeviceOptions,
  type NdArray,
} from "../../../index.ts";
import { threadsDevice } from "../../../src/devices/threads/threads.ts";
import { laneWorkers } from "../../../src/devices/threads/lane-workers.ts";
import { Builder } from "../../../src/ir/builder.ts";

/** Branches, functions that the host has, and a table. */
const problem = odeProblem({
  name: "mixed",
  rhs(du: number[], u: number[], p: number[], t: number, { table }: { table: Float64Array }) {
    let s = 0;
    for (let k = 0; k < 3; k++) s += table[k] * Math.sin((k + 1) * u[0] + t);
    du[0] = (u[0] > 1 ? -p[0] : -0.9 * p[0]) * u[0] + 0.1 * Math.atan(u[1] % 50);
    du[1] = 0.1 * s - p[1] * u[1];
  },
  u0: [1, 0.5],
  p: [1, 0.1],
  tspan: [0, 2],
  constants: { table: Float64Array.of(0.3, -0.2, 0.1) },
});

/** The same without a jump, after which gradients leave the kernels. */
const kinked = odeProblem({
  name: "kinked",
  rhs(du: number[], u: number[], p: number[], t: number, { table }: { table: Float64Array }) {
    let s = 0;
    for (let k = 0; k < 3; k++) s += table[k] * Math.sin((k + 1) * u[0] + t);
    du[0] = -p[0] * (0.9 * u[0] + 0.1 * Math.max(u[0], 1)) + 0.1 * Math.atan(u[1]);
    du[1] = 0.1 * s - p[1] * u[1];
  },
  u0: [1, 0.5],
  p: [1, 0.1],
  tspan: [0, 2],
  constants: { table: Float64Array.of(0.3, -0.2, 0.1) },
});

/** Several pieces, the last of them of part of a group. */
const COUNT = 331;
const rows = (seed: number): NdArray =>
  ndarray(
    Float64Array.from({ length: 2 * COUNT }, (_, k) => 1 + 0.5 * Math.sin(seed + k)),
    [COUNT, 2],
  );
const [u, v] = [rows(0), rows(1)];
const loss = { at: [0.5, 2], of: (u: number[], p: number[]) => u[0] ** 2 * p[0] + u[1], final: (u: number[]) => u[1] };

const verbs: Readonly<Record<string, (on: DeviceOptions) => Promise<object>>> = {
  evaluateBatch: (on) => evaluateBatch(problem, { u, ...on }),
  jvpBatch: (on) => jvpBatch(problem, { u, v, ...on }),
  vjpBatch: (on) => vjpBatch(problem, { u, v, ...on }),
  "vjpBatch, parameters of each": (on) => vjpBatch(problem, { u, v, p: v, ...on }),
  "solveBatch, steps of one length": (on) => solveBatch(problem, { u0: u, saveat: 0.3, solver: rk4({ dt: 0.01 }), ...on }),
  "solveBatch, controlled": (on) => solveBatch(problem, { u0: u, p: v, saveat: 0.3, solver: tsit5(), ...on }),
  "gradientBatch, steps of one length": (on) => gradientBatch(kinked, { u0: u, loss, solver: rk4({ dt: 0.05 }), ...on }),
  "gradientBatch, controlled": (on) => gradientBatch(kinked, { u0: u, p: v, loss, ...on }),
};

describe("the bits of one thread", () => {
  it.each(Object.entries(verbs))("%s", async (_, run) => {
    const { device, ...alone } = (await run({ device: "cpu" })) as { device: string };
    expect(device).toBe("cpu");
    for (const threads of [1, 2, 3]) expect(await run({ device: "threads", threads })).toEqual({ ...alone, device: "threads" });
  });

  it("by default in as many threads as there are", async () => {
    expect((await verbs.evaluateBatch({ device: "threads" })) as object).toMatchObject({ device: "threads", precision: "f64" });
  });

  it("in batches at the same time, each with its own parameters and tables", async () => {
    const options = [1, 2, 3, 4, 5, 6].map((k) => ({ u0: u, p: [k, 0.1 * k], solver: tsit5() }));
    const states = async (device: "cpu" | "threads"): Promise<readonly Float64Array[]> =>
      Promise.all(options.map(async (each) => (await solveBatch(problem, { ...each, device })).u.data as Float64Array));
    expect(await states("threads")).toEqual(await states("cpu"));
  });
});

describe("what a run is told", () => {
  const many = ndarray(new Float64Array(40_000).fill(1), [20_000, 2]);
  const long = { u0: many, tspan: [0, 100], solver: rk4({ dt: 1e-3 }), device: "threads", threads: 2 } as const;

  it("progress goes up to all trajectories", async () => {
    const told: number[] = [];
    await verbs["solveBatch, controlled"]({ device: "threads", threads: 2, onProgress: (done) => told.push(done) });
    expect(told.length).toBeGreaterThan(4);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(COUNT);
  });

  it("a signal, and maxTime, end the work, and the next batch is as any", async () => {
    const controller = new AbortController();
    const running = solveBatch(problem, { ...long, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 300);
    await expect(running).rejects.toThrow("enough");
    await expect(solveBatch(problem, { ...long, maxTime: 200 })).rejects.toThrow(BatchOutOfTime);
    await expect(solveBatch(problem, { ...long, signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    const again = verbs.evaluateBatch({ device: "threads", threads: 2 });
    expect(await again).toEqual({ ...(await verbs.evaluateBatch({})), device: "threads" });
  });

  it("what onProgress throws is thrown", async () => {
    const onProgress = (): never => {
      throw new Error("of the caller");
    };
    await expect(verbs.evaluateBatch({ device: "threads", onProgress })).rejects.toThrow("of the caller");
  });

  it.each([0, -1, 1.5, Infinity, NaN, "2", 1025])("threads: %s is refused", async (threads) => {
    await expect(verbs.evaluateBatch({ device: "threads", threads: threads as number })).rejects.toThrow(BadOption);
  });

  it("threads of another device are refused", async () => {
    await expect(verbs.evaluateBatch({ threads: 2 })).rejects.toThrow(/threads is 2.*"cpu".*device: "threads"/);
  });
});

describe("what a kernel ends by", () => {
  it("is thrown as in one thread: a loop that does not end, by its line", async () => {
    const endless = odeProblem({
      rhs(du: number[], u: number[]) {
        let x = u[0];
        while (x > 2) x += 1;
        du[0] = x;
      },
      u0: [0],
      tspan: [0, 1],
    });
    const given = { u: ndarray(Float64Array.of(0, 1, 0, 3), [4, 1]) };
    const thrown = async (device: "cpu" | "threads"): Promise<Error> =>
      evaluateBatch(endless, { ...given, device }).then(
        () => new Error("it ended"),
        (error: Error) => error,
      );
    const [here, there] = [await thrown("cpu"), await thrown("threads")];
    expect(here.message).toMatch(/had not ended/);
    expect([there.name, there.message]).toEqual([here.name, here.message]);
  });

  it("by its trajectories, where it is not an error of ours", async () => {
    const b = new Builder("trapping");
    const x = b.arrayParameter("x", 1, "inout");
    const quotient = b.operation("i32.div", b.i32(1), b.operation("i32.from_f64", b.load(x, b.i32(0))));
    b.store(x, b.i32(0), b.operation("f64.from_i32", quotient));
    const kernel = { program: b.finish(), shared: new Set<string>() };
    const batch = { count: 20, arrays: { x: new Float64Array(20).map((_, m) => (m === 13 ? 0 : 1)) } };
    const running = threadsDevice(1).run(kernel, batch);
    await expect(running).rejects.toThrow(ThreadLost);
    await expect(running).rejects.toThrow(/trajectories 12 to 17 \(RuntimeError/);
  });
});

describe("threads that end in the middle", () => {
  let began: ((worker: Worker) => void) | undefined;
  afterEach(() => void (began && process.off("worker", began)));
  const each = (what: (worker: Worker) => void): void => {
    laneWorkers.end();
    process.on("worker", (began = what));
  };

  it("once: what they were at is done again", async () => {
    let ended = 0;
    each((worker) => {
      if (ended++ < 2) worker.once("message", () => void worker.terminate());
    });
    const run = verbs["solveBatch, controlled"];
    expect(await run({ device: "threads", threads: 2 })).toEqual({ ...(await run({})), device: "threads" });
    expect(ended).toBe(4);
  });

  it("again and again: the error says with which trajectories", async () => {
    each((worker) => worker.once("message", () => void worker.terminate()));
    const running = verbs["solveBatch, controlled"]({ device: "threads", threads: 1 });
    await expect(running).rejects.toThrow(ThreadLost);
    await expect(running).rejects.toThrow(/trajectories 0 to 41 \(.*it ended, with the code 1/);
  });
});

describe("a program", () => {
  const run = (body: string, ...flags: string[]): string =>
    execFileSync(process.execPath, [...flags, "--input-type=module", "-e", body], {
      cwd: new URL("../../..", import.meta.url),
      encoding: "utf8",
      timeout: 60_000,
    });
  const evaluating = (from: string): string => `import { evaluateBatch, ndarray, odeProblem } from "${from}";
    const decay = odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], p: [2], tspan: [0, 1] });
    const u = ndarray(Float64Array.from({ length: 100 }, (_, m) => m), [100, 1]);
    const { du } = await evaluateBatch(decay, { u, device: "threads", threads: 2 });
    console.log(du.data[99]);
    process.on("exit", () => console.log("ended"));`;

  it.each(["odegrad", "odegrad/browser"])("of %s, of its one file too, ends by itself", (from) => {
    expect(run(evaluating(from))).toBe("-198\nended\n");
  });

  it("from the sources, run by tsx, too", () => {
    expect(run(evaluating("./index.ts"), "--import", "tsx")).toBe("-198\nended\n");
  });
});
