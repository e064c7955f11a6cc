import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { closure } from "../../../../sensitivity/vjp/backends/closure.ts";
import { source } from "../../../../sensitivity/vjp/backends/source.ts";
import {
  add,
  concat,
  dot,
  exp,
  matmul,
  mul,
  outer,
  pow,
  relu,
  reshape,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  tanh,
  transpose,
} from "../../../../src/operations/plain-operations.ts";
import { BackendRefused, TrackedAsNumber } from "../../../../sensitivity/vjp/errors.ts";
import { Disagreement } from "../../../../src/problem/errors.ts";
import { ShapeMismatch } from "../../../../src/core/errors.ts";
import { odeProblem, type OdeProblem } from "../../../../src/problem/problem.ts";
import { expectClose, prepareVjp, start, vjp } from "../harness.ts";
import { brusselatorArrays, lotka, network, pollutionModel } from "../problems.ts";

const W = ndarray(
  Float64Array.from({ length: 9 }, (_, i) => Math.sin(i)),
  [3, 3],
);

/** Array code on a vector of three and parameters (W, b), in place and not. */
const functions: Record<string, (u: never, p: { W: never; b: never }) => unknown> = {
  "a layer": (u, { W, b }) => tanh(add(matmul(W, u), b)),
  "scaled by a sum": (u, { b }) => mul(sum(u), add(b, dot(u, b))),
  "elementwise families": (u, { W, b }) => add(mul(sigmoid(u), softplus(b)), sub(pow(exp(u), 2), relu(matmul(transpose(W), b)))),
  pieces: (u, { W }) => concat([slice(u, 1, 3), reshape(slice(sum(W, 0) as never, 0, 1), [1])]),
  products: (u, { b }) => matmul(outer(u, b), u),
  "one operand twice": (u) => mul(u, u),
  "a list of numbers": (u, { b }) => [sum(u), dot(u, b), mul(sum(b), 2)],
  "a value used by two": (u, { W }) => {
    const y = matmul(W, u);
    return add(y, mul(y, sum(y)));
  },
};

function problemOf(rhs: unknown): OdeProblem {
  return odeProblem({
    rhs: rhs as () => number[],
    u0: new Float64Array([0.3, -0.5, 0.9]),
    p: { W, b: new Float64Array([0.1, 0.7, -0.4]) },
    tspan: [0, 1],
  }) as OdeProblem;
}

describe("closure backend", () => {
  test.each(Object.entries(functions))("gives what reverse mode gives: %s", (_name, rhs) => {
    const problem = problemOf(rhs);
    const expected = vjp(source, problem, start(problem));
    for (const target of ["wasm", "javascript"] as const) {
      const actual = vjp(closure, problem, start(problem), target);
      expectClose(actual.u, expected.u, 1e-14);
      expectClose(actual.p, expected.p, 1e-14);
    }
  });

  test("the spiral network", () => {
    const { problem, point } = network();
    const [expected, actual] = [vjp(source, problem, point), vjp(closure, problem, point)];
    expectClose(actual.u, expected.u, 1e-13);
    expectClose(actual.p, expected.p, 1e-13);
  });

  test("the Brusselator written with array operations: by its state, not by its parameters, which are numbers", () => {
    const { problem, point } = brusselatorArrays();
    expectClose(prepareVjp(closure, problem).u(point), prepareVjp(source, problem).u(point), 1e-13);
    expect(() => prepareVjp(closure, problem).p(point)).toThrow(TrackedAsNumber);
    expect(() => prepareVjp(closure, problem).p(point)).toThrow(/p\.A is tracked.*operator of the language/);
  });

  test("needs no text, and takes recursion and objects", () => {
    const power = (u: never, k: number): never => (k === 0 ? u : (mul(power(u, k - 1), u) as never));
    const problem = problemOf(((u: never) => power(u, 2)).bind(null));
    const point = start(problem);
    expectClose(
      vjp(closure, problem, point).u,
      point.u.map((x, i) => 3 * x * x * point.v[i]),
      1e-14,
    );
  });

  test("a linear system, by hand", () => {
    const problem = odeProblem({
      rhs: (u, { A }) => matmul(A, u),
      u0: new Float64Array([5, 7]),
      p: { A: ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]) },
      tspan: [0, 1],
    }) as OdeProblem;
    const { u, p } = vjp(closure, problem, { ...start(problem), v: Float64Array.of(1, 10) });
    expect([...u]).toEqual([31, 42]);
    expect([...p]).toEqual([5, 7, 50, 70]);
  });
});

/** What a typed array can be set to: the numbers of an ndarray; a tracked array is one for either. */
function flatly(x: unknown): Float64Array {
  return (typeof x === "object" && x !== null && "data" in x ? x.data : x) as Float64Array;
}

