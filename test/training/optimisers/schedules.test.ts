/** Learning rates by step, against their formulas. */
import { expect, it } from "vitest";
import { BadOption } from "../../../src/core/errors.ts";
import { adam, cosineDecay, exponentialDecay, warmUp } from "../../../training/index.ts";

it("half a cosine goes from one rate to another, and stays there", () => {
  const rate = cosineDecay({ from: 0.1, to: 0.02, steps: 100 });
  expect([0, 50, 100, 1000].map(rate)).toEqual([0.1, expect.closeTo(0.06, 14), 0.02, 0.02]);
  expect(rate(25)).toBeCloseTo(0.06 + 0.04 * Math.SQRT1_2, 14);
});

it("an exponential decay is multiplied by its factor over so many steps", () => {
  const rate = exponentialDecay({ from: 0.1, factor: 0.5, every: 10 });
  expect(rate(0)).toBe(0.1);
  expect(rate(20)).toBeCloseTo(0.025, 15);
  expect(exponentialDecay({ from: 1, factor: 0.9 })(2)).toBeCloseTo(0.81, 15);
});

it("a warm-up rises evenly to the beginning of what comes then", () => {
  expect([0, 1, 3, 4, 9].map(warmUp(4, 0.8))).toEqual([0.2, 0.4, 0.8, 0.8, 0.8]);
  const then = exponentialDecay({ from: 1, factor: 0.5 });
  expect([0, 1, 2, 3].map(warmUp(2, then))).toEqual([0.5, 1, 1, 0.5]);
});

it("an optimiser steps by it", () => {
  const parameters = Float64Array.of(0);
  const step = adam({ learningRate: warmUp(2, 0.1) });
  // The first steps of ADAM along a constant gradient are as long as the rate.
  step(parameters, [1]);
  expect(parameters[0]).toBeCloseTo(-0.05, 8);
  step(parameters, [1]);
  expect(parameters[0]).toBeCloseTo(-0.15, 8);
});

it.each([
  [() => cosineDecay({ from: -1, steps: 10 }), BadOption, "from is -1"],
  [() => cosineDecay({ from: 1, steps: 0 }), BadOption, "steps is 0"],
  [() => cosineDecay({ from: 1, step: 10 } as never), Error, "step"],
  [() => cosineDecay({ from: 1 } as never), Error, '"steps"'],
  [() => exponentialDecay({ from: 1, factor: NaN }), BadOption, "factor is NaN"],
  [() => exponentialDecay({ from: 1, factor: 0.5, every: 1.5 }), BadOption, "every is 1.5"],
  [() => warmUp(-1, 0.1), BadOption, "warmUp: steps is -1"],
  [() => warmUp(5, "fast" as never), BadOption, 'the rate is "fast"'],
])("%s is refused", (make, Refusal, message) => {
  expect(make).toThrow(Refusal);
  expect(make).toThrow(message);
});
