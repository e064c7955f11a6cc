/** Problems in workers of Node. */
import { afterAll, describe, expect, it } from "vitest";
import { ndarray, odeProblem, pid, rodas5P, solve, tsit5, vern7, type NdArray, type OdeProblem } from "../../index.ts";
import { inWorker, ThrownInWorker, WorkerAborted, WorkerClosed, WorkerLost, type WorkerProblem } from "../../worker/index.ts";

interface State {
  x: NdArray;
  y: Float64Array;
}

const tight = { rtol: 1e-10, atol: 1e-10 };
const start = (module: string): WorkerProblem<State, { w: number }> =>
  inWorker<OdeProblem<State, { w: number }>>((Worker) => new Worker(new URL(module, import.meta.url), { type: "module" }));

/** Those of the module. */
const pendulums = odeProblem({
  rhs(du: State, u: State, p: { w: number }) {
    for (let i = 0; i < 2; i++) {
      du.x.set(i, u.y[i]);
      du.y[i] = -(p.w ** 2) * u.x.get(i);
    }
  },
  u0: { x: ndarray(Float64Array.of(1, 2), [2]), y: new Float64Array(2) },
  p: { w: 2 },
  tspan: [0, 1],
});

describe("oscillators", () => {
  const worker = start("../browser/page/pendulums.js");
  afterAll(() => worker.close());

  it("are solved, in the shapes of the problem", async () => {
    const { t, u, names, result, stats } = await worker.solve({ ...tight, saveat: 0.25 });
    expect([...t]).toEqual([0, 0.25, 0.5, 0.75, 1]);
    u.forEach(({ x, y }, i) => {
      expect(x.get(1)).toBeCloseTo(2 * Math.cos(2 * t[i]), 8);
      expect(y[0]).toBeCloseTo(-2 * Math.sin(2 * t[i]), 8);
    });
    expect(names).toEqual(["x[0]", "x[1]", "y[0]", "y[1]"]);
    expect([result, stats.compiled]).toEqual(["success", true]);
  });

  it("by methods that are named, in both directions", async () => {
    const { solver } = await worker.solve({ ...tight, solver: vern7(), saveat: [1] });
    expect(solver).toBe("vern7");
    const { gradient, stats } = await worker.gradient({
      ...tight,
      solver: rodas5P(),
      adjoint: "gauss",
      backward: { solver: tsit5() },
    });
    expect(gradient.p!.w).toBeCloseTo(-3 * Math.sin(2), 6);
    expect([stats.forward.linearSolves > 0, stats.backward?.linearSolves]).toEqual([true, 0]);
  });

  it("with what is to be said of their numbers", async () => {
    const told = [expect.stringMatching(/^Too small for the absolute tolerance/)];
    const { warnings } = await worker.solve({ atol: 10, saveat: [1] });
    expect(warnings).toEqual(told);
    const { warnings: ofGradient, plan } = await worker.gradient({ atol: 10 });
    expect([ofGradient, plan.warnings]).toEqual([told, told]);
  });

  it("with absolute tolerances by name, where what is left out keeps its default", async () => {
    const here = (atol: object) => solve(pendulums, { atol, saveat: [1] }).stats.steps;
    for (const atol of [{ y: 1e-12 }, { x: 1e-3, y: Float64Array.of(1e-9, 1e-12) }]) {
      expect((await worker.solve({ atol, saveat: [1] })).stats.steps).toBe(here(atol));
    }
  });

  it("with controllers, limits and positive components", async () => {
    const control = { ...tight, controller: pid("H211b"), norm: "max", minStep: 1e-9, saveat: [1] } as const;
    const { stats } = await worker.solve(control);
    expect(stats.steps).toBe(solve(pendulums, control).stats.steps);
    expect(stats.steps).not.toBe(solve(pendulums, { ...tight, saveat: [1] }).stats.steps);
    await expect(worker.solve({ controller: (error) => 1 / error })).rejects.toThrow(/controller cannot be sent there/);
    await expect(worker.solve({ save: ["x[0]"] } as object)).rejects.toThrow(/save: a worker gives back whole states/);
  });

  it("with other values", async () => {
    const u0 = { x: ndarray(Float64Array.of(1, 2), [2]), y: Float64Array.of(3, 0) };
    const { u } = await worker.solve({ ...tight, u0, p: { w: 1 }, saveat: [1] });
    expect(u[0].x.get(0)).toBeCloseTo(Math.cos(1) + 3 * Math.sin(1), 8);
  });

  it("are differentiated by the loss that the module serves", async () => {
    const { value, gradient, plan, structuralZeros } = await worker.gradient({
      ...tight,
      wrt: ["p", "u0", "t1"],
      adjoint: "gauss",
    });
    expect(value).toBeCloseTo(3 * Math.cos(2), 8);
    expect(gradient.p!.w).toBeCloseTo(-3 * Math.sin(2), 7);
    expect(gradient.u0!.x.get(0)).toBeCloseTo(Math.cos(2), 7);
    expect(gradient.t1).toBeCloseTo(-6 * Math.sin(2), 7);
    expect(gradient).not.toHaveProperty("t0");
    expect(String(plan)).toMatch(/^rhs: solver .*adjoint gauss/);
    expect(structuralZeros).toEqual([]);
  });

  it("tell their progress, and end when they are aborted; the next call begins anew", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const told: number[] = [];
    const onProgress = ({ fraction }: { fraction: number }): void => {
      told.push(fraction);
      if (told.length === 3) controller.abort();
    };
    const endless = { tspan: [0, 1e9], maxSteps: 1e12, signal, onProgress } as const;
    await expect(worker.solve({ ...endless, saveat: [1e9] })).rejects.toThrow(WorkerAborted);
    expect(told).toHaveLength(3);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    await expect(worker.gradient({ signal })).rejects.toThrow(WorkerAborted);
    const { gradient } = await worker.gradient({ ...tight, p: { w: 1 } });
    expect(gradient.p!.w).toBeCloseTo(-3 * Math.sin(1), 7);
  });

  it("gradients tell of both passes", async () => {
    const phases: string[] = [];
    const controller = new AbortController();
    const onProgress = ({ phase }: { phase: string }): void => {
      phases.push(phase);
      if (phase === "backward") controller.abort();
    };
    const long = { tspan: [0, 20000], adjoint: "discrete", maxSteps: 1e9, ...tight } as const;
    await expect(worker.gradient({ ...long, onProgress, signal: controller.signal })).rejects.toThrow(WorkerAborted);
    expect(new Set(phases)).toEqual(new Set(["forward", "backward"]));
  });

  it("wait for each other", async () => {
    const ends = await Promise.all([1, 2, 3].map((w) => worker.solve({ ...tight, p: { w }, saveat: [1] })));
    ends.forEach(({ u }, i) => expect(u[0].x.get(0)).toBeCloseTo(Math.cos(i + 1), 8));
  });
});

