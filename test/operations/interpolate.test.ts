/** Interpolation as a function: at the nodes, outside, and its derivatives of first and second order. */
import { describe, expect, it } from "vitest";
import { derivative, differentiable, gradient, gradientOf, hessian, odeProblem } from "../../index.ts";
import { interpolate, mul } from "../../src/operations/plain-operations.ts";
import type { InterpolationOptions, Table } from "../../src/operations/interpolate.ts";

const nodes = [-1, 0, 1, 2];
const values = [2, 0, 1, 5];
const tables: readonly (readonly [string, Table])[] = [
  ["uniform", { from: -1, to: 2, values }],
  ["by nodes", { nodes, values }],
];
const methods = ["linear", "cubic"] as const;

const interpolation = (table: Table, options: InterpolationOptions) =>
  differentiable(
    (x: number, { table, options }: { table: Table; options: InterpolationOptions }) => interpolate(table, x, options),
    {
      constants: { table, options },
    },
  );

describe.each(tables)("%s", (_, table) => {
  it.each(["source", "dual"])("slopes of lines: to the right of each node but the last, none outside (%s)", (backend) => {
    const slope = derivative(interpolation(table, { method: "linear" }), { backend });
    expect([-1.5, ...nodes, 2.5].map((x) => slope(x) + 0)).toEqual([0, -2, 1, 4, 4, 0]);
  });

  it.each(methods)("takes its values at the nodes, and holds them outside: %s", (method) => {
    expect([-9, ...nodes, 9].map((x) => interpolate(table, x, { method }))).toEqual([2, ...values, 5]);
  });

  it("slopes of cubics: at each node that of the parabola through it and its neighbours, from both sides", () => {
    const slope = derivative(interpolation(table, { method: "cubic" }));
    [-3.5, -0.5, 2.5, 5.5].forEach((expected, i) => expect(slope(nodes[i])).toBeCloseTo(expected, 13));
    for (const side of [-1e-9, 1e-9]) expect(slope(side)).toBeCloseTo(-0.5, 7);
  });
});

it.each(methods)("by the values: the weights of the nodes, which sum up to 1: %s", (method) => {
  const at = differentiable(
    (values: number[], { nodes, method }: { nodes: number[]; method: "linear" | "cubic" }) =>
      interpolate({ nodes, values }, 0.25, { method }),
    { constants: { nodes, method } },
  );
  const weights = gradientOf(at)(values);
  expect(weights.reduce((sum, w) => sum + w)).toBeCloseTo(1, 14);
  if (method === "linear") expect(weights).toEqual([0, 0.75, 0.25, 0]);
  expect(weights.reduce((sum, w, i) => sum + w * values[i], 0)).toBeCloseTo(interpolate({ nodes, values }, 0.25, { method }), 14);
});

it("second derivatives: of (value at x)² on the parabola x², 12 x²; of a line's square, twice its slope's", () => {
  const nodes = [-3, -2, 0.5, 1, 4];
  const squared = (method: "linear" | "cubic") =>
    hessian(
      differentiable(
        (x: number[], { table, method }: { table: Table; method: "linear" | "cubic" }) =>
          interpolate(table, x[0], { method }) ** 2,
        { constants: { table: { nodes, values: nodes.map((x) => x * x) }, method } },
      ),
    );
  expect(squared("cubic")([0.7]).get(0, 0)).toBeCloseTo(12 * 0.49, 12);
  expect(squared("linear")([0.7]).get(0, 0)).toBeCloseTo(2 * 1.5 ** 2, 12);
});

it.each(["tape", "compiledTape", "closure", "dual"])(
  "along a solution that passes nodes, vjps by %s are those by source",
  (vjp) => {
    const problem = odeProblem({
      rhs: (u, p, _t, { nodes }) => mul(-1, interpolate({ nodes, values: p }, u)),
      u0: new Float64Array([2.2, 0.4]),
      tspan: [0, 1],
      p: new Float64Array([0, 1.1, 1.5, 2.3]),
      constants: { nodes: [0, 0.5, 1, 2] },
    });
    const by = (backend: string): Float64Array =>
      gradient(problem, { loss: { final: (u) => u[0] * u[1] }, vjp: backend, adjoint: "gauss", rtol: 1e-8, atol: 1e-8 }).gradient
        .p!;
    const expected = by("source");
    by(vjp).forEach((slope, i) => expect(slope).toBeCloseTo(expected[i], 10));
  },
);
