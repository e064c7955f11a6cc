/**
 * W x = b with W = d I − J, or W = d M − J with a constant M, as programs that carry their derivatives: those of x are by J's values and b, through the same factors
 * (Giles 2008, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", section 2.2.3).
 * The derivative by d, a reciprocal step length, is left out: step lengths are not differentiated.
 */
import { memo } from "../../src/core/memo.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { linearSolverFor, type LinearSolver } from "./linear-solver.ts";
import { columnOf } from "../../src/analysis/pattern.ts";

export interface ShiftedSystem {
  /** (input values[nnz], input d[1], output factors[size], output status[1]): see {@link LinearSolver}. */
  readonly factor: Program;
  /** (input values[nnz], input factors[size], input b[n], output x[n]) */
  readonly solve: Program;
}

/** What the matrix is made of. */
export interface Shifted {
  readonly pattern: SparsityPattern;
  readonly blocks?: readonly Int32Array[];
  /** M's entries in the order of the pattern; absent: the identity. */
  readonly mass?: Float64Array;
  /** W is the transpose of what pattern and values give. */
  readonly transposed?: boolean;
}

export function shiftedSystem({ pattern, blocks, mass, transposed = false }: Shifted): ShiftedSystem {
  return systemFor(linearSolverFor(pattern, blocks, mass), transposed, pattern);
}

const systemFor = memo(
  (solver: LinearSolver, transposed: boolean, pattern: SparsityPattern) => new Maker(pattern, solver, transposed).system(),
  { by: (solver, transposed) => [solver, transposed] },
);

class Maker {
  private readonly n: number;
  private readonly nonzeros: number;
  constructor(
    private readonly pattern: SparsityPattern,
    private readonly solver: LinearSolver,
    private readonly transposed: boolean,
  ) {
    this.n = pattern.columns;
    this.nonzeros = pattern.rowIndices.length;
  }

  /** With W. */
  private get forwards(): Program {
    return this.transposed ? this.solver.solveTransposed : this.solver.solve;
  }

  /** With its transpose. */
  private get backwards(): Program {
    return this.transposed ? this.solver.solve : this.solver.solveTransposed;
  }

  system(): ShiftedSystem {
    return { factor: this.factor(), solve: this.solve() };
  }

  private factor(): Program {
    const b = new Builder("factor");
    const values = b.arrayParameter("values", this.nonzeros, "input");
    const d = b.arrayParameter("d", 1, "input");
    const factors = b.arrayParameter("factors", this.solver.size, "output");
    const status = b.arrayParameter("status", 1, "output");
    const zero = b.i32(0);
    const failure = b.call(this.solver.factor, [...[values, factors].map((array) => ({ array, offset: zero })), b.load(d, zero)]);
    b.store(status, zero, failure!);
    return { ...b.finish(), cost: this.solver.factor.cost, rules: { inert: ["factors", "status"] } };
  }

  private solve(): Program {
    const b = new Builder("solve");
    const { factors, right, x } = this.primal(b, "output");
    this.solveInto(b, this.forwards, factors, x, (i) => b.load(right, i));
    const rules = {
      inert: ["factors"],
      jvp: (active: readonly string[]) => this.tangent(active),
      vjp: (active: readonly string[]) => this.adjoint(active),
    };
    return { ...b.finish(), cost: this.forwards.cost, rules };
  }

  private primal(b: Builder, role: "input" | "output"): Record<"factors" | "right" | "x", ArrayDeclaration> {
    b.arrayParameter("values", this.nonzeros, "input");
    const factors = b.arrayParameter("factors", this.solver.size, "input");
    const right = b.arrayParameter("b", this.n, "input");
    return { factors, right, x: b.arrayParameter("x", this.n, role) };
  }

  private solveInto(b: Builder, by: Program, factors: ArrayDeclaration, x: ArrayDeclaration, right: (i: Value) => Value): void {
    const zero = b.i32(0);
    b.for(zero, b.i32(this.n), 1, [], (i) => (b.store(x, i, right(i)), []));
    b.call(
      by,
      [factors, x].map((array) => ({ array, offset: zero })),
    );
  }

  /** ẋ = W⁻¹ (ḃ + J̇ x) */
  private tangent(active: readonly string[]): Program {
    const b = new Builder("solve_jvp");
    const { factors, x } = this.primal(b, "input");
    const dot = (name: string, size: number): ArrayDeclaration | undefined =>
      active.includes(name) ? b.arrayParameter(`${name}_dot`, size, "input") : undefined;
    const [values, right] = [dot("values", this.nonzeros), dot("b", this.n)];
    const xDot = b.arrayParameter("x_dot", this.n, "output");
    const sum = b.localArray("sum", this.n);
    b.for(b.i32(0), b.i32(this.n), 1, [], (i) => (b.store(sum, i, right ? b.load(right, i) : b.f64(0)), []));
    if (values) {
      this.eachEntry(b, (e, row, column) => {
        b.accumulate(sum, row, b.operation("mul", b.load(values, e), b.load(x, column)));
      });
    }
    this.solveInto(b, this.forwards, factors, xDot, (i) => b.load(sum, i));
    return b.finish();
  }

  /** λ = W⁻ᵀ x̄, b̄ += λ, J̄ += λ xᵀ where J has entries. */
  private adjoint(active: readonly string[]): Program {
    const b = new Builder("solve_vjp");
    const { factors, x } = this.primal(b, "input");
    const xBar = b.arrayParameter("x_bar", this.n, "input");
    const bar = (name: string, size: number): ArrayDeclaration | undefined =>
      active.includes(name) ? b.arrayParameter(`${name}_bar`, size, "inout") : undefined;
    const [values, right] = [bar("values", this.nonzeros), bar("b", this.n)];
    const lambda = b.localArray("lambda", this.n);
    this.solveInto(b, this.backwards, factors, lambda, (i) => b.load(xBar, i));
    if (right) b.for(b.i32(0), b.i32(this.n), 1, [], (i) => (b.accumulate(right, i, b.load(lambda, i)), []));
    if (values) {
      this.eachEntry(b, (e, row, column) => {
        b.accumulate(values, e, b.operation("mul", b.load(lambda, row), b.load(x, column)));
      });
    }
    return b.finish();
  }

  /** By where they stand in W. */
  private eachEntry(b: Builder, body: (e: Value, row: Value, column: Value) => void): void {
    const { pattern, n, nonzeros, transposed } = this;
    const ofEntry = Array.from({ length: n }, (_, column) => Array.from(columnOf(pattern, column), () => column)).flat();
    const columns = b.constantArray("columns", Int32Array.from(ofEntry));
    const rows = b.constantArray("rows", pattern.rowIndices);
    b.for(b.i32(0), b.i32(nonzeros), 1, [], (e) => {
      const [row, column] = [b.load(rows, e), b.load(columns, e)];
      if (transposed) body(e, column, row);
      else body(e, row, column);
      return [];
    });
  }
}
