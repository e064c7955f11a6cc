/** Training on batches: which data a step takes, that it learns, stops and goes on with the same numbers. */
import { describe, expect, it } from "vitest";
import { odeProblem, remake } from "../../src/problem/problem.ts";
import { experimentsOf } from "../../training/objective/experiment.ts";
import { Batches } from "../../training/batches/batches.ts";
import { normals } from "../../src/core/random.ts";
import { tanh } from "../../src/operations/plain-operations.ts";
import { vern7 } from "../../solvers/methods/vern7.ts";
import { solve } from "../../solvers/solve/solve.ts";
import {
  adam,
  adamW,
  BadData,
  BadStart,
  BadTrainingOption,
  chain,
  cosineDecay,
  dense,
  fit,
  lbfgs,
  lion,
  observations,
  train,
  type Checkpoint,
  type Observations,
  type TrainOptions,
} from "../../training/index.ts";
import { BadOption } from "../../src/core/errors.ts";

const decay = odeProblem({
  name: "decay",
  rhs(du, u, p) {
    du.a = -p.k * u.a;
    du.b = p.k * u.a - p.m * u.b;
  },
  u0: { a: 1, b: 0 },
  tspan: [0, 4],
  p: { k: 0.3, m: 0.3 },
});
const t = Array.from({ length: 9 }, (_, i) => i / 2);

/** Of k = 0.8, m = 0.4 by the closed form, from so much of a. */
function measured(a: number, noise = 0, seed = 1): Observations {
  const normal = normals(seed);
  const values = {
    a: t.map((time) => a * Math.exp(-0.8 * time) + noise * normal()),
    b: t.map((time) => 2 * a * (Math.exp(-0.4 * time) - Math.exp(-0.8 * time)) + noise * normal()),
  };
  return observations({ t, values, u0: { a, b: 0 }, sigma: 0.1 });
}
const many = [1, 2, 0.5, 3, 1.5].map((a) => measured(a));

describe("a step's batch", () => {
  const experiments = experimentsOf("test", decay, many);

  it("takes each experiment once before any comes again, in an order of its epoch's own", () => {
    const batches = new Batches(experiments, { size: 2, seed: 4 });
    const taken = Array.from({ length: 10 }, (_, step) => batches.of(step)).flat();
    const orders = [0, 5, 10, 15].map((from) => taken.slice(from, from + 5).map((one) => experiments.indexOf(one)));
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(2);
    expect(new Batches(experiments, { size: 2, seed: 4 }).of(7)).toEqual(batches.of(7));
  });

  it("has windows that begin at the observed state, and whose first values are not fitted", () => {
    const batches = new Batches(experiments.slice(0, 1), { size: 1, window: 3, seed: 1 });
    const begun = new Set<number>();
    for (let step = 0; step < 60; step++) {
      const [{ problem, times, u0, series }] = batches.of(step);
      expect(times).toHaveLength(3);
      expect(problem.tspan).toEqual([times[0], times[2]]);
      expect(u0[0]).toBe(Math.exp(-0.8 * times[0]));
      for (const { at, values } of series) {
        expect([...at]).toEqual([1, 2]);
        expect(values).toHaveLength(2);
      }
      expect(series[0].values[0]).toBe(Math.exp(-0.8 * times[1]));
      begun.add(times[0]);
    }
    expect([...begun].sort((a, b) => a - b)).toEqual(t.slice(0, 7));
  });
});

