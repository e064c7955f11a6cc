import { expect, it } from "vitest";
import { BadTrainingOption } from "../../../training/optimisers/errors.ts";
import { adam } from "../../../training/optimisers/adam.ts";

it("steps as far as the learning rate at first, whatever the gradient's size", () => {
  const parameters = new Float64Array([1, 1, 1]);
  adam({ learningRate: 0.1, epsilon: 0 })(parameters, [1e-6, -1e6, 3]);
  expect([...parameters]).toEqual([0.9, 1.1, 0.9].map((x) => expect.closeTo(x, 14)));
});

it("takes the second step by hand", () => {
  const parameters = new Float64Array([0]);
  const step = adam({ learningRate: 1, beta1: 0.5, beta2: 0.75, epsilon: 0 });
  step(parameters, [2]);
  step(parameters, [-1]);
  // Averages: 1 then 0 of the gradient, 1 then 1 of its square; corrected by 1 - 0.5² and 1 - 0.75².
  expect(parameters[0]).toBeCloseTo(-1, 14);
  step(parameters, [4]);
  const [mean, square] = [2 / (1 - 0.5 ** 3), (0.75 + 0.25 * 16) / (1 - 0.75 ** 3)];
  expect(parameters[0]).toBeCloseTo(-1 - mean / Math.sqrt(square), 14);
});

it("leaves components without gradient where they are", () => {
  const parameters = new Float64Array([5]);
  adam()(parameters, [0]);
  expect(parameters[0]).toBe(5);
});

it("finds the bottom of Rosenbrock's valley", () => {
  const x = new Float64Array([-1.2, 1]);
  const step = adam({ learningRate: 0.02 });
  for (let i = 0; i < 10_000; i++) {
    step(x, [-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]);
  }
  expect(x[0]).toBeCloseTo(1, 4);
  expect(x[1]).toBeCloseTo(1, 4);
});

it("refuses what makes no sense", () => {
  expect(() => adam({ learningRate: 0 })).toThrow(BadTrainingOption);
  expect(() => adam({ beta2: 1 })).toThrow(/beta2 is 1/);
  const step = adam();
  expect(() => step(new Float64Array(2), [1])).toThrow(/2 parameters and 1 derivatives/);
  step(new Float64Array(2), [1, 1]);
  expect(() => step(new Float64Array(3), [1, 1, 1])).toThrow(/after steps of 2/);
});
