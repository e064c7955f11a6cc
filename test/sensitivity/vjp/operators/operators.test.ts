import { ndarray, type NdArray } from "../../../../src/arrays/ndarray.ts";
import { describe, expect, expectTypeOf, test } from "vitest";
import { differentiable } from "../../../../sensitivity/vjp/operators/differentiable.ts";
import {
  derivative,
  gradientOf,
  hessian,
  hessianVectorProduct,
  jacobian,
  jvp,
  vjp,
} from "../../../../sensitivity/vjp/operators/operators.ts";
import { add, dot, matmul, mul, sum, tanh } from "../../../../src/operations/plain-operations.ts";
import { BackendRefused, BadGradientOption, SignatureMismatch, TrackedAsNumber } from "../../../../sensitivity/vjp/errors.ts";
import { CapturedVariable } from "../../../../src/read/syntax/errors.ts";
import { ShapeMismatch, UnsupportedValue } from "../../../../src/core/errors.ts";
import { expectClose } from "../harness.ts";
import { withoutInspector } from "../../../without-inspector.ts";

const backends = [
  ["source", 1e-14],
  ["dual", 1e-14],
  ["tape", 1e-14],
  ["compiledTape", 1e-14],
  ["finite", 1e-7],
] as const;

function rosenbrock(x: readonly number[]): number {
  return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2;
}

describe.each(backends)("operators by %s", (backend, tolerance) => {
  test("derivative of a number", () => {
    const df = derivative((x: number) => Math.sin(x) * Math.exp(2 * x), { backend });
    expectClose([df(0.7)], [(Math.cos(0.7) + 2 * Math.sin(0.7)) * Math.exp(1.4)], tolerance);
  });

  test("derivative of a curve", () => {
    const tangent = derivative((t: number) => ({ x: Math.cos(t), y: [t, t ** 3] }), { backend })(0.5);
    expectClose([tangent.x, ...tangent.y], [-Math.sin(0.5), 1, 0.75], tolerance);
    expectTypeOf(tangent).toEqualTypeOf<{ x: number; y: number[] }>();
  });

  test("gradient", () => {
    expectClose(gradientOf(rosenbrock, { backend })([-1.2, 1]), [-215.6, -88], tolerance);
  });

  test("gradient in the shape of a nested object", () => {
    const g = gradientOf((x: { a: number; inner: { w: Float64Array } }) => x.a * x.inner.w[0] * x.inner.w[1] ** 2, { backend });
    const { a, inner } = g({ a: 2, inner: { w: new Float64Array([3, 5]) } });
    expectClose([a, ...inner.w], [75, 50, 60], tolerance);
    expect(inner.w).toBeInstanceOf(Float64Array);
  });

  test("jacobian, tall and wide", () => {
    const tall = jacobian((x: number[]) => [x[0] * x[1], x[0] ** 2, x[1] ** 3], { backend })([2, 3]);
    expect(tall.shape).toEqual([3, 2]);
    expectClose(tall.data, [3, 2, 4, 0, 0, 27], tolerance);
    const wide = jacobian((x: number[]) => [x[0] * x[1] * x[2]], { backend })([2, 3, 5]);
    expect(wide.shape).toEqual([1, 3]);
    expectClose(wide.data, [15, 10, 6], tolerance);
  });

  test("jvp and vjp; further arguments are held fixed", () => {
    const f = (x: number[], k: number): number[] => [k * x[0] * x[1], x[0] / x[1]];
    expectClose(jvp(f, { backend })([2, 4], [1, -2], 3), [3 * (4 - 4), 1 / 4 + 2 * (2 / 16)], tolerance);
    expectClose(vjp(f, { backend })([2, 4], [1, 8], 3), [12 + 2, 6 - 1], tolerance);
  });
});

