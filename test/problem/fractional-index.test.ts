/** An index that is no whole number is said as it is. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../index.ts";

type Rhs = (u: number[], p: number[], t: number, constants: { table: number[] }) => number[];

const of = (rhs: Rhs, u0 = [0.25, 1]) => odeProblem({ rhs, u0, p: [1.5], tspan: [0, 1], constants: { table: [1, 2, 3, 4] } });

const cases: Readonly<Record<string, readonly [rhs: Rhs, said: RegExp]>> = {
  "a constant": [(_u, _p, _t, { table }) => [table[1.3], 0], /index 1\.3 of `table` is not a whole number/],
  "of the state": [(u, _p, _t, { table }) => [table[u[0]], 0], /index 0\.25 of `table` is not a whole number/],
  "of parameters": [(_u, p, _t, { table }) => [table[p[0] * 2 + 0.1], 0], /index 3\.1 of `table` is not a whole number/],
  "of the state itself": [(u) => [u[u[0] + 0.5], 0], /index 0\.75 of `u` is not a whole number/],
  "no number": [(u, _p, _t, { table }) => [table[Math.sqrt(-u[1])], 0], /index NaN of `table` is not a whole number/],
  "negative, and whole": [(u, _p, _t, { table }) => [table[u[1] - 3], 0], /index -2 is outside `table`, which has 4/],
  "too large, and whole": [(u, _p, _t, { table }) => [table[u[1] * 1e12], 0], /index 1000000000000 is outside `table`/],
};

describe("an index", () => {
  it.each(Object.entries(cases))("%s", (_, [rhs, said]) => expect(() => solve(of(rhs))).toThrow(said));

  it("advises to round", () => {
    expect(() => solve(of(cases["of the state"][0]))).toThrow(/round the index, as Math\.floor\(x\) does/);
    expect(() => solve(of(cases["negative, and whole"][0]))).not.toThrow(/round the index/);
  });

  it("that becomes a fraction on the way", () => {
    const climbing = of((_u, p, t, { table }) => [p[0] * table[2 * t], 0], [0, 1]);
    expect(() => solve(climbing)).toThrow(/the index 0?\.?\d.* of `table` is not a whole number/);
  });

  it("of a loss", () => {
    const still = of(() => [0, 0], [1.3, 1]);
    const loss = {
      final: (u: number[], _p: number[], { table }: { table: number[] }) => table[u[0]] * u[1],
      constants: { table: [1, 2, 3] },
    };
    expect(() => gradient(still, { loss: loss as never, wrt: ["u0"] })).toThrow(
      /the index 1\.3 of `table` is not a whole number/,
    );
  });
});
