import { expect, it } from "vitest";
import { gradientOf, hessian, ReadError } from "../../../../index.ts";

const recursive = (x: number[]): number => {
  const again = (n: number): number => (n > 0 ? again(n - 1) : x[0] ** 2 * x[1]);
  return again(2);
};

it("operators take the tape for a function that cannot be read, unless a backend is asked for", () => {
  expect([...gradientOf(recursive)([3, 2])]).toEqual([12, 9]);
  expect([...hessian(recursive)([3, 2]).data]).toEqual([4, 6, 6, 0]);
  expect(() => gradientOf(recursive, { backend: "source" })([3, 2])).toThrow(ReadError);
});