describe("second derivatives", () => {
  const x = [-1.2, 1];
  const expected = [1200 * 1.44 - 400 + 2, 480, 480, 200];

  test.each(["source", "dual", "tape", "compiledTape"])("hessian and its product by %s", (backend) => {
    const H = hessian(rosenbrock, { backend })(x);
    expect(H.shape).toEqual([2, 2]);
    expectClose(H.data, expected, 1e-13);
    expectClose(hessianVectorProduct(rosenbrock, { backend })(x, [1, -2]), [expected[0] - 960, 480 - 400], 1e-13);
  });

  test("through a loop of array operations", () => {
    const W = ndarray(new Float64Array([0.3, -0.8, 0.5, 0.2]), [2, 2]);
    const f = differentiable(
      (x: Float64Array, { W, steps }: { W: NdArray<Float64Array>; steps: number }) => {
        let y = add(x, 0);
        for (let k = 0; k < steps; k++) y = tanh(add(matmul(W, y), x));
        return dot(y, y);
      },
      { constants: { W, steps: 3 } },
    );
    const at = new Float64Array([0.4, -0.9]);
    const H = hessian(f)(at);
    for (const backend of ["dual", "tape"]) expectClose(H.data, hessian(f, { backend })(at).data, 1e-12);
    expect(H.get(0, 1)).toBeCloseTo(H.get(1, 0), 13);
    const h = 1e-5;
    const [above, below] = [h, -h].map((d) => gradientOf(f)(new Float64Array([at[0] + d, at[1]])));
    expectClose(
      [H.get(0, 0), H.get(1, 0)],
      [0, 1].map((i) => (above[i] - below[i]) / (2 * h)),
      1e-7,
    );
  });

  test("are refused where they would be lost", () => {
    expect(() => hessian(rosenbrock, { backend: "finite" })(x)).toThrow(BackendRefused);
    expect(() => hessian((u: Float64Array) => sum(mul(u, u)), { backend: "closure" })(new Float64Array(2))).toThrow(
      /"closure" cannot.*"source"/,
    );
    const cube = differentiable((v: number) => v ** 3, { vjp: (v: number, y: number) => v * 3 * y ** 2 });
    const calls = differentiable((v: number, { cube }: { cube: (v: number) => number }) => cube(v), { constants: { cube } });
    expect(gradientOf(calls, { backend: "tape" })(2)).toBe(12);
    expect(() => hessian(calls, { backend: "tape" })(2)).toThrow(/"tape" cannot.*"source"/);
  });

  test("of code too dynamic to be read, by its tape", () => {
    const polynomial = (x: readonly number[]): number => {
      const stack: number[] = [];
      for (const each of x) stack.push(each * each);
      let sum = 0;
      while (stack.length) sum += stack.pop()! * x[0];
      return sum;
    };
    expectClose(gradientOf(polynomial, { backend: "tape" })([2, 3]), [3 * 4 + 9, 2 * 2 * 3], 1e-14);
    expectClose(hessian(polynomial, { backend: "tape" })([2, 3]).data, [12, 6, 6, 4], 1e-14);
  });
});

describe("operators by closure", () => {
  const energy = (x: Float64Array, k: Float64Array): number => sum(mul(mul(x, x), k)) as number;
  const [x, k] = [new Float64Array([1, 2, 3]), new Float64Array([5, 7, 11])];

  test("gradient, vjp, jvp and jacobian of array code, whose text is not needed", () => {
    const unread = energy.bind(null);
    expectClose(gradientOf(unread, { backend: "closure" })(x, k), [10, 28, 66], 1e-14);
    const f = (x: Float64Array): NdArray<Float64Array> => mul(x, x);
    expectClose(jacobian(f, { backend: "closure" })(x).data, [2, 0, 0, 0, 4, 0, 0, 0, 6], 1e-14);
    expectClose(jvp(f, { backend: "closure" })(x, new Float64Array([1, 10, 100])).data, [2, 40, 600], 1e-14);
  });

  test("numbers are refused", () => {
    expect(() => gradientOf(rosenbrock, { backend: "closure" })([1, 2])).toThrow(TrackedAsNumber);
  });
});

describe("kinks and edges of domains", () => {
  test("one-sided choices are those of the operations table", () => {
    expect(derivative((x: number) => Math.abs(x))(0)).toBe(0);
    expect(derivative((x: number) => Math.max(0, x))(0)).toBe(0);
    expect(derivative((x: number) => (x > 0 ? x : 3 * x))(0)).toBe(3);
    expect(derivative((x: number) => x ** 2)(0)).toBe(0);
  });

  test("loops whose length the data decide", () => {
    const halve = (x: number): number => {
      let y = x;
      while (y > 1) y = y / 2 + y * y * 1e-3;
      return y;
    };
    expectClose([derivative(halve)(37)], [derivative(halve, { backend: "finite" })(37)], 1e-6);
    expectClose([vjp(halve)(37, 1)], [derivative(halve)(37)], 1e-13);
  });
});

