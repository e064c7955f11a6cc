/**
 * Gaussian elimination with partial pivoting written out for a few unknowns, so that matrix, factors and right-hand sides live
 * in registers. Rows are exchanged by selections; a pivot is found by exchanging with every larger candidate in turn.
 */
import type { Builder } from "../../src/ir/builder.ts";
import type { Value } from "../../src/ir/ir.ts";

export interface SmallFactors {
  /** Whether every pivot is finite and not zero. */
  readonly regular: Value;
  /** x of A x = rhs. */
  solve(rhs: readonly Value[]): Value[];
}

/** Emits the factorization of the matrix with these rows. */
export function smallLU(b: Builder, matrix: readonly (readonly Value[])[]): SmallFactors {
  const n = matrix.length;
  const rows = matrix.map((row) => [...row]);
  const exchanges: { readonly k: number; readonly r: number; readonly condition: Value }[] = [];
  const inverses: Value[] = [];
  let regular = b.bool(true);
  for (let k = 0; k < n; k++) {
    for (let r = k + 1; r < n; r++) {
      const condition = b.operation("gt", b.operation("abs", rows[r][k]), b.operation("abs", rows[k][k]));
      exchanges.push({ k, r, condition });
      for (let c = 0; c < n; c++) [rows[k][c], rows[r][c]] = exchanged(b, condition, rows[k][c], rows[r][c]);
    }
    const size = b.operation("abs", rows[k][k]);
    const usable = b.operation("bool.and", b.operation("gt", size, b.f64(0)), b.operation("lt", size, b.f64(Infinity)));
    regular = b.operation("bool.and", regular, usable);
    inverses.push(b.operation("div", b.f64(1), rows[k][k]));
    for (let r = k + 1; r < n; r++) {
      rows[r][k] = b.operation("mul", rows[r][k], inverses[k]);
      for (let c = k + 1; c < n; c++) rows[r][c] = minusProduct(b, rows[r][c], rows[r][k], rows[k][c]);
    }
  }
  const solve = (rhs: readonly Value[]): Value[] => {
    const x = [...rhs];
    for (const { k, r, condition } of exchanges) [x[k], x[r]] = exchanged(b, condition, x[k], x[r]);
    for (let r = 1; r < n; r++) for (let c = 0; c < r; c++) x[r] = minusProduct(b, x[r], rows[r][c], x[c]);
    for (let r = n - 1; r >= 0; r--) {
      for (let c = r + 1; c < n; c++) x[r] = minusProduct(b, x[r], rows[r][c], x[c]);
      x[r] = b.operation("mul", x[r], inverses[r]);
    }
    return x;
  };
  return { regular, solve };
}

/** The two values, exchanged where the condition holds. */
function exchanged(b: Builder, condition: Value, x: Value, y: Value): [Value, Value] {
  return [b.operation("select", condition, y, x), b.operation("select", condition, x, y)];
}

/** x − y z */
function minusProduct(b: Builder, x: Value, y: Value, z: Value): Value {
  return b.operation("sub", x, b.operation("mul", y, z));
}
