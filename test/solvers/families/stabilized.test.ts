/** Runge–Kutta–Chebyshev steps: their stability polynomial in closed form, the number of their stages, and the bound they take it from. */
import { describe, expect, it } from "vitest";
import { odeProblem, rkc, rock2, rock4, solve } from "../../../index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../systems.ts";

const decay = systemOf("decay", 1, 1, ({ u, p, mul }) => [mul(mul(u[0], p[0]), -1)]);

/** One step of length one of u' = -λu from 1. */
function stepOf(lambda: number): { u: number; calls: number } {
  const { final, statistics, result } = integrate(prepare(decay, rkc(), { target: "javascript" }), {
    u0: Float64Array.of(1),
    p: Float64Array.of(lambda),
    t0: 0,
    t1: 1,
    rtol: 1,
    atol: 1,
    fixedStep: 1,
  });
  expect(result.kind).toBe("success");
  return { u: final[0], calls: statistics.rhsCalls };
}

/** Tₛ, and its first two derivatives, at x > 1 by hyperbolic functions; Tₛ alone within [-1, 1]. */
const chebyshev = (s: number, x: number): number =>
  Math.abs(x) <= 1 ? Math.cos(s * Math.acos(x)) : Math.cosh(s * Math.acosh(x));

function polynomial(s: number, z: number): number {
  const w0 = 1 + 2 / 13 / s ** 2;
  const [root, angle] = [Math.sqrt(w0 ** 2 - 1), s * Math.acosh(w0)];
  const d = (s * Math.sinh(angle)) / root;
  const dd = (s ** 2 * Math.cosh(angle) - w0 * d) / root ** 2;
  const b = dd / d ** 2;
  return 1 - b * chebyshev(s, w0) + b * chebyshev(s, w0 + (d / dd) * z);
}

/** Stages that the formula of the paper asks for: 1 + ⌊√(1 + 1.54 h ρ)⌋. */
const stagesFor = (x: number): number => Math.max(2, 1 + Math.floor(Math.sqrt(1 + 1.54 * x)));

describe("u' = -λu", () => {
  it.each([0.01, 0.5, 1.9, 3, 8, 20, 100, 777, 5000, 10000])(
    "with λ = %f: the polynomial of as many stages, which is stable",
    (lambda) => {
      const s = stagesFor(lambda);
      const { u, calls } = stepOf(lambda);
      // Rounding, of the closed form more than of the step.
      expect(Math.abs(u - polynomial(s, -lambda))).toBeLessThan(1e-13 * s ** 3);
      expect(Math.abs(u)).toBeLessThan(1);
      // The derivative at the start, and the stages' with that at the end.
      expect(calls).toBe(1 + s);
    },
  );
});

it("steps that would take too many stages are made shorter", () => {
  const { final, statistics, result } = integrate(prepare(decay, rkc(), { target: "javascript" }), {
    u0: Float64Array.of(1e-9),
    p: Float64Array.of(1e6),
    t0: 0,
    t1: 1,
    rtol: 1e-3,
    atol: 1e-3,
  });
  expect(result.kind).toBe("success");
  // h ρ is at most 128² / 1.54.
  expect(statistics.steps).toBeGreaterThan(1e6 / (128 ** 2 / 1.54));
  expect(Math.abs(final[0])).toBeLessThan(1e-9);
});

describe("the bound of the spectral radius", () => {
  it.each([rkc(), rock2(), rock4()])("of $name does not depend on the components' units", (solver) => {
    const chain = (units: readonly number[]) =>
      odeProblem({
        rhs(du, u, p) {
          const [a, b, c] = [u.a / p.s[0], u.b / p.s[1], u.c / p.s[2]];
          du.a = p.s[0] * (-40 * a + 9 * b);
          du.b = p.s[1] * (30 * a - 25 * b + 7 * c);
          du.c = p.s[2] * (20 * b - 15 * c);
        },
        u0: { a: units[0], b: units[1], c: units[2] },
        p: { s: units },
        tspan: [0, 1],
      });
    const solved = (units: readonly number[]) =>
      solve(chain(units), { solver, rtol: 1e-5, atol: { a: 1e-7 * units[0], b: 1e-7 * units[1], c: 1e-7 * units[2] } });
    const [plain, mixed] = [solved([1, 1, 1]), solved([2 ** -40, 2 ** 30, 2 ** -10])];
    // The bound is found iteratively, from other beginnings, and may take a stage more or less.
    expect(mixed.stats.rhsCalls).toBeLessThan(1.1 * plain.stats.rhsCalls);
    expect(mixed.u.at(-1)!.a * 2 ** 40).toBeCloseTo(plain.u.at(-1)!.a, 5);
  });
});
