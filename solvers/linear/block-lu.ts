/**
 * Systems with matrices that are block lower triangular with equal diagonal blocks, as those of a state followed by its tangents
 * are: one block is factorized, whatever their number, and they are solved for one after the other (Caracotsios and Stewart 1985,
 * "Sensitivity analysis of initial value problems with mixed ODEs and algebraic equations").
 */
import { Builder } from "../../src/ir/builder.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { loop, plus, times } from "./kernels.ts";
import type { LinearSolver, SolverPrograms } from "./linear-solver.ts";
import { columnOf } from "../../src/analysis/pattern.ts";

/** A pattern's entries by blocks. Those above the diagonal blocks, where a pattern is not sharp, are zeros. */
export interface BlockColumn {
  /** The components of the blocks, block by block, and how many each has. */
  readonly members: Int32Array;
  readonly width: number;
  readonly count: number;
  /** The first diagonal block, and where its entries lie among those of the whole pattern. */
  readonly diagonal: SparsityPattern;
  readonly diagonalSource: Int32Array;
  /** The entries below the diagonal blocks: starts by the blocks of their rows, indices in the whole pattern, rows and columns. */
  readonly start: Int32Array;
  readonly source: Int32Array;
  readonly row: Int32Array;
  readonly column: Int32Array;
}

/** `blocks`: the components of each, in ascending order. */
export function splitIntoBlocks(pattern: SparsityPattern, blocks: readonly Int32Array[]): BlockColumn {
  const blockOf = new Int32Array(pattern.columns);
  const indexInBlock = new Int32Array(pattern.columns);
  blocks.forEach((members, k) => members.forEach((component, i) => ([blockOf[component], indexInBlock[component]] = [k, i])));
  const width = blocks[0].length;
  const diagonal = { source: [] as number[], rows: [] as number[], columnPointers: new Int32Array(width + 1) };
  const below = blocks.map(() => [] as { source: number; row: number; column: number }[]);
  for (let column = 0; column < pattern.columns; column++) {
    columnOf(pattern, column).forEach((row, k) => {
      const source = pattern.columnPointers[column] + k;
      if (blockOf[row] > blockOf[column]) below[blockOf[row]].push({ source, row, column });
      if (blockOf[row] > 0 || blockOf[column] > 0) return;
      diagonal.source.push(source);
      diagonal.rows.push(indexInBlock[row]);
      diagonal.columnPointers[indexInBlock[column] + 1]++;
    });
  }
  for (let i = 0; i < width; i++) diagonal.columnPointers[i + 1] += diagonal.columnPointers[i];
  const start = new Int32Array(blocks.length + 1);
  below.forEach((entries, k) => (start[k + 1] = start[k] + entries.length));
  const entries = below.flat();
  return {
    members: Int32Array.from(blocks.flatMap((members) => [...members])),
    width,
    count: blocks.length,
    diagonal: {
      rows: width,
      columns: width,
      columnPointers: diagonal.columnPointers,
      rowIndices: Int32Array.from(diagonal.rows),
    },
    diagonalSource: Int32Array.from(diagonal.source),
    start,
    source: Int32Array.from(entries, ({ source }) => source),
    row: Int32Array.from(entries, ({ row }) => row),
    column: Int32Array.from(entries, ({ column }) => column),
  };
}

/** `block` solves with the diagonal blocks. The factors are its own, then the entries below the diagonal blocks. */
export function blockPrograms(
  entries: number,
  blocks: BlockColumn,
  block: LinearSolver,
): SolverPrograms & { readonly size: number } {
  const size = block.size + blocks.source.length;
  return {
    size,
    factor: () => blockFactor(entries, blocks, block, size),
    solve: () => blockSolve(blocks, block, size, false),
    solveTransposed: () => blockSolve(blocks, block, size, true),
  };
}

function blockFactor(entries: number, blocks: BlockColumn, block: LinearSolver, size: number): Program {
  const b = new Builder(`blockFactor${blocks.count}x${blocks.width}`);
  const values = b.arrayParameter("values", entries, "input");
  const factors = b.arrayParameter("factors", size, "output");
  const d = b.scalarParameter("d");
  const diagonal = b.localArray("diagonal", blocks.diagonalSource.length);
  gather(b, diagonal, 0, values, b.constantArray("diagonalSource", blocks.diagonalSource));
  gather(b, factors, block.size, values, b.constantArray("source", blocks.source));
  return b.finish(b.call(block.factor, [whole(b, diagonal), whole(b, factors), d])!);
}

/** Forward over the blocks; with the transpose, backward. */
function blockSolve(blocks: BlockColumn, block: LinearSolver, size: number, transposed: boolean): Program {
  const { count, width } = blocks;
  const b = new Builder(`blockSolve${transposed ? "Transposed" : ""}${count}x${width}`);
  const factors = b.arrayParameter("factors", size, "input");
  const x = b.arrayParameter("b", count * width, "inout");
  const [members, start] = [b.constantArray("members", blocks.members), b.constantArray("start", blocks.start)];
  const [row, column] = [b.constantArray("row", blocks.row), b.constantArray("column", blocks.column)];
  const [changed, known] = transposed ? [column, row] : [row, column];
  const part = b.localArray("part", width);
  const couple = (k: Value): void =>
    loop(b, b.load(start, k), b.load(start, plus(b, k, 1)), (e) => {
      const to = b.load(changed, e);
      const entry = b.load(factors, plus(b, e, block.size));
      // W has J's entries with the other sign.
      const product = b.operation("mul", entry, b.load(x, b.load(known, e)));
      b.store(x, to, b.operation("add", b.load(x, to), product));
    });
  const solver = transposed ? block.solveTransposed : block.solve;
  const inOrder = blocks.members.every((member, i) => member === i);
  const solveBlock = (k: Value): void => {
    if (inOrder) return void b.call(solver, [whole(b, factors), { array: x, offset: times(b, k, width) }]);
    const member = (i: Value): Value => b.load(members, plus(b, times(b, k, width), i));
    loop(b, 0, width, (i) => b.store(part, i, b.load(x, member(i))));
    b.call(solver, [whole(b, factors), whole(b, part)]);
    loop(b, 0, width, (i) => b.store(x, member(i), b.load(part, i)));
  };
  if (transposed) {
    loop(b, count - 1, -1, (k) => (solveBlock(k), couple(k)), -1);
  } else loop(b, 0, count, (k) => (couple(k), solveBlock(k)));
  return b.finish();
}

/** into[at + i] = from[indices[i]] */
function gather(b: Builder, into: ArrayDeclaration, at: number, from: ArrayDeclaration, indices: ArrayDeclaration): void {
  loop(b, 0, indices.size, (i) => b.store(into, plus(b, i, at), b.load(from, b.load(indices, i))));
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
