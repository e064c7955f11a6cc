/** What workers, and those that call them, may do to each other. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { BadOption, gradient, solve, type OdeProblem } from "../../index.ts";
import { inWorker, WorkerAborted, WorkerClosed, WorkerLost, type WorkerLike, type WorkerProblem } from "../../worker/index.ts";
import type { Reply, Request } from "../../src/workers/protocol.ts";

type Decay = OdeProblem<number[], number[]>;

const opened: { close(): void }[] = [];
afterEach(() => opened.splice(0).forEach((worker) => worker.close()));

function start<Problem extends OdeProblem = Decay>(module: string): WorkerProblem<Problem["u0"], Problem["p"]> {
  const worker = inWorker<Problem>((Worker) => new Worker(new URL(module, import.meta.url), { type: "module" }));
  opened.push(worker);
  return worker;
}

const importing = (): WorkerProblem<number[], number[]> => start("./modules/importing.js");
/** Until it is stopped. */
const endless = { tspan: [0, 1e9], maxSteps: 1e12, maxStep: 1, saveat: [1e9] } as const;

describe("a worker", () => {
  it("whose module imports another that serves answers by its own problem, each call with its own answer", async () => {
    const worker = importing();
    const rates = Array.from({ length: 20 }, (_, k) => 0.1 * (k + 1));
    const results = await Promise.all(
      rates.flatMap((rate) => [
        worker.solve({ p: [rate], saveat: [1], rtol: 1e-9, atol: 1e-9 }).then(({ u }) => u[0][0]),
        worker.gradient({ p: [rate], rtol: 1e-9, atol: 1e-9 }).then((found) => found.gradient.p![0]),
      ]),
    );
    rates.forEach((rate, k) => {
      expect(results[2 * k]).toBeCloseTo(2 * Math.exp(-rate), 7);
      expect(results[2 * k + 1]).toBeCloseTo(-2 * Math.exp(-rate), 7);
    });
  });

  it("gives what the library gives here, bit for bit, as do several at once", async () => {
    const module: unknown = await import("../browser/page/pendulums.js" as string);
    const { pendulums: problem } = module as { pendulums: OdeProblem<unknown, { w: number }> };
    const loss = { final: (u: { x: { get(i: number): number } }) => u.x.get(0) + u.x.get(1) };
    const calls = Array.from({ length: 4 }, () => start<typeof problem>("../browser/page/pendulums.js")).flatMap((worker) =>
      [1, 2, 3].flatMap((w) => [
        worker.solve({ p: { w }, saveat: 0.25 }).then(({ states }) => states),
        worker.gradient({ p: { w } }).then(({ flat, value }) => [value, ...flat.p!]),
      ]),
    );
    const here = [1, 2, 3].flatMap((w) => {
      const { flat, value } = gradient(problem, { p: { w }, loss: loss as never });
      return [solve(problem, { p: { w }, saveat: 0.25 }).states, [value, ...flat.p!]];
    });
    const found = await Promise.all(calls);
    found.forEach((each, k) => expect(each).toEqual(here[k % here.length]));
  });

  it("whose module's functions capture names reads them", async () => {
    const worker = start("./modules/capturing.js");
    const { u, stats } = await worker.solve({ rtol: 1e-9, atol: 1e-9 });
    expect([stats.compiled, stats.captured]).toEqual([true, ["slope", "slope.rate"]]);
    expect(u.at(-1)![0]).toBeCloseTo(Math.exp(-2), 7);
    const { value, gradient } = await worker.gradient({ rtol: 1e-9, atol: 1e-9 });
    expect([value, gradient.p![0]]).toEqual([3, -6].map((c) => expect.closeTo(c * Math.exp(-2), 6) as number));
  });

  it("ends its progress with 1, however short the work", async () => {
    const worker = importing();
    for (const call of ["solve", "gradient"] as const) {
      const told: number[] = [];
      await worker[call]({ onProgress: ({ fraction }: { fraction: number }) => told.push(fraction) });
      expect(told.at(-1), call).toBe(1);
    }
  });

  it("that ends in the midst of a call is lost to that call; the next begins in another", async () => {
    const worker = start("./modules/ending.js");
    expect((await worker.solve({ saveat: [1] })).t).toEqual(Float64Array.of(1));
    await expect(worker.solve()).rejects.toThrow(WorkerLost);
    expect((await worker.gradient()).value).toBeCloseTo(2 * Math.exp(-1), 4);
  });
});

