/** Steps in loops of one's own, over parameters of any shape. */
import { expect, it } from "vitest";
import { flatten, gradient, ndarray, odeProblem } from "../../../index.ts";
import { UnknownComponent, WrongLength } from "../../../src/core/errors.ts";
import { adam, adamW, lion } from "../../../training/index.ts";
import { BadTrainingOption } from "../../../training/optimisers/errors.ts";

const start = { rate: 2, W: ndarray([1, 2, 3, 4], [2, 2]), list: [5] };
const slope = { rate: 0.1, W: ndarray([1, -2, 0.5, 0], [2, 2]), list: [-3] };

it.each([
  ["adam", adam],
  ["adamW", adamW],
  ["lion", lion],
] as const)("%s: as over the flat numbers, which are left as they are", (_, optimiser) => {
  const [shaped, flat] = [optimiser({ learningRate: 0.1 }), optimiser({ learningRate: 0.1 })];
  const numbers = flatten(start);
  let moved: typeof start = start;
  for (let k = 0; k < 3; k++) {
    moved = shaped(moved, slope) as unknown as typeof start;
    expect(flat(numbers, flatten(slope))).toBe(numbers);
    expect(flatten(moved)).toEqual(numbers);
  }
  expect(start.rate).toBe(2);
  expect(moved.W.shape).toEqual([2, 2]);
});

it("goes down a gradient of a problem, as it is", () => {
  const problem = odeProblem({ rhs: (u, p) => ({ x: -p.k * u.x }), u0: { x: 1 }, p: { k: 0.2 }, tspan: [0, 1] });
  const step = adam({ learningRate: 0.05 });
  let p = problem.p;
  const loss = { final: (u: { x: number }) => (u.x - Math.exp(-1)) ** 2 };
  for (let i = 0; i < 200; i++) p = step(p, gradient(problem, { p, loss }).gradient.p);
  expect(p.k).toBeCloseTo(1, 2);
});

it("refuses a gradient of another shape, and what is not finite", () => {
  expect(() => adam()(start, { ...slope, other: 1 } as never)).toThrow(UnknownComponent);
  expect(() => adam()(start, { ...slope, list: [1, 2] })).toThrow(WrongLength);
  expect(() => adam()(start, { ...slope, rate: NaN })).toThrow(BadTrainingOption);
});