describe("training", () => {
  it("on all data at once makes the steps of a fit", async () => {
    const trained = await train(decay, many, { optimiser: adam({ learningRate: 0.02 }), steps: 25 });
    const fitted = await fit(decay, many, { optimiser: adam({ learningRate: 0.02 }), maxIterations: 25 });
    expect(trained.steps).toBe(25);
    expect(trained.p.k).toBeCloseTo(fitted.p.k, 5);
    expect(trained.p.m).toBeCloseTo(fitted.p.m, 5);
  });

  it("on some experiments, and on windows of some, finds the parameters again", async () => {
    const optimiser = adam({ learningRate: cosineDecay({ from: 0.05, steps: 150 }) });
    for (const batching of [{ batch: 2 }, { batch: 2, window: 4 }]) {
      const { p, history, ended } = await train(decay, many, { ...batching, optimiser, steps: 150 });
      expect(p.k).toBeCloseTo(0.8, 2);
      expect(p.m).toBeCloseTo(0.4, 2);
      expect(history).toHaveLength(150);
      expect(ended).toBe("it took all of its 150 steps");
    }
  });

  it("counts priors as in a fit, whatever the batches", async () => {
    const parameters = { k: { prior: { normal: [0, 0.01] } }, m: true } as const;
    const optimiser = adam({ learningRate: cosineDecay({ from: 0.05, steps: 300 }) });
    const whole = await fit(decay, many, { parameters });
    for (const batch of [5, 2]) {
      const { p } = await train(decay, many, { parameters, optimiser, batch, steps: 300 });
      expect(p.k / whole.p.k, `batches of ${batch}`).toBeCloseTo(1, 1);
    }
  });

  it("keeps parameters within their bounds", async () => {
    const parameters = { k: { bounds: [0, 0.5] as const }, m: true } as const;
    const { p } = await train(decay, many, { parameters, optimiser: adam({ learningRate: 0.05 }), steps: 40 });
    expect(p.k).toBe(0.5);
  });

  it("ends where held-out data are met no better, and returns where they were met best", async () => {
    const noisy = [1, 2].map((a, i) => measured(a, 0.3, 20 + i));
    const heldOut = measured(1, 0, 3);
    const options = { optimiser: adam({ learningRate: 0.05 }), steps: 400, every: 2, patience: 5, heldOut };
    const { p, steps, ended, heldOut: best, history } = await train(decay, noisy, options);
    expect(ended).toBe("held-out data were met no better 5 times");
    expect(steps).toBeLessThan(400);
    const seen = history.flatMap((one) => one.heldOut ?? []);
    expect(Math.min(...seen)).toBe(best);
    expect(seen.indexOf(best!)).toBe(seen.length - 6);
    // Of residuals in standard deviations, for each observation.
    const states = solve({ ...decay, p }, { saveat: t }).u;
    const squares = states.map(({ a, b }, i) => (a - heldOut.series[0].values[i]) ** 2 + (b - heldOut.series[1].values[i]) ** 2);
    expect(best).toBeCloseTo(squares.reduce((sum, s) => sum + s / 0.1 ** 2 / 2, 0) / 18, 8);
  });

  it("goes on from a checkpoint, through JSON, with the same numbers", async () => {
    const net = chain(dense(2, 4, tanh), dense(4, 2));
    const model = odeProblem({
      rhs: (u, p, _t, constants) => constants.net(u, p),
      u0: new Float64Array(2),
      tspan: [0, 4],
      p: net.initial(3),
      constants: { net },
    });
    const data = many.map((one) => {
      const [a, b] = one.series.map(({ values }) => values);
      return observations<Float64Array>({ t, values: { "u[0]": a, "u[1]": b }, u0: Float64Array.of(a[0], b[0]), sigma: 0.1 });
    });
    const options = {
      optimiser: adamW({ learningRate: cosineDecay({ from: 0.02, steps: 24 }) }),
      batch: 2,
      window: 5,
      every: 4,
      seed: 8,
      heldOut: data[0],
    };
    const kept: string[] = [];
    const whole = await train(model, data, { ...options, steps: 24, onCheckpoint: (one) => kept.push(JSON.stringify(one)) });
    expect(kept).toHaveLength(6);
    const resumed = await train(model, data, { ...options, steps: 24, resume: JSON.parse(kept[2]) as Checkpoint });
    expect(resumed.p).toEqual(whole.p);
    expect(resumed.checkpoint).toEqual(whole.checkpoint);
    expect(resumed.history).toEqual(whole.history.slice(12));
  });

  it("tells its progress, and hears an abort", async () => {
    const told: object[] = [];
    await train(decay, many, { steps: 2, every: 2, heldOut: many[0], onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { step: 1, steps: 2, value: expect.any(Number) as number },
      { step: 2, steps: 2, value: expect.any(Number) as number, heldOut: expect.any(Number) as number },
    ]);
    const controller = new AbortController();
    const stopped = train(decay, many, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toThrow("abort");
    // Its time comes while steps are taken.
    await expect(train(decay, many, { steps: 3000, signal: AbortSignal.timeout(100) })).rejects.toThrow("aborted");
  });

  it("takes held-out data that the model cannot predict as met worst", async () => {
    const falling = odeProblem({ rhs: (_u, p) => ({ a: -p.k }), u0: { a: 1 }, tspan: [0, 2], p: { k: 1 } });
    const data = observations({ t: [0.5, 1], values: { a: [0.8, 0.6] }, sigma: 0.1 });
    const heldOut = observations({ t: [1, 2], values: { a: [0.6, 0.2] }, noise: "lognormal", sigma: 0.1 });
    const options = { heldOut, every: 1, steps: 300, optimiser: adam({ learningRate: 0.01 }), patience: 300 };
    const { p, history } = await train(falling, data, options);
    expect(history[0].heldOut).toBe(Infinity);
    expect(p.k).toBeCloseTo(0.4, 1);
  });

  it("shortens steps that lead to where the model cannot be solved, and says so", async () => {
    // a = (k + 0.01 √(1 - k)) t, and none for k > 1.
    const rhs = (_u: { a: number }, p: { k: number }): { a: number } => ({ a: p.k + 0.01 * Math.sqrt(1 - p.k) });
    const walled = odeProblem({ rhs, u0: { a: 0 }, tspan: [0, 1], p: { k: 0.5 } });
    const data = observations({ t: [0.5, 1], values: { a: [0.4505, 0.901] }, sigma: 0.1 });
    const optimiser = adam({ learningRate: cosineDecay({ from: 0.2, steps: 200 }) });
    const { p, ended, checkpoint } = await train(walled, data, { optimiser, steps: 200 });
    expect(p.k + 0.01 * Math.sqrt(1 - p.k)).toBeCloseTo(0.901, 3);
    expect(ended).toMatch(/^it took all of its 200 steps; \d+ steps were made shorter, which led to where the model cannot/);
    expect(checkpoint.value).toBeLessThan(1e-3);
    const fitted = await fit(walled, data, { optimiser, maxIterations: 200 });
    expect(fitted.p.k).toBeCloseTo(p.k, 3);
    await expect(train({ ...walled, p: { k: 2 } }, data)).rejects.toThrow(BadStart);
  });

  it("ends with the last parameters that it could solve with, where none are near", async () => {
    const cliff = odeProblem({ rhs: (_u, p) => ({ a: Math.sqrt(0.55 - p.k) }), u0: { a: 0 }, tspan: [0, 1], p: { k: 0.3 } });
    const data = observations({ t: [1], values: { a: [0] }, sigma: 0.01 });
    const { p, ended, steps, history } = await train(cliff, data, { optimiser: adam({ learningRate: 0.2 }), steps: 20 });
    expect(p.k).toBeGreaterThan(0.5);
    expect(p.k).toBeLessThan(0.55);
    expect(steps).toBe(history.length);
    expect(ended).toMatch(
      /^a step led to where the model cannot be solved; a smaller learningRate goes more carefully\. NonFinite/,
    );
  });
});

describe("what cannot be is refused by name", () => {
  const missing = observations({ t, values: { a: t.map(Math.exp) } });
  const observed = observations({ t, values: { a: t, b: t, sum: t }, of: { sum: (u) => u.a + u.b } });
  const switched = remake(decay, { events: [{ at: [1], apply: (_u, p) => void (p.k = 0.1) }] });
  it.each([
    ["a batch that is too large", () => train(decay, many, { batch: 6 }), BadTrainingOption, "a batch of 6 is more than the 5"],
    ["a window of one time", () => train(decay, many, { window: 1 }), BadTrainingOption, "at least two times"],
    ["a window longer than the data", () => train(decay, many, { window: 10 }), BadData, "9 times, fewer than a window of 10"],
    [
      "a window with free starts",
      () => train(decay, many, { window: 3, initial: { a: true } }),
      BadTrainingOption,
      "leave out `window`",
    ],
    ["windows of a state that is not observed", () => train(decay, missing, { window: 3 }), BadData, "b never is"],
    [
      "windows behind events that change parameters",
      () => train(switched, many, { window: 3 }),
      BadData,
      "observations[0]: windows: an event changes p.k",
    ],
    ["windows with observables", () => train(decay, observed, { window: 3 }), BadData, '"sum" is a function of it'],
    [
      "another kind of optimiser",
      () => train(decay, many, { optimiser: lbfgs() as never }),
      BadOption,
      "adam(), adamW() or lion()",
    ],
    ["a seed that is none", () => train(decay, many, { seed: 0.5 }), BadOption, "seed is 0.5"],
    ["what is no checkpoint", () => train(decay, many, { resume: {} as never }), BadTrainingOption, "is no checkpoint"],
    ["an unknown option", () => train(decay, many, { epochs: 3 } as never), Error, "epochs"],
    [
      "held-out data of another model",
      () => train(decay, many, { heldOut: observations({ t, values: { c: t } }) }),
      BadData,
      '"c"',
    ],
  ])("%s", async (_, run, Refusal, message) => {
    await expect(run).rejects.toThrow(Refusal);
    await expect(run).rejects.toThrow(message);
  });
});

describe("a checkpoint of something else is refused by what differs", () => {
  const options = { steps: 4, every: 2, batch: 2, heldOut: many[0], optimiser: adam({ learningRate: 0.01 }) };
  const other = odeProblem({
    rhs: (u, p) => ({ a: -p.k * u.a, b: p.k * u.a - 1.1 * p.m * u.b }),
    u0: { a: 1, b: 0 },
    tspan: [0, 4],
    p: { k: 0.3, m: 0.3 },
  });
  const schedule = { learningRate: cosineDecay({ from: 0.01, steps: 400 }) };
  it.each<[string, typeof decay, Observations[], TrainOptions, string]>([
    ["parameters", decay, many, { parameters: { k: true } }, "There, parameters: p.k, p.m; here: p.k."],
    [
      "bounds",
      decay,
      many,
      { parameters: { k: { bounds: [0, 1] }, m: true } },
      'There, scales, bounds and priors: {}; here: {"parameters":{"k":{"bounds":[0,1]},"m":true}}',
    ],
    ["a value", decay, [...many.slice(0, 4), measured(1.5, 1e-9)], {}, "There, data: 90 observations of 5 experiments, number"],
    ["a missing experiment", decay, many.slice(0, 4), {}, "; here: 72 observations of 4 experiments, number"],
    ["other held-out data", decay, many, { heldOut: many[1] }, "There, held-out data: 18 observations of 1 experiments, number"],
    ["no held-out data", decay, many, { heldOut: undefined }, "; here: not given"],
    ["a batch", decay, many, { batch: 3 }, 'There, batches: {"batch":2,"seed":1}; here: {"batch":3,"seed":1}'],
    ["a seed", decay, many, { seed: 2 }, 'here: {"batch":2,"seed":2}'],
    ["an optimiser", decay, many, { optimiser: lion({ learningRate: 0.01 }) }, "There, optimiser: adam {"],
    ["a learning rate", decay, many, { optimiser: adam({ learningRate: 0.02 }) }, '"learningRate":0.02'],
    ["a schedule", decay, many, { optimiser: adam(schedule) }, '"learningRate":[0.01,'],
    ["a tolerance", decay, many, { rtol: 1e-3 }, 'There, tolerances: {}; here: {"rtol":0.001}'],
    ["a solver", decay, many, { solver: vern7() }, 'There, solver: not given; here: {"name":"vern7"}'],
    ["a span", { ...decay, tspan: [-1, 4] as const }, many, {}, "There, u0, p and tspan: those of number"],
    ["an equation", other, many, {}, "There, the misfit, which follows from the model: "],
  ])("%s", async (_, problem, data, changed, message) => {
    const { checkpoint } = await train(decay, many, options);
    const run = train(problem, data, { ...options, ...changed, resume: checkpoint });
    await expect(run).rejects.toThrow(BadTrainingOption);
    await expect(run).rejects.toThrow(message);
  });
});
