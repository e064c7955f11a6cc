/** Functions with derivatives of their own: rules by hand, roots, fixed points. */
import { differentiable } from "../../../sensitivity/vjp/operators/differentiable.ts";
import { add, mul } from "../../../src/operations/plain-operations.ts";
import { implicit } from "../../../src/problem/implicit.ts";
import { scenario } from "../scenario.ts";

/** k x², with one rule; the other follows from it. */
const square = differentiable((x: Float64Array, k: number) => x.map((z) => k * z * z), {
  vjp: (v, x, k) => [x.map((z, i) => 2 * k * z * v[i]), x.reduce((sum, z, i) => sum + z * z * v[i], 0)],
});

/** An arctangent with a scale among its constants. */
const angle = differentiable((x: number, { scale }: { scale: number }) => Math.atan(scale * x), {
  constants: { scale: 1.5 },
  jvp: (dx, x, { scale }) => (scale * dx) / (1 + (scale * x) ** 2),
});

/** y³ + k y = x, by Newton's method. */
const root = implicit({
  solve(x: number, k: number) {
    let y = x;
    for (let i = 0; i < 40; i++) y -= (y * y * y + k * y - x) / (3 * y * y + k);
    return y;
  },
  residual: (y: number, x: number, k: number) => y * y * y + k * y - x,
});

/** y = 0.4 cos(y') + x, y' = 0.4 sin(y) - x', as long as it moves. */
const fixedPoint = implicit({
  solve(x: Float64Array) {
    const y = Float64Array.from(x);
    let change = 1;
    while (change > 1e-15) {
      const [first, second] = [0.4 * Math.cos(y[1]) + x[0], 0.4 * Math.sin(y[0]) - x[1]];
      change = Math.abs(first - y[0]) + Math.abs(second - y[1]);
      y[0] = first;
      y[1] = second;
    }
    return y;
  },
  residual: (y: Float64Array, x: Float64Array) => [y[0] - 0.4 * Math.cos(y[1]) - x[0], y[1] - 0.4 * Math.sin(y[0]) + x[1]],
});

const vector = (...elements: number[]): Float64Array => Float64Array.from(elements);

export const rules = [
  scenario({
    name: "a function with a rule by hand",
    u0: vector(0.4, -0.7, 1.2),
    p: { k: 0.8, w: vector(0.3, 0.9, -0.5) },
    rhs: (u, { k, w }, _t, { square }) => add(square(u, k), mul(w, square(w, 2))),
    constants: { square },
    traits: { arrays: ["u", "p"] },
  }),
  scenario({
    name: "a function with a tangent by hand, and constants",
    u0: [0.4, -0.7],
    p: [1.3],
    rhs: (u, p, _t, { angle }) => [angle(u[0] * p[0]), p[0] * angle(u[1]) ** 2],
    constants: { angle },
  }),
  scenario({
    name: "a root of an equation",
    u0: [0.9, 0.4],
    p: [0.7, 1.6],
    rhs: (u, p, t, { root }) => [root(u[0] * p[0] + t, p[1]), u[1] * root(p[0], 1)],
    constants: { root },
  }),
  scenario({
    name: "a fixed point of two equations",
    u0: vector(0.3, -0.8),
    p: vector(0.6, 1.1),
    rhs: (u, p, _t, { fixedPoint }) => add(fixedPoint(u), mul(u, fixedPoint(p))),
    constants: { fixedPoint },
    traits: { arrays: ["u", "p"] },
  }),
];
