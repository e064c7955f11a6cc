/**
 * Programs of linear algebra that carry their derivatives (Giles, "Collected matrix derivative results for forward and
 * reverse mode algorithmic differentiation", 2008, section 2.2.3): x = A⁻¹ b has ẋ = A⁻¹(ḃ - Ȧ x), and b̄ = A⁻ᵀ x̄, Ā = -b̄ xᵀ.
 */
import { memo } from "../core/memo.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../ir/ir.ts";

/**
 * (input A[n * n], output factors[n * (n + 1)]): the LU factors with partial pivoting, row-major, and behind them for each
 * step the row that was exchanged with it. No derivative passes through: what uses the factors gets A as well.
 */
export const factorization = memo((n: number): Program => {
  const b = new Builder(`lu${n}`);
  const A = b.arrayParameter("A", n * n, "input");
  const F = b.arrayParameter("factors", n * (n + 1), "output");
  const at = grid(b, n);
  loop(b, 0, n * n, (i) => b.store(F, i, b.load(A, i)));
  loop(b, 0, n, (k) => {
    const below = b.operation("i32.add", k, b.i32(1));
    const size = (i: Value): Value => b.operation("abs", b.load(F, at(i, k)));
    const [pivot] = b.for(below, b.i32(n), 1, [k, size(k)], (i, [best, largest]) => {
      const larger = b.operation("gt", size(i), largest);
      return [b.operation("i32.select", larger, i, best), b.operation("select", larger, size(i), largest)];
    });
    b.store(F, b.operation("i32.add", b.i32(n * n), k), b.toF64(pivot));
    exchange(b, F, n, k, pivot);
    const diagonal = b.load(F, at(k, k));
    b.for(below, b.i32(n), 1, [], (i) => {
      const factor = b.operation("div", b.load(F, at(i, k)), diagonal);
      b.store(F, at(i, k), factor);
      b.for(below, b.i32(n), 1, [], (j) => {
        b.store(F, at(i, j), b.operation("sub", b.load(F, at(i, j)), b.operation("mul", factor, b.load(F, at(k, j)))));
        return [];
      });
      return [];
    });
  });
  return { ...b.finish(), rules: { inert: ["factors"] } };
});

/** (input A[n * n], input factors, input b[n * m], output x[n * m]): A x = b, or Aᵀ x = b; row-major. */
export const solveFactored = memo((n: number, m: number, transposed: boolean): Program => {
  const b = new Builder(`solve${n}x${m}${transposed ? "_transposed" : ""}`);
  b.arrayParameter("A", n * n, "input");
  const F = b.arrayParameter("factors", n * (n + 1), "input");
  const right = b.arrayParameter("b", n * m, "input");
  const x = b.arrayParameter("x", n * m, "output");
  const [f, at] = [grid(b, n), grid(b, m)];
  loop(b, 0, n * m, (i) => b.store(x, i, b.load(right, i)));
  const pivot = (k: Value): Value => b.operation("i32.from_f64", b.load(F, b.operation("i32.add", b.i32(n * n), k)));
  /** Takes multiples of the rows in [from, to) off row i; with `divided`, divides it by the diagonal. */
  const substitute = (i: Value, from: Value, to: Value, divided: boolean): void =>
    loop(b, 0, m, (j) => {
      const [sum] = b.for(from, to, 1, [b.load(x, at(i, j))], (k, [s]) => {
        const factor = b.load(F, transposed ? f(k, i) : f(i, k));
        return [b.operation("sub", s, b.operation("mul", factor, b.load(x, at(k, j))))];
      });
      b.store(x, at(i, j), divided ? b.operation("div", sum, b.load(F, f(i, i))) : sum);
    });
  const down = (divided: boolean): void => loop(b, 0, n, (i) => substitute(i, b.i32(0), i, divided));
  const up = (divided: boolean): void =>
    backwards(b, n, (i) => substitute(i, b.operation("i32.add", i, b.i32(1)), b.i32(n), divided));
  if (!transposed) loop(b, 0, n, (k) => exchange(b, x, m, k, pivot(k)));
  down(transposed);
  up(!transposed);
  if (transposed) backwards(b, n, (k) => exchange(b, x, m, k, pivot(k)));
  const rules = {
    inert: ["factors"],
    jvp: (active: readonly string[]) => tangent(n, m, transposed, active),
    vjp: (active: readonly string[]) => adjoint(n, m, transposed, active),
  };
  return { ...b.finish(), rules };
});

