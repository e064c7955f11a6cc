/** Second derivatives as differences of gradients, and how matrices are held against each other. */
import { expect } from "vitest";
import { gradient, type GradientOptions, type OdeProblem } from "../../../index.ts";
import { ownLayout } from "../../../src/arrays/layout.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { jacobianOf } from "../../matrix/jacobian.ts";

/** Of gradients whose differences are taken. */
export const tightly = { rtol: 1e-12, atol: 1e-12 } as const;

/** Of the largest entry, in units of what they are by. */
export function expectMatrix(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  units: readonly number[],
  within: number,
): void {
  const scaled = (matrix: ArrayLike<number>): number[] =>
    Array.from(matrix, (x, k) => x * units[Math.floor(k / units.length)] * units[k % units.length]);
  const [a, b] = [scaled(found), scaled(expected)];
  const size = Math.max(...b.map(Math.abs));
  expect(a).toHaveLength(b.length);
  a.forEach((x, k) => expect(Math.abs(x - b[k]) / size, `entry ${k}: ${found[k]}, not ${expected[k]}`).toBeLessThan(within));
}

/** By differences of gradients, a column at a time. */
export function byDifferences<U, P>(problem: OdeProblem<U, P>, options: GradientOptions<U, P, never>): Float64Array {
  const { p } = problem.layout;
  const u = ownLayout(problem.layout.u);
  const [parameters, state] = [pack(p, problem.p, "p"), pack(u, problem.u0, "u0")];
  const by = [options.wrt].flat();
  const x = Float64Array.of(...(by.includes("p") ? parameters : []), ...(by.includes("u0") ? state : []));
  const columns = jacobianOf((y) => {
    const moved = by.includes("p") ? y.slice(0, p.size) : parameters;
    const start = by.includes("u0") ? y.slice(-u.size) : state;
    const { flat } = gradient(problem, {
      ...options,
      p: unpack<P>(p, moved),
      u0: unpack<U>(u, start),
    } as unknown as GradientOptions<U, P>);
    return Float64Array.of(...(flat.p ?? []), ...(flat.u0 ?? []));
  }, x);
  return Float64Array.of(...columns.flatMap((column) => [...column]));
}