describe("closure backend, in place", () => {
  type Vector = Float64Array;
  const inPlace = (rhs: unknown): { u: Float64Array; p: Float64Array; point: ReturnType<typeof start> } => {
    const problem = problemOf(rhs);
    const point = start(problem);
    return { ...vjp(closure, problem, point), point };
  };

  test("a whole array, its elements, and stretches of it", () => {
    const whole = inPlace((du: Vector, u: Vector, { b }: { b: Vector }) => {
      du.set(flatly(mul(u, b)));
    });
    const elements = inPlace((du: Vector, u: Vector, { b }: { b: Vector }) => {
      const y = mul(u, b);
      for (let i = 0; i < du.length; i++) du[i] = sum(slice(y, i, i + 1));
    });
    const stretches = inPlace((du: Vector, u: Vector, { b }: { b: Vector }) => {
      const y = mul(u, b);
      du.set(flatly(slice(y, 1, 3)), 1);
      du.set(flatly(slice(y, 0, 1)));
    });
    for (const { u, p, point } of [whole, elements, stretches]) {
      expectClose(
        u,
        point.u.map((_, i) => point.p[9 + i] * point.v[i]),
        1e-14,
      );
      expectClose(
        p.subarray(9),
        point.u.map((x, i) => x * point.v[i]),
        1e-14,
      );
    }
  });

  test("what is written again counts as written last, and what was read as it was then", () => {
    const { u, point } = inPlace((du: Vector, u: Vector) => {
      du.set(flatly(mul(u, 2)));
      const before = mul(du, 5);
      du.fill(0);
      du.set(flatly(add(before, u)));
      du[2] = 7;
    });
    expectClose(
      u,
      point.v.map((v, i) => (i === 2 ? 0 : 11 * v)),
      1e-14,
    );
  });

  test("constants overwritten after they were read do not change the backward pass", () => {
    const scale = new Float64Array(3);
    const problem = problemOf(
      ((u: never) => {
        scale.fill(2);
        const y = mul(u, scale);
        scale.fill(1000);
        return y;
      }).bind(null),
    );
    const point = start(problem);
    expectClose(
      vjp(closure, problem, point).u,
      point.v.map((v) => 2 * v),
      1e-15,
    );
  });

  test("named components and ndarrays", () => {
    const problem = odeProblem({
      rhs(du, u, { k }: { k: Float64Array }) {
        du.grid.set(0, 1, sum(u.line));
        du.grid.set(0, 0, dot(u.line, k));
        du.line = mul(u.line, k) as never;
        du.total = sum(mul(u.total, sum(u.grid))) as never;
      },
      u0: { grid: ndarray(new Float64Array([2, 3]), [1, 2]), line: new Float64Array([5, 7]), total: 11 },
      p: { k: new Float64Array([13, 17]) },
      tspan: [0, 1],
    }) as OdeProblem;
    const point = start(problem);
    const [expected, actual] = [vjp(source, problem, point), vjp(closure, problem, point)];
    expectClose(actual.u, expected.u, 1e-14);
    expectClose(actual.p, expected.p, 1e-14);
  });
});

describe("closure backend, refusals", () => {
  const failure = (rhs: unknown): unknown => {
    const problem = problemOf(rhs);
    try {
      vjp(closure, problem, start(problem));
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test.each([
    ["arithmetic", (u: Float64Array) => mul((u as never) * 2, u)],
    ["elements", (u: Float64Array) => [u[0], u[1], u[2]]],
    ["comparison", (u: Float64Array) => ((sum(u) as number) > 0 ? mul(u, 2) : u)],
    ["Math", (u: Float64Array) => mul(u, Math.exp(sum(u)))],
    ["iteration", (u: Float64Array) => [...u]],
    ["methods of arrays", (u: Float64Array) => u.map((x) => 2 * x)],
    ["copies into arrays of numbers", (u: Float64Array) => Float64Array.of(sum(u), 1, 1)],
  ])("a tracked array as a number: %s", (_name, rhs) => {
    expect(failure((rhs as (u: Float64Array) => unknown).bind(null))).toBeInstanceOf(TrackedAsNumber);
  });

  test.each([
    ["true or not", (u: Float64Array) => ((sub(sum(u), sum(u)) as unknown) ? mul(u, 2) : u)],
    ["equal", (u: Float64Array) => (sum(u) === sum(u) ? mul(u, 2) : u)],
    ["a kind of value", (u: Float64Array) => (typeof sum(u) === "number" ? mul(u, 2) : u)],
  ])("what no guard can see shows in the value: %s", (_name, rhs) => {
    expect(failure((rhs as (u: Float64Array) => unknown).bind(null))).toBeInstanceOf(Disagreement);
  });

  test("the message says which, how, and what to do", () => {
    expect((failure(((u: Float64Array) => [u[1]]).bind(null)) as Error).message).toMatch(
      /^u is tracked.*\(\[1\]\).*mul\(a, b\).*"source"/,
    );
    expect((failure(((u: Float64Array) => mul(u, 2 * sum(u))).bind(null)) as Error).message).toMatch(
      /^the result of sum is tracked/,
    );
  });

  test("scalar problems as a whole", () => {
    for (const { problem, point } of [lotka(), pollutionModel()])
      expect(() => vjp(closure, problem, point)).toThrow(TrackedAsNumber);
  });

  test("writing to what is not the result", () => {
    const error = failure(((u: Float64Array) => ((u[0] = 1), u)).bind(null));
    expect(error).toBeInstanceOf(BackendRefused);
    expect((error as Error).message).toContain("u is written in place ([0])");
  });

  test("a result of another size", () => {
    const rhs = ((du: Float64Array, u: Float64Array) => du.set(concat([u, u]) as never)).bind(null);
    expect(failure(rhs)).toBeInstanceOf(ShapeMismatch);
    const misnamed = ((du: { all: number }, u: Float64Array) => void (du.all = sum(u) as number)).bind(null);
    expect(failure(misnamed)).toBeInstanceOf(ShapeMismatch);
  });
});
