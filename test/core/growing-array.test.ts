import { describe, expect, it } from "vitest";
import { GrowingArray } from "../../src/core/growing-array.ts";

const numbers = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => i + 1);
const held = (array: GrowingArray): number[] => [...array.data.subarray(0, array.length)];

describe("memory that is given once there is something to store", () => {
  it("is asked for then, and used", () => {
    const spare = new Float64Array(100).fill(7);
    let asked = 0;
    const array = new GrowingArray(undefined, () => (asked++, spare));
    expect(asked).toBe(0);
    array.append(numbers(3));
    array.append(numbers(2));
    expect([asked, array.data]).toEqual([1, spare]);
    expect(held(array)).toEqual([1, 2, 3, 1, 2]);
  });

  it("grows where it is too short, or there is none", () => {
    for (const spare of [new Float64Array(2), undefined]) {
      const array = new GrowingArray(undefined, () => spare);
      array.append(numbers(70));
      array.append(numbers(70));
      expect(held(array)).toEqual([...numbers(70), ...numbers(70)]);
    }
  });
});

it("forgets the last numbers, and holds no more than twice the memory of those that are left", () => {
  const array = new GrowingArray();
  for (let i = 0; i < 64; i++) array.append(numbers(4));
  for (let left = 252; left >= 0; left -= 4) {
    array.truncate(left);
    expect(array.length).toBe(left);
    expect(array.data.length).toBeLessThanOrEqual(2 * left);
    expect(held(array)).toEqual(Array.from({ length: left }, (_, i) => (i % 4) + 1));
  }
  array.append(numbers(1));
  expect(held(array)).toEqual([1]);
});
