import { expect, it } from "vitest";
import { norm } from "../../src/core/norm.ts";

it("the length of a vector is that of any number of components of any size", () => {
  expect(norm(Float64Array.of(3, -4))).toBe(5);
  expect(norm(new Float64Array(1_000_000).fill(-2))).toBeCloseTo(2000, 8);
  expect(norm(Float64Array.of(3e-200, 4e-200)) / 1e-200).toBeCloseTo(5, 12);
  expect(norm(Float64Array.of(3e200, 4e200)) / 1e200).toBeCloseTo(5, 12);
  expect(norm(new Float64Array(2))).toBe(0);
  expect(norm(new Float64Array(0))).toBe(0);
  expect(norm(Float64Array.of(1, NaN))).toBeNaN();
  expect(norm(Float64Array.of(1, -Infinity))).toBe(Infinity);
});
