/** Conservation laws of matrices of which they are known. */
import { expect, it } from "vitest";
import { gradient, odeProblem, steadyState } from "../../../index.ts";
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

it("hold nothing but zeros of what is not in them: an enzyme with substrate that flows in and out", () => {
  const enzyme = odeProblem({
    rhs(du, u, p) {
      const v = p.k1 * u.E * u.S - p.k2 * u.ES;
      du.E = -v + p.k3 * u.ES;
      du.ES = v - p.k3 * u.ES;
      du.S = p.inp - v - p.d * u.S;
    },
    u0: { E: 1, ES: 0.5, S: 2 },
    p: { k1: 2, k2: 1, k3: 0.7, inp: 0.8, d: 0.1 },
    tspan: [0, 1],
  });
  expect(steadyState(enzyme).conserved[0][2]).toBe(0);
  const { p } = gradient(enzyme, { loss: { steady: (u) => u.ES } }).gradient;
  // Central differences of the root by bisection.
  const expected = {
    k1: 0.0644080943645875,
    k2: -0.07577422866370902,
    k3: -0.9253752906686804,
    inp: 0.9044211651626498,
    d: -1.288161887276947,
  };
  for (const [name, value] of Object.entries(expected)) expect(p[name as keyof typeof expected]).toBeCloseTo(value, 5);
});
