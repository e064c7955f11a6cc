/** Flat numbers and shapes, there and back. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { flatten, gradient, ndarray, odeProblem, unflatten } from "../../index.ts";
import { NonFinite, UnsupportedValue, WrongLength } from "../../src/core/errors.ts";

const p = { rate: 2, layer: { W: ndarray([1, 2, 3, 4, 5, 6], [2, 3]), b: new Float64Array([7, 8]) }, list: [9, 10] };

it("names in their order, arrays by rows; and back", () => {
  const flat = flatten(p);
  expect([...flat]).toEqual([2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const back = unflatten(
    flat.map((x) => 2 * x),
    p,
  );
  expect(back.rate).toBe(4);
  expect(back.layer.W.get(1, 0)).toBe(8);
  expect([...back.layer.b, ...back.list]).toEqual([14, 16, 18, 20]);
  expect([...flatten({ W: p.layer.W.T })]).toEqual([1, 4, 2, 5, 3, 6]);
});

it("any value is what it was", () => {
  const leaf = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
  );
  const values = fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.oneof(leaf, fc.dictionary(fc.stringMatching(/^[a-z]+$/), leaf)));
  fc.assert(
    fc.property(values, (value) => {
      const there: object = unflatten(flatten(value), value);
      expect(there).toEqual({ ...value });
    }),
  );
});

it("is the inverse of result.flat", () => {
  const problem = odeProblem({
    rhs: (u, q) => ({ x: -q.k.a * u.x + q.k.b }),
    u0: { x: 1 },
    p: { k: { a: 1, b: 2 } },
    tspan: [0, 1],
  });
  const result = gradient(problem, { loss: { final: (u) => u.x }, wrt: ["p", "u0"] });
  expect(unflatten(result.flat.p, problem.p)).toEqual(result.gradient.p);
  expect(flatten(result.gradient.u0)).toEqual(result.flat.u0);
});

it("refuses other lengths, what has no shape, and what is not finite", () => {
  expect(() => unflatten([1, 2], p)).toThrow(WrongLength);
  expect(() => unflatten([1, 2], p)).toThrow(/array of length 2, and the shape takes 11/);
  expect(() => unflatten(undefined as never, p)).toThrow(WrongLength);
  expect(() => flatten({ a: "1" })).toThrow(UnsupportedValue);
  expect(() => flatten({ a: [1, NaN] })).toThrow(NonFinite);
});
