import { expect, it } from "vitest";
import { gaussLegendre } from "../../../sensitivity/numerics/gauss-legendre.ts";

it("m points integrate x^k on [0, 1] exactly up to k = 2m - 1, and no further", () => {
  for (const m of [1, 2, 3, 4, 5, 8]) {
    const { nodes, weights } = gaussLegendre(m);
    const integral = (k: number): number => nodes.reduce((sum, x, i) => sum + weights[i] * x ** k, 0);
    for (let k = 0; k < 2 * m; k++) expect(integral(k)).toBeCloseTo(1 / (k + 1), 14);
    expect(Math.abs(integral(2 * m) - 1 / (2 * m + 1))).toBeGreaterThan(1e-12);
  }
});
