/** A fit that is taken up again goes on with the same numbers; that of another fit is refused. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { normals } from "../../../src/core/random.ts";
import {
  adam,
  adamW,
  BadTrainingOption,
  cosineDecay,
  fit,
  inTurn,
  lbfgs,
  levenbergMarquardt,
  lion,
  observations,
  type Checkpoint,
  type FitOptions,
} from "../../../training/index.ts";

const growth = odeProblem({
  rhs: (u, p) => ({ a: p.r * u.a * (1 - u.a / p.K) }),
  u0: { a: 0.2 },
  tspan: [0, 10],
  p: { r: 0.6, K: 2 },
});
const t = Array.from({ length: 11 }, (_, i) => i);
const normal = normals(12);
const values = { a: t.map((time) => 3 / (1 + 14 * Math.exp(-0.9 * time)) + 0.05 * normal()) };
const data = observations({ t, values, sigma: 0.05 });

describe("a fit that is taken up again", () => {
  it.each<[string, FitOptions["optimiser"], number]>([
    ["adam", adam({ learningRate: 0.05 }), 12],
    ["adamW, by a schedule", adamW({ learningRate: cosineDecay({ from: 0.05, steps: 12 }) }), 12],
    ["lion", lion({ learningRate: 0.02 }), 12],
    ["lbfgs", lbfgs(), 6],
    ["levenbergMarquardt", levenbergMarquardt(), 4],
    ["one after the other", inTurn([adam({ learningRate: 0.05 }), 5], [lbfgs()]), 12],
  ])("goes on with the same numbers: %s", async (_, optimiser, maxIterations) => {
    const kept: string[] = [];
    const onCheckpoint = (one: Checkpoint): void => void kept.push(JSON.stringify(one));
    const options = { optimiser, parameters: { r: { scale: "log" }, K: true } } as const;
    const whole = await fit(growth, data, { ...options, maxIterations, every: 2, onCheckpoint });
    expect(kept).toHaveLength(maxIterations / 2);
    for (const text of [kept[0], kept[1], kept.at(-1)!]) {
      const seen: number[] = [];
      const resume = JSON.parse(text) as Checkpoint;
      const resumed = await fit(growth, data, {
        ...options,
        maxIterations,
        resume,
        onProgress: ({ iteration }) => seen.push(iteration),
      });
      expect(resumed.p).toEqual(whole.p);
      expect(resumed.value).toBe(whole.value);
      expect(resumed.course).toEqual(whole.course);
      expect(seen).toEqual(Array.from({ length: maxIterations - resume.step }, (__, i) => resume.step + 1 + i));
    }
  });

  it("may take more iterations than it was given before", async () => {
    let last: Checkpoint | undefined;
    const optimiser = adam({ learningRate: 0.05 });
    await fit(growth, data, { optimiser, maxIterations: 5, onCheckpoint: (one) => (last = one) });
    expect(last!.step).toBe(5);
    const resumed = await fit(growth, data, { optimiser, maxIterations: 9, resume: last });
    const whole = await fit(growth, data, { optimiser, maxIterations: 9 });
    expect(resumed.p).toEqual(whole.p);
  });

  it("has what an abort left", async () => {
    let last: Checkpoint | undefined;
    const controller = new AbortController();
    const options = { optimiser: lbfgs(), every: 1, onCheckpoint: (one: Checkpoint) => (last = one) };
    const onProgress = ({ iteration }: { iteration: number }): void => void (iteration === 3 && controller.abort());
    await expect(fit(growth, data, { ...options, onProgress, signal: controller.signal })).rejects.toThrow("aborted");
    expect(last!.step).toBe(3);
    const resumed = await fit(growth, data, { optimiser: lbfgs(), resume: last });
    expect(resumed.p).toEqual((await fit(growth, data, { optimiser: lbfgs() })).p);
  });
});

describe("a checkpoint is refused", () => {
  const other = odeProblem({
    rhs: (u, p) => ({ a: p.r * u.a * (1 - u.a / (1.01 * p.K)) }),
    u0: { a: 0.2 },
    tspan: [0, 10],
    p: { r: 0.6, K: 2 },
  });
  const fewer = observations({ t: t.slice(0, 10), values: { a: values.a.slice(0, 10) }, sigma: 0.05 });
  it.each<[string, typeof growth, typeof data, FitOptions, string]>([
    ["of another model", other, data, {}, "There, the misfit, which follows from the model:"],
    ["of other data", growth, fewer, {}, "There, data: 11 observations"],
    ["of another optimiser", growth, data, { optimiser: levenbergMarquardt() }, "There, optimiser: lbfgs"],
    ["of another memory", growth, data, { optimiser: lbfgs({ memory: 3 }) }, 'lbfgs {"memory":3}'],
    ["of other parameters", growth, data, { parameters: { r: true } }, "There, parameters: p.r, p.K; here: p.r."],
    ["that is none", growth, data, { resume: { step: 1 } as never }, "`resume` is no checkpoint"],
  ])("%s", async (_, problem, observed, changed, message) => {
    let last: Checkpoint | undefined;
    const options = { optimiser: lbfgs(), maxIterations: 2 };
    await fit(growth, data, { ...options, onCheckpoint: (one) => (last = one) });
    const run = fit(problem, observed, { ...options, resume: last, ...changed });
    await expect(run).rejects.toThrow(BadTrainingOption);
    await expect(run).rejects.toThrow(message);
  });
});