describe("a call", () => {
  it("that waits hears its own signal, and disturbs nobody", async () => {
    const worker = importing();
    const [first, second] = [new AbortController(), new AbortController()];
    const order: string[] = [];
    let begun: () => void;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const long = worker.solve({ ...endless, signal: first.signal, onProgress: () => begun() }).catch(({ name }: Error) => {
      order.push("long");
      return name;
    });
    await running;
    const waiting = worker.solve({ signal: second.signal }).catch((error: unknown) => {
      order.push("waiting");
      return error;
    });
    const last = worker.solve({ saveat: [1] });
    second.abort();
    expect(await waiting).toBeInstanceOf(WorkerAborted);
    first.abort();
    expect(await long).toBe("WorkerAborted");
    expect(order).toEqual(["waiting", "long"]);
    expect((await last).u[0][0]).toBeCloseTo(2 * Math.exp(-1), 4);
  });

  it("whose onProgress throws is rejected with that, and no other is", async () => {
    const worker = importing();
    const thrown = new Error("no more");
    const call = worker.solve({
      ...endless,
      onProgress() {
        throw thrown;
      },
    });
    const after = [worker.solve({ saveat: [1] }), worker.solve({ saveat: [1] })];
    await expect(call).rejects.toBe(thrown);
    for (const { u } of await Promise.all(after)) expect(u[0][0]).toBeCloseTo(2 * Math.exp(-1), 4);
  });

  it("that waits is closed with the worker", async () => {
    const worker = importing();
    const calls = [worker.solve(endless), worker.solve(), worker.gradient()];
    worker.close();
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[])
      expect([status, reason]).toEqual(["rejected", expect.any(WorkerClosed)]);
  });

  it("with what cannot be sent names it, and is no burden to the next", async () => {
    const worker = importing();
    for (const [options, message] of [
      [{ saveat: () => 1 }, /^solve in a worker: saveat cannot be sent there/],
      [{ tspan: [0, Symbol("end")] }, /tspan cannot be sent/],
      [{ rtol: Symbol("small") }, /rtol cannot be sent/],
      [{ solver: { step: () => 1 } }, /solver cannot be sent/],
    ] as const) {
      const call = worker.solve(options as never);
      await expect(call).rejects.toThrow(BadOption);
      await expect(call).rejects.toThrow(message);
    }
    expect((await worker.solve({ saveat: [1] })).t).toHaveLength(1);
  });
});

describe("a worker of which nothing is heard", () => {
  type Listener = (event: { data?: unknown; message?: string }) => void;

  /** Answers by `reply`, and does not take requests by itself. */
  function mute(reply: (request: Request, post: (reply: Reply) => void) => void): { worker: WorkerLike; ended: () => number } {
    const listeners = new Map<string, Listener>();
    let ended = 0;
    const worker: WorkerLike = {
      postMessage: (message) => {
        const { odegrad } = message as { odegrad: Request };
        reply(odegrad, (answer) => listeners.get("message")!({ data: { odegrad: answer } }));
      },
      terminate: () => void ended++,
      addEventListener: (type: string, listener: never) => void listeners.set(type, listener),
    };
    return { worker, ended: () => ended };
  }

  it("is lost within seconds, and ended", async () => {
    vi.useFakeTimers();
    try {
      const { worker, ended } = mute(() => {});
      const call = inWorker<Decay>(() => worker).solve();
      const failure = call.catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await failure).toBeInstanceOf(WorkerLost);
      await expect(call).rejects.toThrow(/took no request within 15 s.*calls `serve`/);
      expect(ended()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("may take its time once it has taken the request", async () => {
    vi.useFakeTimers();
    try {
      const { worker } = mute(({ id }, post) => {
        post({ id, kind: "taken" });
        setTimeout(() => post({ id, kind: "error", name: "Late", message: "after an hour" }), 3_600_000);
      });
      const failure = inWorker<Decay>(() => worker)
        .solve()
        .catch(({ name }: Error) => name);
      await vi.advanceTimersByTimeAsync(4_000_000);
      expect(await failure).toBe("Late");
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not taken at the word of another request", async () => {
    const { worker } = mute(({ id }, post) => {
      queueMicrotask(() => {
        post({ id: id - 1, kind: "error", name: "Before", message: "of another request" });
        post({ id, kind: "error", name: "Own", message: "of this one" });
      });
    });
    await expect(inWorker<Decay>(() => worker).solve()).rejects.toThrow("of this one");
  });
});