describe("differentiable", () => {
  const scaled = differentiable((x: number, { k }: { k: number }) => k * x ** 2, { constants: { k: 5 }, name: "scaled" });

  test("is called plainly, without its constants", () => {
    expect(scaled(3)).toBe(45);
    expect(derivative(scaled)(3)).toBe(30);
    expectTypeOf(scaled).toEqualTypeOf<(x: number) => number>();
  });

  test("constants are part of what is known: other ones, and overwritten ones, count", () => {
    const make = (k: Float64Array): ((x: number) => number) =>
      differentiable((x: number, { k }: { k: Float64Array }) => k[0] * x, { constants: { k } });
    const k = new Float64Array([2]);
    expect(derivative(make(k))(1)).toBe(2);
    expect(derivative(make(new Float64Array([3])))(1)).toBe(3);
    k[0] = 7;
    expect(derivative(make(k))(1)).toBe(7);
  });

  test("rules of its own are used; the other product follows from them", () => {
    const straightThrough = differentiable((x: number[]) => x.map((v) => Math.round(v)), { vjp: (v) => v });
    expect(straightThrough([0.4, 1.7])).toEqual([0, 2]);
    expect(vjp(straightThrough)([0.4, 1.7], [3, 5])).toEqual([3, 5]);
    expect(jvp(straightThrough)([0.4, 1.7], [3, 5])).toEqual([3, 5]);
    expect([...jacobian(straightThrough)([0.4, 1.7]).data]).toEqual([1, 0, 0, 1]);
    const forwardRule = differentiable((x: number, { k }: { k: number }) => k * x, {
      constants: { k: 2 },
      jvp: (dx, _x, { k }) => 10 * k * dx,
      check: false,
    });
    expect(derivative(forwardRule)(1)).toBe(20);
    expect(gradientOf(forwardRule)(1)).toBe(20);
    expect(hessian(forwardRule)(1).get(0, 0)).toBe(0);
  });

  test("mismatches are listed by argument", () => {
    const f = differentiable((x: Float64Array, y: { a: number }, z: number) => x[0] * y.a * z, {
      inputs: [new Float64Array(2), { a: 1 }, 1],
      name: "f",
    });
    expect(gradientOf(f)(new Float64Array([1, 2]), { a: 3 }, 5)).toEqual(new Float64Array([15, 0]));
    const wrong = (): unknown => gradientOf(f)(new Float64Array(3), { b: 3 } as never, 5);
    expect(wrong).toThrow(SignatureMismatch);
    expect(wrong).toThrow(/argument 1 of f is a Float64Array of length 3, but must be an array of length 2/);
    expect(wrong).toThrow(/argument 2 of f lacks a and has unknown b/);
    expect(() => (gradientOf(f) as (x: unknown) => unknown)(new Float64Array(2))).toThrow(/takes 3 arguments and was given 1/);
  });
});

describe("errors of operators", () => {
  withoutInspector();

  test("tangents and cotangents of another shape", () => {
    expect(() => jvp(rosenbrock)([1, 2], [1, 2, 3])).toThrow(SignatureMismatch);
    expect(() => vjp(rosenbrock)([1, 2], [1] as never)).toThrow(/v is an array of length 1, but must be a number/);
  });

  test("a gradient of several components", () => {
    expect(() => gradientOf(((x: number[]) => x) as never)([1, 2])).toThrow(ShapeMismatch);
    expect(() => gradientOf(((x: number[]) => x) as never)([1, 2])).toThrow(/returns 2 components.*Use jacobian or vjp/);
  });

  test("captured variables are named, not taken as constants", () => {
    const k = Math.random();
    expect(() => derivative((x: number) => k * x)(1)).toThrow(CapturedVariable);
    expect(derivative((x: number) => k * x, { backend: "finite" })(1)).toBeCloseTo(k, 8);
  });

  test("no result, unknown backends", () => {
    expect(() => jacobian((_x: number[]) => undefined)([1])).toThrow(UnsupportedValue);
    expect(() => derivative((x: number) => x, { backend: "none" })(1)).toThrow(BadGradientOption);
  });
});
