/** Residuals in units that are far from one. */
import { describe, expect, it } from "vitest";
import { daeProblem, fbdf, gradient, radauIIA5, rodas5P, solve } from "../../../index.ts";

const solvers = [fbdf(), radauIIA5(), rodas5P()];

describe("the form of the derivatives", () => {
  const tiny = 1e-12;
  const options = { rtol: 1e-8 };

  it.each([tiny, 1, 1 / tiny])("derivatives that enter as two sums are two, by a weight of %d", (w) => {
    const sums = daeProblem({
      residual(r, du, u, _p, _t, c) {
        r.a = du.a + c.w * du.b + u.a;
        r.b = du.a + 2 * c.w * du.b + u.a - 1;
      },
      u0: { a: 1, b: 0 },
      tspan: [0, 1],
      constants: { w },
    });
    const { a, b } = solve(sums, options).u.at(-1)!;
    expect(a).toBeCloseTo(2 * Math.exp(-1) - 1, 7);
    expect(b * w).toBeCloseTo(1, 7);
  });

  it.each([1e-10, 1, 1e10])("a sum whose weights change is refused, by a size of %d", (size) => {
    const changing = daeProblem({
      residual(r, du, u, p) {
        r.a = du.a + u.a * du.b + u.a;
        r.b = u.b - u.a / p.size;
      },
      u0: { a: size, b: 1 },
      tspan: [0, 1],
      p: { size },
    });
    expect(() => solve(changing, options)).toThrow(/weights change/);
  });

  it.each([1e-9, 1, 1e8, 1e9])("a sum is one derivative, by a weight of %d", (w) => {
    const sum = daeProblem({
      residual(r, du, u, _p, _t, c) {
        r.a = du.a + c.w * du.b + u.a;
        r.b = c.w * u.b - u.a;
      },
      u0: { a: 1, b: 1 / w },
      tspan: [0, 1],
      constants: { w },
    });
    expect(sum.layout.u.size).toBe(3);
    for (const solver of solvers) expect(solve(sum, { ...options, solver }).u.at(-1)!.a).toBeCloseTo(Math.exp(-0.5), 6);
  });
});

describe("derivatives", () => {
  it("that are small in units of the absolute tolerance are no component to warn of", () => {
    const slow = daeProblem({
      residual(r, du, u, p) {
        r.x = p.time * du.x + u.y;
        r.y = u.y - u.x;
      },
      u0: { x: 1, y: 1 },
      tspan: [0, 1e9],
      p: { time: 1e9 },
    });
    expect(solve(slow).warnings).toEqual([]);
    expect(gradient(slow, { loss: { final: (u) => u.x } }).warnings).toEqual([]);
  });
});
