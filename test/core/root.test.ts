/** Roots to rounding, in the few evaluations that inverse quadratic interpolation takes. */
import { describe, expect, it } from "vitest";
import { rootBetween, type Sample } from "../../src/core/root.ts";

function found(f: (t: number) => number, from: number, to: number): { readonly root: Sample; readonly evaluations: number } {
  let evaluations = 0;
  const counted = (t: number): number => (evaluations++, f(t));
  const root = rootBetween(counted, { t: from, value: f(from) }, { t: to, value: f(to) });
  return { root, evaluations };
}

/** A function, between what, its root there, and the evaluations that suffice. */
const rows: readonly (readonly [name: string, f: (t: number) => number, from: number, to: number, root: number, most: number])[] =
  [
    ["t² - 2", (t) => t * t - 2, 1, 2, Math.SQRT2, 8],
    ["2 - t², backwards", (t) => 2 - t * t, 2, 1, Math.SQRT2, 8],
    ["cos t", Math.cos, 0, 3, Math.PI / 2, 8],
    ["exp t - 3", (t) => Math.exp(t) - 3, -1, 5, Math.log(3), 11],
    ["t, at zero", (t) => t, -1, 3, 0, 3],
    ["t³, flat at its root", (t) => t ** 3, -1, 2, 0, 90],
  ];

describe.each(rows)("%s", (_name, f, from, to, expected, most) => {
  it("is found to rounding", () => {
    const { root } = found(f, from, to);
    expect(Math.abs(root.t - expected)).toBeLessThanOrEqual(2 ** -51 * Math.max(Math.abs(expected), 2 ** -25));
    expect(root.value).toBe(f(root.t));
  });

  it("is found soon", () => expect(found(f, from, to).evaluations).toBeLessThanOrEqual(most));
});

it("a jump is bisected", () => {
  const { root, evaluations } = found((t) => (t < 0.3 ? -1 : 1), 0, 1);
  expect(Math.abs(root.t - 0.3)).toBeLessThanOrEqual(2 ** -53);
  expect(evaluations).toBeLessThan(60);
});
