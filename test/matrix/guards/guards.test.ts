/** Every guard by every verb on every backend; forward and reverse programs on every target, lanes with different arms among them. */
import { describe, expect, it } from "vitest";
import {
  derivative,
  gradientOf,
  hessian,
  hessianVectorProduct,
  jacobian,
  jvp,
  vjp,
} from "../../../sensitivity/vjp/operators/operators.ts";
import { vjpBackends } from "../../../sensitivity/vjp/backends/index.ts";
import { odeProblem } from "../../../src/problem/problem.ts";
import { jvpBatch, vjpBatch } from "../../../src/devices/index.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { forward } from "../../../src/derive/forward.ts";
import { reverse } from "../../../src/derive/reverse.ts";
import { NotDifferentiable } from "../../../src/core/errors.ts";
import { read } from "../../../src/read/index.ts";
import { layoutOf } from "../../../src/arrays/layout.ts";
import type { Program } from "../../../src/ir/ir.ts";
import { run } from "../../derive/harness.ts";
import { targets } from "../harness.ts";
import { guarded, singular, type Guarded } from "./scenarios.ts";

/** They need no rule of the user's, and see elements of arrays. */
const backends = Object.keys(vjpBackends).filter((name) => name !== "user" && name !== "closure");

type F = (x: number[]) => number;

function expectNear(found: Iterable<number>, expected: readonly number[], tolerance: number): void {
  const values = [...found];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(Math.abs(value - expected[i]), `${values} for ${expected}`).toBeLessThanOrEqual(tolerance));
}

describe.each(guarded)("$name", ({ f, x, gradient, hessian: [a, b, c], atEdge }) => {
  const at = [...x];
  const matrix = [a, b, b, c];

  it.each(backends)("%s", (backend) => {
    if (backend === "finite" && atEdge) return;
    const tolerance = backend === "finite" ? 1e-6 : 1e-13;
    const options = { backend };
    const fn = f as F;
    expectNear(gradientOf(fn, options)(at), gradient, tolerance);
    expectNear(vjp(fn, options)(at, -2), [-2 * gradient[0], -2 * gradient[1]], 2 * tolerance);
    expectNear([jvp(fn, options)(at, [3, 5])], [3 * gradient[0] + 5 * gradient[1]], 5 * tolerance);
    expectNear(jacobian(fn, options)(at).data, gradient, tolerance);
    if (!vjpBackends[backend].capabilities.exact) return;
    expectNear(hessian(fn, options)(at).data, matrix, 1e-12);
    expectNear(hessianVectorProduct(fn, options)(at, [3, 5]), [3 * a + 5 * b, 3 * b + 5 * c], 1e-12);
  });

  it.each(targets)("programs in %s", (target) => {
    const program = programOf(f);
    const arrays = { x: Float64Array.from(x), x_dot: Float64Array.of(1, 0, 0, 1) };
    const pushed = { ...arrays, result_dot: new Float64Array(2) };
    run(forward(program, { wrt: ["x"], chunk: 2 }), pushed, {}, target);
    expectNear(pushed.result_dot, gradient, 1e-13);
    const pulled = { ...arrays, x_bar: new Float64Array(2) };
    const pull = reverse(program, { wrt: ["x"] });
    run(pull, pulled, { result_bar: 1 }, target);
    expectNear(pulled.x_bar, gradient, 1e-13);
    const twice = { ...pulled, x_bar_dot: new Float64Array(4) };
    run(forward(pull, { wrt: ["x"], chunk: 2 }), twice, { result_bar: 1 }, target);
    expectNear(twice.x_bar_dot, matrix, 1e-12);
  });
});

describe.each(singular)("$name has no derivative", ({ f, x }) => {
  const at = [...x];
  it.each(backends.filter((name) => vjpBackends[name].capabilities.exact))("%s", (backend) => {
    const options = { backend };
    const fn = f as F;
    expect(() => gradientOf(fn, options)(at)).toThrow(NotDifferentiable);
    expect(() => vjp(fn, options)(at, 1)).toThrow(NotDifferentiable);
    expect(() => jvp(fn, options)(at, [1, 1])).toThrow(NotDifferentiable);
    expect(() => jacobian(fn, options)(at)).toThrow(NotDifferentiable);
    expect(() => hessian(fn, options)(at)).toThrow(NotDifferentiable);
    expect(() => hessianVectorProduct(fn, options)(at, [1, 1])).toThrow(NotDifferentiable);
  });
});

