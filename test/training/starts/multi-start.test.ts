import { describe, expect, it } from "vitest";
import { normalBelow, normalQuantile } from "../../../src/core/normal.ts";
import { odeProblem } from "../../../src/problem/problem.ts";
import { latinHypercube } from "../../../training/starts/latin-hypercube.ts";
import { rangeOf } from "../../../training/starts/ranges.ts";
import { priorOf } from "../../../training/parameters/prior.ts";
import { scales } from "../../../training/parameters/scale.ts";
import type { FreeParameter } from "../../../training/parameters/free.ts";
import { BadParameter, fit, lbfgs, multiStart, observations, BadStart, type MultiStartOptions } from "../../../training/index.ts";

/** x'' = −w² x: x = cos w t, of which the misfit to data has many minima in w. */
const oscillator = odeProblem({
  name: "oscillator",
  rhs(du, u, p) {
    du.x = u.v;
    du.v = -(p.w ** 2) * u.x;
  },
  u0: { x: 1, v: 0 },
  tspan: [0, 10],
  p: { w: 5 },
});
const t = Array.from({ length: 41 }, (_, i) => i / 4);
const swinging = observations({ t, values: { x: t.map((at) => Math.cos(2 * at) + 0.01 * Math.sin(37 * at)) }, sigma: 0.1 });

/** u' = k u²: u = 1 / (1 − k t), which ends at t = 1/k. */
const exploding = odeProblem({
  name: "exploding",
  rhs(du, u, p) {
    du.y = p.k * u.y ** 2;
  },
  u0: { y: 1 },
  tspan: [0, 2],
  p: { k: 0.1 },
});
const quarter = observations({ t: [0, 1, 2], values: { y: [1, 4 / 3, 2] }, sigma: 0.1 });

