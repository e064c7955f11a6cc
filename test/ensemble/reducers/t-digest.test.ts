import { describe, expect, it } from "vitest";
import { addToDigest, DIGEST_SIZE, digestQuantile, mergeDigests } from "../../../ensemble/reducers/t-digest.ts";
import { normalBelow } from "../../../src/core/normal.ts";
import { quantileOf } from "../../../src/core/quantile.ts";
import { normals, uniforms } from "../../../src/core/random.ts";

function digestOf(values: Iterable<number>): Float64Array {
  const digest = new Float64Array(DIGEST_SIZE);
  for (const x of values) addToDigest(digest, 0, x);
  return digest;
}

const COUNT = 100_000;
/** Half of a centroid, as a part of √(q (1 − q)): π / δ. */
const HALF = Math.PI / 200;
const uniform = uniforms(5);
const normal = normals(7);

/** With their distribution functions. */
const distributions: Readonly<Record<string, { readonly draw: () => number; readonly below: (x: number) => number }>> = {
  uniform: { draw: uniform, below: (x) => x },
  normal: { draw: normal, below: normalBelow },
  exponential: { draw: () => -Math.log(uniform()), below: (x) => 1 - Math.exp(-x) },
  "two far peaks": {
    draw: () => (uniform() < 0.5 ? -100 : 100) + normal(),
    below: (x) => (normalBelow(x + 100) + normalBelow(x - 100)) / 2,
  },
};

const probabilities = [0, 1e-4, 0.001, 0.01, 0.05, 0.25, 0.4, 0.6, 0.75, 0.95, 0.99, 0.999, 1];

describe.each(Object.entries(distributions))("of a %s distribution", (_, { draw, below }) => {
  const values = Float64Array.from({ length: COUNT }, draw);
  const sorted = values.toSorted();
  /** The part of the numbers that are smaller, less the probability. */
  const errorOf = (digest: Float64Array, q: number): number => {
    const x = digestQuantile(digest, q);
    return Math.abs(sorted.findIndex((y) => y >= x) / (COUNT - 1) - q);
  };

  it("quantiles are those of the numbers, finest at the ends", () => {
    const digest = digestOf(values);
    for (const q of probabilities) expect(errorOf(digest, q), String(q)).toBeLessThan(HALF * Math.sqrt(q * (1 - q)) + 2 / COUNT);
  });

  it("merged of parts they are, too", () => {
    const whole = digestOf([]);
    for (let from = 0; from < COUNT; from += 999) mergeDigests(whole, digestOf(values.subarray(from, from + 999)));
    for (const q of probabilities) expect(errorOf(whole, q), String(q)).toBeLessThan(HALF * Math.sqrt(q * (1 - q)) + 2 / COUNT);
  });

  it("they are those of the distribution to the error of a sample", () => {
    const digest = digestOf(values);
    for (const q of probabilities.slice(1, -1)) {
      const deviation = Math.sqrt((q * (1 - q)) / COUNT);
      expect(Math.abs(below(digestQuantile(digest, q)) - q), String(q)).toBeLessThan(
        HALF * Math.sqrt(q * (1 - q)) + 5 * deviation,
      );
    }
  });
});

describe("of few numbers", () => {
  it.each([1, 2, 5, 30])("%d: exact", (count) => {
    const values = Float64Array.from({ length: count }, normal);
    const digest = digestOf(values);
    for (const q of probabilities) expect(digestQuantile(digest, q)).toBeCloseTo(quantileOf(values.toSorted(), q), 12);
  });

  it("none: no number", () => {
    expect(digestQuantile(digestOf([]), 0.5)).toBeNaN();
  });

  it("all the same: that one", () => {
    const digest = digestOf(new Float64Array(1000).fill(3));
    for (const q of probabilities) expect(digestQuantile(digest, q)).toBe(3);
  });
});

it("sorted numbers are no harder than others", () => {
  const digest = digestOf(Float64Array.from({ length: COUNT }, (_, i) => i / (COUNT - 1)));
  for (const q of probabilities)
    expect(Math.abs(digestQuantile(digest, q) - q)).toBeLessThan(HALF * Math.sqrt(q * (1 - q)) + 1e-5);
});