/** ẋ = A⁻¹(ḃ - Ȧ x), with Aᵀ for A where the equations are transposed. */
function tangent(n: number, m: number, transposed: boolean, active: readonly string[]): Program {
  const b = new Builder(`solve${n}x${m}_jvp`);
  const { A, F, x } = primal(b, n, m);
  const [da, db] = ["A", "b"].map((name) =>
    active.includes(name) ? b.arrayParameter(`${name}_dot`, name === "A" ? n * n : n * m, "input") : undefined,
  );
  const dx = b.arrayParameter("x_dot", n * m, "output");
  const right = b.localArray("right", n * m);
  const [a, at] = [grid(b, n), grid(b, m)];
  loop(b, 0, n, (i) =>
    loop(b, 0, m, (j) => {
      const start = db ? b.load(db, at(i, j)) : b.f64(0);
      const [sum] = !da
        ? [start]
        : b.for(b.i32(0), b.i32(n), 1, [start], (k, [s]) => [
            b.operation("sub", s, b.operation("mul", b.load(da, transposed ? a(k, i) : a(i, k)), b.load(x, at(k, j)))),
          ]);
      b.store(right, at(i, j), sum);
    }),
  );
  b.call(
    solveFactored(n, m, transposed),
    [A, F, right, dx].map((array) => whole(b, array)),
  );
  return b.finish();
}

/** λ = A⁻ᵀ x̄, b̄ += λ, Ā -= λ xᵀ, with Aᵀ for A where the equations are transposed. */
function adjoint(n: number, m: number, transposed: boolean, active: readonly string[]): Program {
  const b = new Builder(`solve${n}x${m}_vjp`);
  const { A, F, x } = primal(b, n, m);
  const xBar = b.arrayParameter("x_bar", n * m, "input");
  const [aBar, bBar] = ["A", "b"].map((name) =>
    active.includes(name) ? b.arrayParameter(`${name}_bar`, name === "A" ? n * n : n * m, "inout") : undefined,
  );
  const lambda = b.localArray("lambda", n * m);
  b.call(
    solveFactored(n, m, !transposed),
    [A, F, xBar, lambda].map((array) => whole(b, array)),
  );
  const [a, at] = [grid(b, n), grid(b, m)];
  if (bBar) loop(b, 0, n * m, (i) => b.accumulate(bBar, i, b.load(lambda, i)));
  if (aBar) {
    const [rows, columns] = transposed ? [x, lambda] : [lambda, x];
    loop(b, 0, m, (j) =>
      loop(b, 0, n, (i) =>
        loop(b, 0, n, (k) => {
          const product = b.operation("mul", b.load(rows, at(i, j)), b.load(columns, at(k, j)));
          b.accumulate(aBar, a(i, k), b.operation("neg", product));
        }),
      ),
    );
  }
  return b.finish();
}

function primal(b: Builder, n: number, m: number): Record<"A" | "F" | "x", ArrayDeclaration> {
  const A = b.arrayParameter("A", n * n, "input");
  const F = b.arrayParameter("factors", n * (n + 1), "input");
  b.arrayParameter("b", n * m, "input");
  return { A, F, x: b.arrayParameter("x", n * m, "input") };
}

function exchange(b: Builder, array: ArrayDeclaration, width: number, i: Value, k: Value): void {
  const at = grid(b, width);
  loop(b, 0, width, (j) => {
    const [first, second] = [b.load(array, at(i, j)), b.load(array, at(k, j))];
    b.store(array, at(i, j), second);
    b.store(array, at(k, j), first);
  });
}

function grid(b: Builder, width: number): (i: Value, j: Value) => Value {
  return (i, j) => b.operation("i32.add", b.operation("i32.mul", i, b.i32(width)), j);
}

function loop(b: Builder, from: number, to: number, body: (i: Value) => void): void {
  b.for(b.i32(from), b.i32(to), 1, [], (i) => (body(i), []));
}

function backwards(b: Builder, n: number, body: (i: Value) => void): void {
  b.for(b.i32(n - 1), b.i32(-1), -1, [], (i) => (body(i), []));
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
