import { expect, it } from "vitest";
import { BadTrainingOption } from "../../../training/optimisers/errors.ts";
import { adam, adamW } from "../../../training/optimisers/adam.ts";
import { lion } from "../../../training/optimisers/lion.ts";

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
  expect(() => adamW({ weightDecay: -1 })).toThrow(/weightDecay is -1/);
  expect(() => lion({ learningRate: NaN })).toThrow(/learningRate is NaN/);
  const wrong = adam({ learningRate: () => NaN });
  expect(() => wrong(new Float64Array(1), [1])).toThrow(/learningRate\(0\) is NaN/);
  const step = adam();
  expect(() => step(new Float64Array(2), [1])).toThrow(/2 parameters and 1 derivatives/);
  step(new Float64Array(2), [1, 1]);
  expect(() => step(new Float64Array(3), [1, 1, 1])).toThrow(/after steps of 2/);
});

it("decays weights by themselves, beside the averages: AdamW", () => {
  const [plain, decaying] = [new Float64Array([2, -3]), new Float64Array([2, -3])];
  adam({ learningRate: 0.1 })(plain, [0.5, 0]);
  adamW({ learningRate: 0.1, weightDecay: 0.5 })(decaying, [0.5, 0]);
  // 0.1 · 0.5 of the parameter is lost besides.
  expect([...decaying]).toEqual([plain[0] - 0.05 * 2, -3 + 0.05 * 3].map((x) => expect.closeTo(x, 14)));
});

it("takes the signs of its averages: Lion", () => {
  const parameters = new Float64Array([1, 1, 1]);
  const step = lion({ learningRate: 0.1, beta1: 0.5, beta2: 0.5 });
  step(parameters, [1e-9, -7, 0]);
  expect([...parameters]).toEqual([0.9, 1.1, 1].map((x) => expect.closeTo(x, 14)));
  // The averages are 5e-10, -3.5 and 0: those of the second component outweigh its new gradient, 0.5 · 3 for 0.5 · -3.5.
  step(parameters, [0, 3, 2]);
  expect([...parameters]).toEqual([0.8, 1.2, 0.9].map((x) => expect.closeTo(x, 14)));
});

it("follows a schedule", () => {
  const parameters = new Float64Array([0]);
  const step = lion({ learningRate: (k) => 1 / (k + 1) });
  for (let k = 0; k < 4; k++) step(parameters, [-1]);
  expect(parameters[0]).toBeCloseTo(1 + 1 / 2 + 1 / 3 + 1 / 4, 14);
});
