/** Our ndarrays against those of the package. */
import fc from "fast-check";
import packaged from "ndarray";
import { describe, expect, it } from "vitest";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { isNdArray } from "../../src/core/array-values.ts";
import { WrongLength } from "../../src/core/errors.ts";

type Packaged = packaged.NdArray<Float64Array>;

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 5 });

const both = (shape: readonly number[]): [NdArray, Packaged] => {
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
  return [ndarray(data, shape), packaged(data.slice(), [...shape])];
};

const indicesOf = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((all, extent) => all.flatMap((head) => Array.from({ length: extent }, (_, i) => [...head, i])), [[]]);

function expectSame(ours: NdArray, theirs: Packaged): void {
  expect(ours.shape).toEqual([...theirs.shape]);
  expect([ours.size, ours.dimension, ours.offset]).toEqual([theirs.size, theirs.dimension, theirs.offset]);
  for (const indices of indicesOf(ours.shape)) {
    expect(ours.index(...indices)).toBe(theirs.index(...indices));
    expect(ours.get(...indices)).toBe(theirs.get(...indices));
    expect(ours.set(...indices, -ours.offset)).toBe(theirs.set(...indices, -ours.offset));
  }
  expect([...ours.data]).toEqual([...theirs.data]);
}

describe("like the package's", () => {
  it("elements", () => fc.assert(fc.property(shapes, (shape) => expectSame(...both(shape)))));

  const viewed = (name: string, view: (array: NdArray, k: readonly number[]) => NdArray): void =>
    it(name, () =>
      fc.assert(
        fc.property(
          shapes.filter((shape) => shape.length > 0),
          fc.infiniteStream(fc.nat(3)),
          (shape, numbers) => {
            const k = shape.map(() => numbers.next().value as number);
            const [ours, theirs] = both(shape);
            expectSame(view(ours, k), view(theirs as unknown as NdArray, k) as unknown as Packaged);
          },
        ),
      ),
    );
  const within = (array: NdArray, k: readonly number[]): number[] => array.shape.map((extent, axis) => k[axis] % extent);

  viewed("lo", (a, k) => a.lo(...within(a, k)));
  viewed("hi", (a, k) => a.hi(...(within(a, k).map((i) => (i === 0 ? null : i)) as number[])));
  viewed("step", (a, k) => a.step(...k.map((i) => [1, 2, -1, -2][i])));
  viewed("transpose", (a, k) => a.transpose(...k.map((_, axis) => (axis + 1) % k.length)));
  viewed("pick", (a, k) => a.pick(...within(a, k).map((i, axis) => ((k[axis] + axis) % 2 ? i : null))));
  viewed("views of views", (a, k) =>
    a
      .lo(...within(a, k))
      .step(-1)
      .pick(0),
  );
});

it("is known as an ndarray, over any numbers, with strides and an offset", () => {
  const turned = ndarray([1, 2, 3, 4, 5, 6, 7], [2, 3], [1, 2], 1);
  expect(isNdArray(turned)).toBe(true);
  expect([turned.get(0, 0), turned.get(1, 0), turned.get(1, 2)]).toEqual([2, 3, 7]);
  expect(ndarray(new Int32Array([1, 2])).shape).toEqual([2]);
});

it("refuses a shape that is larger than the data", () => {
  expect(() => ndarray(new Float64Array(3), [2, 2])).toThrow(WrongLength);
  expect(() => ndarray(new Float64Array(3), [2, 2])).toThrow(/shape \[2, 2\] takes 4 elements from 0 on, and the data has 3/);
});
