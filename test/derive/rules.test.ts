import { describe, expect, it } from "vitest";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { Builder } from "../../src/ir/builder.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { sparsityOf } from "../../src/analysis/sparsity.ts";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { factorization, solveFactored } from "../../src/operations/linear.ts";
import { checkDerivatives, randoms, run } from "./harness.ts";

const each = (b: Builder, n: number, body: (i: Value) => void): void =>
  void b.for(b.i32(0), b.i32(n), 1, [], (i) => (body(i), []));

/** y = x², elementwise, with rules scaled by `factor`: telling whether they, or the body, were derived. */
function square(n: number, factor = 1, only?: "jvp" | "vjp"): Program {
  const b = new Builder("square");
  const [x, y] = [b.arrayParameter("x", n, "input"), b.arrayParameter("y", n, "output")];
  each(b, n, (i) => b.store(y, i, b.operation("mul", b.load(x, i), b.load(x, i))));
  const slope = (r: Builder, from: ArrayDeclaration, i: Value): Value => r.operation("mul", r.f64(2 * factor), r.load(from, i));
  const rule = (mode: "jvp" | "vjp") => (): Program => {
    const r = new Builder(`square_${mode}`);
    const from = r.arrayParameter("x", n, "input");
    r.arrayParameter("y", n, "input");
    const given = r.arrayParameter("given", n, "input");
    const wanted = r.arrayParameter("wanted", n, mode === "jvp" ? "output" : "inout");
    each(r, n, (i) =>
      r[mode === "jvp" ? "store" : "accumulate"](wanted, i, r.operation("mul", slope(r, from, i), r.load(given, i))),
    );
    return r.finish();
  };
  const rules = { jvp: only === "vjp" ? undefined : rule("jvp"), vjp: only === "jvp" ? undefined : rule("vjp") };
  return { ...b.finish(), rules: { inert: [], ...rules } };
}

const whole = (b: Builder, array: ArrayDeclaration) => ({ array, offset: b.i32(0) });

/** y = callee(x), called once. */
function once(callee: Program, n: number): Program {
  const b = new Builder("once");
  const [x, y] = [b.arrayParameter("x", n, "input"), b.arrayParameter("y", n, "output")];
  b.call(callee, [whole(b, x), whole(b, y)]);
  return b.finish();
}

describe.each(["javascript", "wasm"] as const)("%s", (target) => {
  const x = Float64Array.of(1, 2, 3);
  const tangent = (program: Program): number[] => {
    const arrays: Record<string, Float64Array> = { x, x_dot: Float64Array.of(1, 1, 1) };
    run(forward(program, { wrt: ["x"] }), arrays, {}, target);
    return [...arrays.y_dot];
  };
  const gradient = (program: Program): number[] => {
    const arrays: Record<string, Float64Array> = { x, y_bar: Float64Array.of(1, 1, 1) };
    run(reverse(program, { wrt: ["x"] }), arrays, {}, target);
    return [...arrays.x_bar];
  };

  it("takes the rule where there is one, the body where there is none", () => {
    expect(tangent(once(square(3, 10), 3))).toEqual([20, 40, 60]);
    expect(gradient(once(square(3, 10), 3))).toEqual([20, 40, 60]);
    expect(tangent(once(square(3, 10, "vjp"), 3))).toEqual([2, 4, 6]);
    expect(gradient(once(square(3, 10, "jvp"), 3))).toEqual([2, 4, 6]);
  });
});

/** Memory whose two halves are squared in turn, in loops: what the rule reads is overwritten by later calls. */
function repeated(callee: Program, n: number, loops: (b: Builder, body: () => void) => void): Program {
  const b = new Builder("repeated");
  const [x, y] = [b.arrayParameter("x", n, "input"), b.arrayParameter("y", n, "output")];
  const memory = b.localArray("memory", 2 * n);
  each(b, n, (i) => b.store(memory, i, b.load(x, i)));
  loops(b, () => {
    b.call(callee, [
      { array: memory, offset: b.i32(0) },
      { array: memory, offset: b.i32(n) },
    ]);
    each(b, n, (i) => {
      const squared = b.load(memory, b.operation("i32.add", i, b.i32(n)));
      b.store(memory, i, b.operation("sub", b.operation("sin", squared), b.load(x, i)));
    });
  });
  each(b, n, (i) => b.store(y, i, b.load(memory, b.operation("i32.add", i, b.i32(n)))));
  return b.finish();
}

