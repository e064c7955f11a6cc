/**
 * Stages that are found together: zᵢ of d Σⱼ Kᵢⱼ M zⱼ = f(tᵢ, base + zᵢ), one after the other in one vector. Their matrix d K ⊗ M − I ⊗ J,
 * with the J of one point, falls into pieces where K = T Λ T⁻¹ does: those of a real eigenvalue are d λ M − J, those of a pair α ± iβ are of
 * twice the size (Hairer, Wanner, Solving Ordinary Differential Equations II, IV.8; J. C. Butcher, BIT 16 (1976) 237–240).
 */
import { memo } from "../../src/core/memo.ts";
import { columnOf, entryIndex } from "../../src/analysis/pattern.ts";
import { fromRows } from "../../src/analysis/sparsity.ts";
import type { Slice, StepBuilder } from "../step/builder.ts";
import type { Jacobian } from "../step/factorized-system.ts";

export type Matrix = readonly (readonly number[])[];

export interface Coupling {
  readonly stages: number;
  readonly K: Matrix;
  /** The diagonal blocks of Λ, the real ones first. */
  readonly pieces: readonly Piece[];
}

/**
 * A block of Λ, of one row, or of two as [[α, β], [−β, α]]; with its columns of T, and its rows of T⁻¹. One without columns and rows has a
 * matrix that is none of the stages', and serves to judge them.
 */
export interface Piece {
  readonly block: Matrix;
  readonly columns: Matrix;
  readonly rows: Matrix;
}

/** A stage that is found by itself. */
export const alone: Coupling = { stages: 1, K: [[1]], pieces: [{ block: [[1]], columns: [[1]], rows: [[1]] }] };

/** A Jacobian of as many copies of a system as K has rows, whose matrix is d K ⊗ M − J. Component i of copy a has the number i s + a. */
export interface CoupledJacobian extends Omit<Jacobian, "values"> {
  /** Where among its entries those of each copy's J are, copy after copy. */
  readonly targets: Int32Array;
}

export const coupledJacobian = memo((jacobian: Jacobian, K: Matrix): CoupledJacobian => {
  const { pattern, transposed = false, blocks } = jacobian;
  const [s, n] = [K.length, pattern.columns];
  const ofMass = massEntries(jacobian);
  const rows = Array.from({ length: s * n }, () => new Set<number>());
  const copies = K.map((_, a) => a);
  for (let column = 0; column < n; column++) {
    for (const row of columnOf(pattern, column)) for (const a of copies) rows[row * s + a].add(column * s + a);
  }
  for (const { row, column } of ofMass) {
    for (const a of copies) for (const b of copies) rows[row * s + a].add(column * s + b);
  }
  const all = fromRows(
    rows.map((row) => Int32Array.from(row).sort()),
    s * n,
  );
  const place = entryIndex(all);
  const values = new Float64Array(all.rowIndices.length);
  for (const { row, column, value } of ofMass) {
    for (const a of copies)
      for (const b of copies) values[place(row * s + a, column * s + b)] = (transposed ? K[b][a] : K[a][b]) * value;
  }
  const targets = copies.flatMap((a) =>
    Array.from({ length: n }, (_, column) =>
      Array.from(columnOf(pattern, column), (row) => place(row * s + a, column * s + a)),
    ).flat(),
  );
  return {
    pattern: all,
    mass: values,
    transposed,
    blocks: blocks?.map((members) => Int32Array.from([...members].flatMap((i) => copies.map((a) => i * s + a)))),
    targets: Int32Array.from(targets),
  };
});

function massEntries({ pattern, mass }: Jacobian): { row: number; column: number; value: number }[] {
  if (!mass) return Array.from({ length: pattern.columns }, (_, i) => ({ row: i, column: i, value: 1 }));
  return Array.from({ length: pattern.columns }, (_, column) =>
    Array.from(columnOf(pattern, column), (row, k) => ({ row, column, value: mass[pattern.columnPointers[column] + k] })),
  )
    .flat()
    .filter(({ value }) => value !== 0);
}

/** Emits the values of the copies' matrix, from those of each copy's J. */
export function spread(
  b: StepBuilder,
  { pattern, targets }: CoupledJacobian,
  ofCopy: (a: number) => Slice,
  copies: number,
): Slice {
  const values = { array: b.localArray("coupled_values", pattern.rowIndices.length), offset: 0 };
  const table = b.constantArray("targets", targets);
  const count = targets.length / copies;
  b.fill(values.array, b.f64(0));
  for (let a = 0; a < copies; a++) {
    b.range(0, count, (e) =>
      b.store(values.array, b.load(table, b.operation("i32.add", e, b.i32(a * count))), b.get(b.element(ofCopy(a), e))),
    );
  }
  return values;
}