it("says where", () => {
  expect(() => derivative((x: number) => 1 + Math.sqrt(x))(0)).toThrow(
    /line 1, column \d+: the derivative of `sqrt` at 0 is Infinity/,
  );
});

it.each(targets)("directions and weights that are zero have derivatives by themselves, in %s", (target) => {
  const program = programOf((x) => x[0] / (1 + x[0]) + Math.log(x[1]) + (x[0] > 0 ? Math.sqrt(x[0]) : 0));
  const slopes = [0.25 + 0.5, 0.5];
  const pushed = { x: Float64Array.of(1, 2), x_dot: new Float64Array(2), x_dot_dot: Float64Array.of(1, 0, 0, 1) };
  const byDirection = { ...pushed, result_dot: new Float64Array(1), result_dot_dot: new Float64Array(2) };
  run(forward(forward(program, { wrt: ["x"] }), { wrt: ["x_dot"], chunk: 2 }), byDirection, {}, target);
  expectNear(byDirection.result_dot_dot, slopes, 1e-15);
  const byWeight = {
    x: pushed.x,
    result_bar_dot: Float64Array.of(1),
    x_bar: new Float64Array(2),
    x_bar_dot: new Float64Array(2),
  };
  run(forward(reverse(program, { wrt: ["x"] }), { wrt: ["result_bar"] }), byWeight, { result_bar: 0 }, target);
  expectNear(byWeight.x_bar_dot, slopes, 1e-15);
});

describe("batches, each trajectory with an arm of its own", () => {
  const problem = odeProblem({
    rhs: (u) => [
      u[0] > 0 ? Math.sqrt(u[0]) : u[0] < -1 ? Math.log(-u[0]) : 2 * u[0],
      Math.max(0, u[1]) ** 0.5 + (u[1] === 0 ? 1 : Math.sin(u[1]) / u[1]),
    ],
    u0: [1, 1],
    tspan: [0, 1],
  });
  const states = [4, 4, -2, -1, 0, 0, -0.5, 0, 1, -3, 0, 1, 9, 2];
  const slope = (x: number): number => (x > 0 ? 0.5 / Math.sqrt(x) : x < -1 ? 1 / x : 2);
  const sinc = (y: number): number => (y === 0 ? 0 : (Math.cos(y) - Math.sin(y) / y) / y);
  const expected = states.map((v, i) => (i % 2 === 0 ? slope(v) : (v > 0 ? 0.5 / Math.sqrt(v) : 0) + sinc(v)));
  const u = ndarray(Float64Array.from(states), [7, 2]);
  const v = ndarray(new Float64Array(14).fill(1), [7, 2]);

  it("vjpBatch", async () => expectNear((await vjpBatch(problem, { u, v })).u.data, expected, 1e-14));
  it("jvpBatch", async () => expectNear((await jvpBatch(problem, { u, v })).tangent.data, expected, 1e-14));

  it("names the trajectory that has none", async () => {
    const root = odeProblem({ rhs: (w) => [Math.sqrt(w[0])], u0: [1], tspan: [0, 1] });
    const point = { u: ndarray([1, 4, 0, 9], [4, 1]), v: ndarray([1, 1, 1, 1], [4, 1]) };
    await expect(vjpBatch(root, point)).rejects.toThrow(/`sqrt` at 0 is Infinity, at trajectory 2/);
    await expect(jvpBatch(root, point)).rejects.toThrow(NotDifferentiable);
  });
});

function programOf(f: Guarded["f"]): Program {
  return read({
    fn: f as never,
    name: "f",
    parameters: [{ kind: "layout", name: "x", layout: layoutOf([1, 1], "x"), role: "input" }],
    returns: { kind: "scalar" },
  } as never);
}
