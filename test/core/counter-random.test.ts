import { expect, it } from "vitest";
import { philox, uniformPair } from "../../src/core/counter-random.ts";

// The known answers of Random123 1.14 (D. E. Shaw Research, kat_vectors): philox4x32, 10 rounds.
it.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])("the generator gives its published numbers", (counter, key, expected) => {
  expect(philox(counter, key)).toEqual(expected);
});

it("uniform numbers are even, and independent between neighbours", () => {
  const count = 20_000;
  const all = Array.from({ length: count }, (_, i) => uniformPair(7, i, 3));
  const mean = (of: (i: number) => number): number => all.reduce((sum, _, i) => sum + of(i), 0) / count;
  // Deviations of these means are 1 / sqrt(12 count) = 0.002, and less of the products.
  expect(mean((i) => all[i][0])).toBeCloseTo(0.5, 2);
  expect(mean((i) => all[i][1])).toBeCloseTo(0.5, 2);
  expect(mean((i) => all[i][0] * all[i][1])).toBeCloseTo(0.25, 2);
  expect(mean((i) => all[i][0] * all[(i + 1) % count][0])).toBeCloseTo(0.25, 2);
});

it("an index beyond 32 bits is another one", () => {
  expect(uniformPair(1, 5, 0)).not.toEqual(uniformPair(1, 5 + 2 ** 32, 0));
});
