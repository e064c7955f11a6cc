/** Arrays that are filled with a value that varies, and elements of which are stored over: the fill is due the others alone. */
import { expect, it } from "vitest";
import { gradientOf, hessian } from "../../index.ts";

it("elements that are stored over", () => {
  const gradient = gradientOf((x: readonly number[]) => {
    const w = new Array(6).fill(x[0]);
    for (let i = 0; i < 3; i++) w[i] = 1;
    let sum = 0;
    for (let i = 0; i < 6; i++) sum += w[i] * w[i];
    return sum;
  });
  expect(gradient([1.3])[0]).toBeCloseTo(6 * 1.3, 12);
});

it("in a loop, by another variable and by a constant", () => {
  const f = (x: readonly number[]): number => {
    const w = new Float64Array(4);
    let sum = 0;
    for (let k = 1; k < 4; k++) {
      w.fill(k * x[0]);
      w[k] = x[1];
      w[0] = 2;
      for (let i = 0; i < 4; i++) sum += w[i] * w[i] * w[i];
    }
    return sum;
  };
  // Two elements of k x₀ in each turn, one of x₁.
  const [a, b] = [0.7, -1.2];
  const cubes = 1 + 8 + 27;
  const found = gradientOf(f)([a, b]);
  expect(found[0]).toBeCloseTo(2 * 3 * cubes * a * a, 11);
  expect(found[1]).toBeCloseTo(3 * 3 * b * b, 11);
  const second = hessian(f)([a, b]);
  expect([...second.data].map((x) => Number(x.toFixed(9)))).toEqual(
    [2 * 6 * cubes * a, 0, 0, 3 * 6 * b].map((x) => Number(x.toFixed(9))),
  );
});
