/** Derivatives of powers by base and exponent: right, zero and negative bases included, or refused. */
import { describe, expect, it } from "vitest";
import { derivative, gradientOf, hessian } from "../../sensitivity/vjp/operators/operators.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";
import { NotDifferentiable } from "../../src/core/errors.ts";

const backends = Object.keys(vjpBackends).filter((name) => vjpBackends[name].capabilities.exact && !/user|closure/.test(name));

const power = (x: number[]): number => x[0] ** x[1];

/** f of one number, where, and the derivative there. */
const rows: readonly (readonly [name: string, f: (x: number) => number, x: number, slope: number])[] = [
  ["x ** 4", (x) => x ** 4, -1.5, -13.5],
  ["x ** 4 at 0", (x) => x ** 4, 0, 0],
  ["x ** 5", (x) => Math.pow(x, 5), -2, 80],
  ["x ** 1 at 0", (x) => x ** 1, 0, 1],
  ["x ** 0 at 0", (x) => x ** 0, 0, 0],
  ["(x * x) ** 0 at 0", (x) => (x * x) ** 0, 0, 0],
  ["x ** n with n = 0 at 0", (x) => x ** Math.floor(x), 0, 0],
  ["x ** 1.5 at 0", (x) => x ** 1.5, 0, 0],
  ["x ** 2.5", (x) => x ** 2.5, 4, 20],
  ["x ** -2", (x) => x ** -2, -2, 0.25],
  ["x ** -0.5", (x) => x ** -0.5, 4, -1 / 16],
  ["x ** 3.7", (x) => x ** 3.7, 2, 3.7 * 2 ** 2.7],
  ["x ** 3.7 at 0", (x) => x ** 3.7, 0, 0],
  ["x **= 6", (x) => ((x **= 6), x), -1, -6],
  ["2 ** x", (x) => 2 ** x, 3, 8 * Math.LN2],
  ["0 ** x", (x) => 0 ** x + x, 2, 1],
  ["x ** x", (x) => x ** x, 2, 4 * (1 + Math.LN2)],
  ["Math.sqrt(x)", (x) => Math.sqrt(x), 4, 0.25],
  ["Math.cbrt(x)", (x) => Math.cbrt(x), -8, 1 / 12],
  ["Math.hypot(x, 3)", (x) => Math.hypot(x, 3), 4, 0.8],
  ["Math.hypot(x, 3) at 0", (x) => Math.hypot(x, 3), 0, 0],
];

describe.each(backends)("by %s", (backend) => {
  const options = { backend };

  it.each(rows)("%s", (_name, f, x, slope) => {
    expect(Math.abs(derivative(f, options)(x) - slope)).toBeLessThanOrEqual(4e-15 * Math.max(1, Math.abs(slope)));
  });

  it.each([
    [2, 3, 12, 8 * Math.LN2],
    [0, 3, 0, 0],
    [0, 1, 1, 0],
    [3, 0, 0, Math.log(3)],
    [2, -1, -0.25, Math.LN2 / 2],
  ])("%d ** %d by both", (x, y, byBase, byExponent) => {
    const found = gradientOf(power, options)([x, y]);
    expect(found[0]).toBeCloseTo(byBase, 13);
    expect(found[1]).toBeCloseTo(byExponent, 13);
  });

  it.each([
    [-2, 3],
    [0, 0],
    [0, 0.5],
  ])("%d ** %d has no derivative by both", (x, y) => {
    expect(() => gradientOf(power, options)([x, y])).toThrow(NotDifferentiable);
  });

  it("a negative base with a whole exponent that is a variable, by the base", () => {
    const f = (x: number[], n: number): number => x[0] ** n;
    expect(gradientOf(f, options)([-2], 3)).toEqual([12]);
    expect(gradientOf(f, options)([0], 0)).toEqual([0]);
  });

  it("twice", () => {
    const f = (x: number[]): number => x[0] ** 6 + x[0] ** 2.5 * x[1] ** 4;
    const found = hessian(f, options)([4, -1]).data;
    [30 * 4 ** 4 + 3.75 * 2, -4 * 20, -4 * 20, 12 * 32].forEach((value, i) => expect(found[i]).toBeCloseTo(value, 10));
  });
});
