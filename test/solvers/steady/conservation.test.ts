/** Conservation laws of matrices of which they are known. */
import { expect, it } from "vitest";
import { steadyState } from "../../../index.ts";
import { hires, pollution } from "../../../problems/index.ts";
import { conservationLaws } from "../../../solvers/steady/conservation.ts";

const column = (...entries: number[]): Float64Array => Float64Array.from(entries);

it("are what no column reaches, whatever the columns' sizes", () => {
  const laws = conservationLaws(3, [column(-1, 1, 0), column(1e20, -1e20, 0), column(0, -1e-200, 1e-200)], 1e-12);
  expect(laws).toHaveLength(1);
  laws[0].forEach((weight) => expect(Math.abs(weight)).toBeCloseTo(1 / Math.sqrt(3), 14));
});

it("are all there are where nothing changes, and none where everything does", () => {
  expect(conservationLaws(2, [column(0, 0)], 1e-12).map((law) => [...law])).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(conservationLaws(2, [column(1, 1), column(1, 1 + 1e-9)], 1e-12)).toEqual([]);
});

it("hold to rounding beside columns that almost depend on each other", () => {
  const columns = [column(-1, 1, 0, 0), column(-1, 1 + 1e-10, -1e-10, 0), column(0, 1, -1, 0), column(0, 1, 1, -2)];
  const [law, ...others] = conservationLaws(4, columns, 1e-13);
  expect(others).toEqual([]);
  for (const c of columns) expect(Math.abs(c.reduce((sum, x, i) => sum + x * law[i], 0))).toBeLessThan(1e-15);
});

it.each([
  ["pollution: nitrogen, carbon and sulphur", pollution, 3],
  ["hires: the enzyme", hires, 1],
] as const)("of %s", (_, make, count) => {
  const { problem } = make();
  const { conserved, stable, eigenvalue } = steadyState(problem as never);
  expect(conserved).toHaveLength(count);
  // Of pollution it is singular: nothing moves any more, and nothing pulls back either.
  expect(stable).toBe(count === 1 ? true : undefined);
  expect(eigenvalue!.re).toBeLessThan(1e-7);
});
