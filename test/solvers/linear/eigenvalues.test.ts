/** Against ml-matrix, and matrices whose eigenvalues are known. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { eigenvalues, type Complex } from "../../../solvers/linear/eigenvalues.ts";
import { pseudoRandom } from "../../../src/problem/pseudo-random.ts";

const inOrder = (values: readonly Complex[]): Complex[] => values.toSorted((a, b) => a.re - b.re || a.im - b.im);

/** The distance from each of some numbers to the nearest of others. */
function farthest(of: readonly Complex[], from: readonly Complex[]): number {
  return Math.max(...of.map((x) => Math.min(...from.map((y) => Math.hypot(x.re - y.re, x.im - y.im)))));
}

describe("eigenvalues", () => {
  it.each([1, 2, 3, 5, 17, 60])("of random matrices of %i rows are those of ml-matrix", (n) => {
    const random = pseudoRandom();
    for (let round = 0; round < 5; round++) {
      const a = Float64Array.from({ length: n * n }, () => random());
      const { realEigenvalues: re, imaginaryEigenvalues: im } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, a));
      const known = re.map((x, i) => ({ re: x, im: im[i] }));
      const { values, error } = eigenvalues(a, n)!;
      expect(values).toHaveLength(n);
      expect(farthest(values, known)).toBeLessThan(1e-9);
      expect(farthest(known, values)).toBeLessThan(1e-9);
      expect(error).toBeLessThan(1e-9);
    }
  });

  it("of a rotation are a pair on the unit circle", () => {
    const [first, second] = inOrder(eigenvalues(Float64Array.of(0.6, -0.8, 0.8, 0.6), 2)!.values);
    expect(first.re).toBeCloseTo(0.6, 14);
    expect(first.im).toBeCloseTo(-0.8, 14);
    expect(second.im).toBeCloseTo(0.8, 14);
  });

  it("of a cyclic shift, for which unshifted iterations never end, are the roots of unity", () => {
    const n = 6;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) a[((i + 1) % n) * n + i] = 1;
    const roots = Array.from({ length: n }, (_, k) => ({
      re: Math.cos((2 * Math.PI * k) / n),
      im: Math.sin((2 * Math.PI * k) / n),
    }));
    expect(farthest(roots, eigenvalues(a, n)!.values)).toBeLessThan(1e-12);
  });

  it("are not touched by units: a matrix that is scaled by D⁻¹ A D has those of A, and so has what is triangular", () => {
    const a = [-3, 1, 0.5, 0.2, -1, 0.1, 0.3, 0.4, -2];
    const sizes = [1, 1e9, 1e-9];
    const scaled = Float64Array.from(a, (x, k) => (x * sizes[k % 3]) / sizes[Math.floor(k / 3)]);
    const known = eigenvalues(Float64Array.from(a), 3)!.values;
    expect(farthest(eigenvalues(scaled, 3)!.values, known)).toBeLessThan(1e-12);
    const triangular = eigenvalues(Float64Array.of(-1, 1e12, 0, -2), 2)!.values;
    expect(inOrder(triangular)).toEqual([
      { re: -2, im: 0 },
      { re: -1, im: 0 },
    ]);
  });

  it("of what is not finite there are none", () => {
    expect(eigenvalues(Float64Array.of(NaN), 1)).toBeUndefined();
    expect(eigenvalues(new Float64Array(4), 2)!.values).toEqual([
      { re: 0, im: 0 },
      { re: 0, im: 0 },
    ]);
  });
});