const counted = (b: Builder, body: () => void): void => each(b, 3, () => each(b, 2, body));

const dataDependent = (b: Builder, body: () => void): void => {
  const limit = b.scalarParameter("limit");
  b.while(
    [b.f64(0)],
    ([s]) => b.operation("lt", s, limit),
    ([s]) => (body(), [b.operation("add", s, b.f64(1))]),
  );
};

describe("calls under loops", () => {
  const inputs = { x: randoms(4) };
  it("keeps what rules read in counted loops", () => {
    checkDerivatives({ program: repeated(square(4), 4, counted), inputs });
  });
  it("keeps it on the tape where the data decide how long a loop is", () => {
    checkDerivatives({ program: repeated(square(4), 4, dataDependent), inputs, scalars: { limit: 5 }, wrt: ["x"] });
  });
  it("keeps what the same call overwrites two turns on", () => {
    const b = new Builder("in_turns");
    const [x, y] = [b.arrayParameter("x", 4, "input"), b.arrayParameter("y", 4, "output")];
    const memory = b.localArray("memory", 8);
    each(b, 4, (i) => b.store(memory, i, b.load(x, i)));
    const half = (i: Value) => ({
      array: memory,
      offset: b.operation("i32.mul", b.operation("i32.rem", i, b.i32(2)), b.i32(4)),
    });
    each(b, 3, (i) => void b.call(square(4), [half(i), half(b.operation("i32.add", i, b.i32(1)))]));
    each(b, 4, (i) => b.store(y, i, b.load(memory, b.operation("i32.add", i, b.i32(4)))));
    checkDerivatives({ program: b.finish(), inputs });
  });
  it("in branches", () => {
    const branching = (b: Builder, body: () => void): void => {
      const limit = b.scalarParameter("limit");
      each(
        b,
        4,
        (i) =>
          void b.if(
            b.operation("lt", b.toF64(i), limit),
            () => (body(), []),
            () => [],
          ),
      );
    };
    checkDerivatives({ program: repeated(square(4), 4, branching), inputs, scalars: { limit: 2 }, wrt: ["x"] });
  });
});

/** x of A x = b, and its square. */
function solving(n: number, m: number, transposed: boolean): Program {
  const b = new Builder("solving");
  const A = b.arrayParameter("A", n * n, "input");
  const right = b.arrayParameter("b", n * m, "input");
  const y = b.arrayParameter("y", n * m, "output");
  const [factors, x] = [b.localArray("factors", n * (n + 1)), b.localArray("x", n * m)];
  b.call(factorization(n), [whole(b, A), whole(b, factors)]);
  b.call(
    solveFactored(n, m, transposed),
    [A, factors, right, x].map((array) => whole(b, array)),
  );
  each(b, n * m, (i) => b.store(y, i, b.operation("mul", b.load(x, i), b.load(x, i))));
  return b.finish();
}

describe.each([
  [1, 1, false],
  [4, 1, false],
  [4, 3, false],
  [4, 3, true],
])("linear equations of %i unknowns, %i right-hand sides, transposed %s", (n, m, transposed) => {
  const inputs = { A: randoms(n * n).map((a, i) => a + (i % (n + 1) === 0 ? 2 : 0)), b: randoms(n * m) };
  const program = solving(n, m, transposed);
  it.each([[["A", "b"]], [["A"]], [["b"]]])("with respect to %s", (wrt) => checkDerivatives({ program, inputs, wrt }));
  it("again: derivatives of the derivative", () => {
    const gradient = reverse(program, { wrt: ["A", "b"] });
    checkDerivatives({ program: gradient, inputs: { ...inputs, y_bar: randoms(n * m) }, finite: 1e-5 });
  });
});

it("takes every output of a call to depend on every input, and nothing on inert ones", () => {
  const pattern = sparsityOf(solving(3, 1, false), "y", "b");
  expect(pattern.rowIndices.length).toBe(9);
});

it("drops calls whose outputs nobody reads", () => {
  const b = new Builder("idle");
  const x = b.arrayParameter("x", 3, "input");
  b.call(square(3), [whole(b, x), whole(b, b.localArray("y", 3))]);
  expect(eliminate(b.finish()).body.instructions).toEqual([]);
});