describe("fits from many starts", () => {
  const options: MultiStartOptions = { starts: 12, seed: 3, parameters: { w: { bounds: [0.5, 8] } } };

  it("find the lowest of several minima, where the one of `fit` is another", async () => {
    const alone = await fit(oscillator, swinging, { parameters: options.parameters });
    expect(Math.abs(alone.p.w - 2)).toBeGreaterThan(0.5);
    const { best, starts, atBest, ranges } = await multiStart(oscillator, swinging, options);
    expect(best.p.w).toBeCloseTo(2, 2);
    expect(best.value).toBeLessThan(alone.value / 10);
    expect(starts).toHaveLength(12);
    expect(starts.map(({ value }) => value)).toEqual(starts.map(({ value }) => value).toSorted((a, b) => a - b));
    expect(starts.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    const first = starts.find(({ index }) => index === 0)!;
    expect(first.start[0]).toBe(5);
    expect(first.parameters![0]).toBe(alone.p.w);
    // Solves with derivatives take other steps than those without, by which the fit's value is.
    expect(first.value / alone.value).toBeCloseTo(1, 5);
    expect(first.evaluations).toBe(alone.evaluations);
    const near = starts.filter(({ parameters }) => Math.abs(parameters![0] - 2) < 1e-2).length;
    expect(atBest).toBe(near);
    expect(near).toBeGreaterThan(0);
    expect(near).toBeLessThan(12);
    expect(ranges).toEqual([{ name: "w", of: "p", from: "bounds", lower: 0.5, upper: 8 }]);
  });

  it("are the same for a seed, and others for another", async () => {
    const few = { ...options, starts: 3 };
    const [first, again, other] = [
      await multiStart(oscillator, swinging, few),
      await multiStart(oscillator, swinging, few),
      await multiStart(oscillator, swinging, { ...few, seed: 4 }),
    ];
    expect(again.starts).toEqual(first.starts);
    expect(other.starts.map(({ start }) => start[0])).not.toEqual(first.starts.map(({ start }) => start[0]));
  });

  it("go on where some fail, which are last, and say why", async () => {
    const parameters = { k: { bounds: [-1, 3] } } as const;
    const found = await multiStart(exploding, quarter, { starts: 9, parameters });
    expect(found.best.p.k).toBeCloseTo(0.25, 5);
    const failed = found.starts.filter(({ value }) => value === Infinity);
    // Those above 1/2, five or six of eight parts of the bounds.
    expect(failed.length).toBeGreaterThanOrEqual(5);
    expect(found.starts.slice(-failed.length)).toEqual(failed);
    expect(failed.every(({ parameters: none, start }) => none === undefined && start[0] > 0.5)).toBe(true);
    expect(failed[0].ended).toMatch(/^BadStart: The model has no misfit at the start: /);
    expect(found.atBest).toBe(9 - failed.length);
    expect(String(found)).toContain(`${failed.length} failed`);
  });

  it("throw where all fail, and when they are aborted", async () => {
    const parameters = { k: { start: 2, bounds: [1, 3] } } as const;
    await expect(multiStart(exploding, quarter, { starts: 3, parameters })).rejects.toThrow(BadStart);
    const controller = new AbortController();
    const aborted = multiStart(oscillator, swinging, {
      ...options,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(aborted).rejects.toThrow("enough");
  });

  it("take other optimisers, and tell their progress", async () => {
    const told: number[] = [];
    const { best } = await multiStart(oscillator, swinging, {
      ...options,
      optimiser: lbfgs(),
      onProgress: ({ done, of, value }) => told.push(done, of, value),
    });
    expect(best.course.optimiser).toBe("lbfgs");
    expect(told.filter((_, i) => i % 3 === 0)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(told[1]).toBe(12);
    expect(told.at(-1)! / best.value).toBeCloseTo(1, 4);
  });
});

describe("starts", () => {
  const parameter = (given: Partial<FreeParameter>): FreeParameter => ({
    name: "k",
    of: "p",
    index: 0,
    start: 2,
    lower: -Infinity,
    upper: Infinity,
    scale: scales.linear,
    ...given,
  });

  it("are one in each part of each coordinate", () => {
    const points = latinHypercube(7, 3, 5);
    for (let j = 0; j < 3; j++) {
      const parts = points.map((point) => Math.floor(point[j] * 7));
      expect(parts.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(parts).not.toEqual([0, 1, 2, 3, 4, 5, 6]);
    }
  });

  it.each<[string, Partial<FreeParameter>, [number, number, number]]>([
    ["evenly between bounds", { lower: 1, upper: 9 }, [3, 5, 7]],
    ["evenly on the scale log", { lower: 1, upper: 81, scale: scales.log }, [3, 9, 27]],
    ["evenly where log is endless", { lower: 0, upper: 8, scale: scales.log }, [2, 4, 6]],
    ["evenly where logit is endless", { lower: 0, upper: 8, scale: scales.logit }, [2, 4, 6]],
    ["by decades around the start", {}, [0.2 * 10 ** 0.5, 2, 2 * 10 ** 0.5]],
    ["by decades around a negative start", { start: -2 }, [-2 * 10 ** 0.5, -2, -0.2 * 10 ** 0.5]],
    ["by decades within a bound", { lower: 1.25 }, [2.5, 5, 10]],
    ["as a prior says", { prior: priorOf("k", { normal: [3, 2] }, 1) }, [3 - 2 * 0.6744897502, 3, 3 + 2 * 0.6744897502]],
    [
      "as a prior of logarithms says",
      { prior: priorOf("k", { lognormal: [0, 2] }, 1) },
      [Math.exp(-2 * 0.6744897502), 1, Math.exp(2 * 0.6744897502)],
    ],
    [
      "as a prior says above a bound",
      { lower: 3, prior: priorOf("k", { normal: [3, 2] }, 4) },
      [3 + 2 * normalQuantile(0.625), 3 + 2 * 0.6744897502, 3 + 2 * normalQuantile(0.875)],
    ],
  ])("lie %s", (_, given, quarters) => {
    const range = rangeOf("multiStart", parameter(given));
    const expected = given.lower === 1.25 ? [1.25 * 16 ** 0.25, 5, 1.25 * 16 ** 0.75] : quarters;
    [0.25, 0.5, 0.75].forEach((part, i) => expect(range.at(part)).toBeCloseTo(expected[i], 8));
  });

  it("of what is 0 need something to go by", () => {
    expect(() => rangeOf("multiStart", parameter({ start: 0 }))).toThrow(BadParameter);
  });

  it.each<[string, MultiStartOptions, string]>([
    ["no start", { starts: 0 }, "BadOption: starts is 0"],
    ["half a start", { starts: 1.5 }, "BadOption: starts is 1.5"],
    ["the seed 0", { seed: 0 }, "BadOption: seed is 0"],
    ["an option that is none", { start: 3 } as MultiStartOptions, 'UnknownOption: multiStart: there is no "start"'],
  ])("refuse %s", async (_, given, message) => {
    const error = (await multiStart(oscillator, swinging, given).catch((thrown: unknown) => thrown)) as Error;
    expect(`${error.name}: ${error.message}`).toContain(message);
  });
});

it("quantiles of the normal distribution are the tabulated ones", () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  expect(normalQuantile(0.025)).toBeCloseTo(-1.959963984540054, 12);
  expect(normalBelow(1)).toBeCloseTo(0.841344746068543, 14);
});
