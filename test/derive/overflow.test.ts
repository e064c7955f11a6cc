/** Where an exponential is too large for a number, what is finite of it is at its limit: its derivatives are 0, in every mode. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem } from "../../index.ts";
import { derivative, hessian } from "../../sensitivity/vjp/operators/operators.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";

const backends = Object.keys(vjpBackends).filter((name) => vjpBackends[name].capabilities.exact && !/user|closure/.test(name));

/** f of one number, where something overflows, the derivative there (0 by default). */
const rows: readonly (readonly [name: string, f: (x: number) => number, x: number, slope?: number])[] = [
  ["1 / (1 + exp(x))", (x) => 1 / (1 + Math.exp(x)), 800],
  ["1 / (exp(-x) + 1)", (x) => 1 / (Math.exp(-x) + 1), -800],
  ["x / (1 + exp(x))", (x) => x / (1 + Math.exp(x)), 1e4],
  ["3 - 2 / (1 + exp(x / 0.01))", (x) => 3 - 2 / (1 + Math.exp(x / 0.01)), 10],
  ["1 / (1 + exp(50 x)) just before it overflows", (x) => 1 / (1 + Math.exp(50 * x)), 14.195],
  ["1 / (1 + exp(x)) ** 2", (x) => 1 / (1 + Math.exp(x)) ** 2, 800],
  ["1 / (1 + exp(x)) ** 2 with an overflowing square", (x) => 1 / (1 + Math.exp(x)) ** 2, 500],
  ["1 / (1 + exp(x)) ** 3.5", (x) => 1 / (1 + Math.exp(x)) ** 3.5, 800],
  ["product of two", (x) => 1 / (1 + Math.exp(x)) / (1 + Math.exp(3 - x)), 900],
  ["exp(-exp(x))", (x) => Math.exp(-Math.exp(x)), 800],
  ["x / expm1(x)", (x) => x / Math.expm1(x), 800],
  ["1 / cosh(x)", (x) => 1 / Math.cosh(x), -800],
  ["1 / cosh(x) ** 2", (x) => 1 / Math.cosh(x) ** 2, 400],
  ["1 / cosh(x) ** 2, larger", (x) => 1 / Math.cosh(x) ** 2, 800],
  ["1 / sinh(x)", (x) => 1 / Math.sinh(x), -800],
  ["atan(exp(x))", (x) => Math.atan(Math.exp(x)), 800],
  ["1 / (1 + x ** 400)", (x) => 1 / (1 + x ** 400), 20],
  ["1 / (1 + x ** n)", (x) => 1 / (1 + 20 ** (100 * x)), 5],
  ["min(exp(x), 5)", (x) => Math.min(Math.exp(x), 5), 800],
  // Where nothing overflows.
  ["1 / (1 + exp(x)) at 1", (x) => 1 / (1 + Math.exp(x)), 1, -Math.E / (1 + Math.E) ** 2],
  ["log(exp(x))", (x) => Math.log(Math.exp(x)), 700, 1],
  ["1 / (1 + 1 / x) near 0", (x) => 1 / (1 + 1 / x), 1e-100, 1],
  ["1 / cosh(x) ** 2 at 1", (x) => 1 / Math.cosh(x) ** 2, 1, (-2 * Math.tanh(1)) / Math.cosh(1) ** 2],
];

describe.each(backends)("by %s", (backend) => {
  const options = { backend };

  it.each(rows.map(([name, f, x, slope = 0]) => [name, f, x, slope] as const))("%s", (_name, f, x, slope) => {
    const found = derivative(f, options)(x);
    expect(Math.abs(found - slope)).toBeLessThanOrEqual(1e-14 * Math.abs(slope));
  });

  it("twice", () => {
    const f = (x: number[]): number => x[1] / (1 + Math.exp(x[0])) + x[1] ** 2 / Math.cosh(x[0]) ** 2;
    expect([...hessian(f, options)([900, 2]).data].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });
});

it("a switch in time, steep enough to overflow: x' = a / (1 + exp((on - t) / w)) - k x", () => {
  const problem = odeProblem({
    rhs(du: { x: number }, u: { x: number }, p: { a: number; k: number; on: number }, t: number) {
      du.x = p.a / (1 + Math.exp(-(t - p.on) / 0.03)) - p.k * u.x;
    },
    u0: { x: 0 },
    p: { a: 5, k: 0.05, on: 37.3 },
    tspan: [0, 100],
  });
  const options = { loss: { final: (u: { x: number }) => u.x }, rtol: 1e-9, atol: 1e-9 } as const;
  for (const adjoint of [undefined, "gauss", "discrete", "dual"] as const) {
    const { value, gradient: by } = gradient(problem, adjoint ? { ...options, adjoint } : options);
    // Of a step at `on`, and what its width adds.
    const decayed = Math.exp(-0.05 * (100 - 37.3));
    expect(Math.abs(value / (100 * (1 - decayed)) - 1)).toBeLessThan(1e-4);
    expect(Math.abs(by.p!.a / (20 * (1 - decayed)) - 1)).toBeLessThan(1e-4);
    expect(Math.abs(by.p!.on / (-5 * decayed) - 1)).toBeLessThan(1e-4);
  }
});