describe("errors", () => {
  it("of maxTime, which ends the solve there", async () => {
    const worker = start("../browser/page/pendulums.js");
    const endless = { tspan: [0, 1e9], maxSteps: 1e12, maxTime: 50 } as const;
    await expect(worker.solve({ ...endless, saveat: [1e9] })).rejects.toMatchObject({ name: "OutOfTime" });
    const failure = (await worker.gradient(endless).catch((error: unknown) => error)) as Error;
    expect(failure.name).toMatch(/OutOfTime$/);
    expect((await worker.solve({ ...tight, maxTime: 1e6 })).result).toBe("success");
    worker.close();
  });

  it("of the solve, and of shapes", async () => {
    const worker = start("../browser/page/pendulums.js");
    const failure = (await worker.solve({ maxSteps: 3 }).catch((error: unknown) => error)) as Error;
    expect(failure).toBeInstanceOf(ThrownInWorker);
    expect(failure.name).toBe("TooManySteps");
    expect(failure.message).toContain("largest number of steps allowed");
    await expect(worker.solve({ p: { v: 1 } as never })).rejects.toThrow(/p lacks w and has unknown v/);
    worker.close();
    await expect(worker.solve()).rejects.toThrow(WorkerClosed);
  });

  it("of calls that are closed upon", async () => {
    const worker = start("../browser/page/pendulums.js");
    const call = worker.solve({ tspan: [0, 1e9], maxSteps: 1e12, saveat: [1e9], onProgress: () => worker.close() });
    await expect(call).rejects.toThrow(WorkerClosed);
  });

  it("of a module that does not load, or serves nothing", async () => {
    await expect(start("./nowhere.js").solve()).rejects.toThrow(WorkerLost);
    await expect(start("../browser/page/nothing.js").solve()).rejects.toThrow(/ended, with the code 0/);
  });
});

describe("events", () => {
  interface Ball {
    height: number;
    speed: Float64Array;
    way: number;
  }
  const worker = inWorker<OdeProblem<Ball>>(
    (Worker) => new Worker(new URL("modules/ball.js", import.meta.url), { type: "module" }),
  );
  afterAll(() => worker.close());

  it("are told with the states before and after them, and which one ended the solve", async () => {
    const { events, terminated, t, stats } = await worker.solve(tight);
    expect(events.map(({ event }) => event)).toEqual([0, 1]);
    const [bounce, end] = events;
    expect(bounce.t).toBeCloseTo(1, 12);
    expect([bounce.before.speed[0], bounce.after.speed[0]]).toEqual([expect.closeTo(-2, 10), expect.closeTo(1, 10)]);
    expect(bounce.before.speed).toBeInstanceOf(Float64Array);
    expect(end.t).toBeCloseTo(1.75, 12);
    expect(terminated).toBe(end);
    expect([stats.terminated, t.at(-1)]).toEqual([true, end.t]);
  });
});
