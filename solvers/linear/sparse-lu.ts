/**
 * Sparse LU of W = d I - J, or d M - J, on a fixed pattern, multifrontal (Duff & Reid 1983; Liu, "The multifrontal method for sparse matrix
 * solution", SIAM Review 34, 1992): pivots come in groups whose rows look alike, each group is eliminated in a small dense matrix,
 * its front, and what that leaves is added into the front of its parent.
 *
 * Pivots stay on the diagonal, in an order that keeps fill low. For d = 1/(γh) the diagonal outweighs the rest when the step h
 * is small; a pivot that has all but cancelled is reported, and the remedy is a smaller step. With a mass matrix rows have scales of their
 * own, and a pivot is held against the other entries of its column.
 */
import { Builder } from "../../src/ir/builder.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { firstFailure } from "./dense-lu.ts";
import type { Fronts } from "./fronts.ts";
import {
  loop,
  massEntry,
  minus,
  plus,
  subtractProduct,
  subtractTransposedProduct,
  times,
  type Columns,
  type Stretch,
} from "./kernels.ts";
import { solveLower, solveLowerTransposed, solveUpper, solveUpperTransposed } from "./triangular.ts";

/** A pivot this much smaller than d has lost its digits. Both stay as they are when the state changes its units. */
export const SMALLEST_PIVOT = 1e-12;

/** A pivot so much smaller than another entry of its column makes elimination unstable. */
export const LARGEST_MULTIPLIER = 1e8;

/** Looks things up in the tables of the fronts. */
class Tables {
  constructor(
    private readonly b: Builder,
    private readonly fronts: Fronts,
  ) {}

  at(table: { [K in keyof Fronts]: Fronts[K] extends Int32Array ? K : never }[keyof Fronts], index: Value): Value {
    return this.b.load(this.b.constantArray(table, this.fronts[table]), index);
  }

  /** What a front consists of, looked up once. */
  front(s: Value): Front {
    const [width, size] = [this.at("width", s), this.at("size", s)];
    return {
      first: this.at("first", s),
      width,
      size,
      height: minus(this.b, size, width),
      factors: this.at("factors", s),
      rows: this.at("rowStart", s),
    };
  }
}

interface Front {
  readonly first: Value;
  readonly width: Value;
  readonly size: Value;
  readonly height: Value;
  readonly factors: Value;
  /** Start into the tables of rows. */
  readonly rows: Value;
}

/** The columns of L (and of U within the pivots' square), then the rows of U beyond it. */
function factorsOf(b: Builder, work: ArrayDeclaration, front: Front): { lower: Columns; upper: Columns } {
  const beyond = plus(b, front.factors, times(b, front.width, front.size));
  return {
    lower: { array: work, at: front.factors, stride: front.size },
    upper: { array: work, at: beyond, stride: front.height },
  };
}

/**
 * factor(values: input f64[nnz], work: output f64[workSize], d) -> 0, or k + 1 where the k-th pivot is too small.
 * `values` are J's, in the order of its pattern, as are those of `mass`; without, M is the identity.
 */
export function sparseFactor(pattern: SparsityPattern, fronts: Fronts, mass?: Float64Array): Program {
  const b = new Builder(`sparseFactor${pattern.columns}`);
  const values = b.arrayParameter("values", pattern.rowIndices.length, "input");
  const work = b.arrayParameter("work", fronts.workSize, "output");
  const d = b.scalarParameter("d");
  const memory = b.localArray("fronts", fronts.frontMemory);
  const tables = new Tables(b, fronts);
  const threshold = mass ? undefined : b.operation("mul", b.operation("abs", d), b.f64(SMALLEST_PIVOT));
  const ofMass = mass && b.constantArray("mass", mass);
  const [status] = b.for(b.i32(0), b.i32(fronts.count), 1, [b.f64(0)], (s, [before]) => {
    const front = tables.front(s);
    const offset = tables.at("offset", s);
    assemble(b, tables, s, front, offset, memory, values, d, ofMass);
    return [eliminate(b, front, offset, memory, work, threshold, before)];
  });
  return b.finish(status);
}

/** The front: its part of W, and what its children left. */
function assemble(
  b: Builder,
  tables: Tables,
  s: Value,
  front: Front,
  offset: Value,
  memory: ArrayDeclaration,
  values: ArrayDeclaration,
  d: Value,
  mass: ArrayDeclaration | undefined,
): void {
  const { size, width } = front;
  loop(b, offset, plus(b, offset, times(b, size, size)), (i) => b.store(memory, i, b.f64(0)));
  const next = plus(b, s, 1);
  loop(b, tables.at("entryStart", s), tables.at("entryStart", next), (e) => {
    const target = plus(b, offset, tables.at("target", e));
    const source = tables.at("source", e);
    const value = b.load(values, source);
    const entry = mass ? massEntry(b, d, b.load(mass, source), value) : b.operation("neg", value);
    b.store(memory, target, entry);
  });
  if (!mass) {
    loop(b, 0, width, (k) => {
      const diagonal = plus(b, offset, times(b, k, plus(b, size, 1)));
      b.store(memory, diagonal, b.operation("add", b.load(memory, diagonal), d));
    });
  }
  loop(b, tables.at("childStart", s), tables.at("childStart", next), (c) => {
    const child = tables.at("children", c);
    const { size: childSize, width: childWidth, height, rows } = tables.front(child);
    const left = plus(b, tables.at("offset", child), times(b, childWidth, plus(b, childSize, 1)));
    loop(b, 0, height, (j) => {
      const column = plus(b, offset, times(b, tables.at("parentRows", plus(b, rows, j)), size));
      const from = plus(b, left, times(b, j, childSize));
      loop(b, 0, height, (i) => {
        const at = plus(b, column, tables.at("parentRows", plus(b, rows, i)));
        b.store(memory, at, b.operation("add", b.load(memory, at), b.load(memory, plus(b, from, i))));
      });
    });
  });
}

/** Eliminates the front's pivots; the factors go to `work`, the rest of the front is what it leaves to its parent. */
function eliminate(
  b: Builder,
  front: Front,
  offset: Value,
  memory: ArrayDeclaration,
  work: ArrayDeclaration,
  threshold: Value | undefined,
  before: Value,
): Value {
  const { first, width, size } = front;
  const { lower, upper } = factorsOf(b, work, front);
  const column = (c: Value): Stretch => ({ array: memory, at: plus(b, offset, times(b, c, size)) });
  const [status] = b.for(b.i32(0), width, 1, [before], (c, [sofar]) => {
    const x = column(c);
    solveLower(b, x, lower, c, size);
    const pivot = b.load(memory, plus(b, x.at, c));
    const inverse = b.operation("div", b.f64(1), pivot);
    const to = plus(b, lower.at, times(b, c, size));
    loop(b, 0, c, (r) => b.store(work, plus(b, to, r), b.load(memory, plus(b, x.at, r))));
    b.store(work, plus(b, to, c), inverse);
    loop(b, plus(b, c, 1), size, (r) =>
      b.store(work, plus(b, to, r), b.operation("mul", b.load(memory, plus(b, x.at, r)), inverse)),
    );
    const least = threshold ?? b.operation("mul", largestBelow(b, x, c, size), b.f64(1 / LARGEST_MULTIPLIER));
    return [firstFailure(b, sofar, pivot, least, plus(b, first, c))];
  });
  loop(b, width, size, (c) => {
    const x = column(c);
    solveLower(b, x, lower, width, size);
    const to = plus(b, upper.at, minus(b, c, width));
    loop(b, 0, width, (k) => b.store(work, plus(b, to, times(b, k, upper.stride)), b.load(memory, plus(b, x.at, k))));
  });
  return status;
}

/** The largest size of an entry below row c. */
function largestBelow(b: Builder, x: Stretch, c: Value, size: Value): Value {
  return b.for(plus(b, c, 1), size, 1, [b.f64(0)], (r, [most]) => [
    b.operation("max", most, b.operation("abs", b.load(x.array, plus(b, x.at, r)))),
  ])[0];
}

/** solve(work: input f64[workSize], b: inout f64[n]): b becomes the x of W x = b. */
export function sparseSolve(order: Int32Array, fronts: Fronts): Program {
  return solveProgram("sparseSolve", order, fronts, {
    forward: (b, x, { lower }, { width, size }) => solveLower(b, x, lower, width, size),
    backward: (b, x, { lower, upper }, { width, height }) => {
      subtractTransposedProduct(b, x, upper, { array: x.array, at: width }, width, height);
      solveUpper(b, x, lower, width);
    },
  });
}

/** As {@link sparseSolve}, for Wᵀ x = b. */
export function sparseSolveTransposed(order: Int32Array, fronts: Fronts): Program {
  return solveProgram("sparseSolveTransposed", order, fronts, {
    forward: (b, x, { lower, upper }, { width, height }) => {
      solveUpperTransposed(b, x, lower, width);
      subtractProduct(b, { array: x.array, at: width }, upper, x, width, height);
    },
    backward: (b, x, { lower }, { width, size }) => solveLowerTransposed(b, x, lower, width, size),
  });
}

type Sweep = (b: Builder, x: Stretch, factors: ReturnType<typeof factorsOf>, front: Front) => void;

/** Both solves go up the tree and down again; each front works on the part of the vector that it couples. */
function solveProgram(name: string, order: Int32Array, fronts: Fronts, sweeps: { forward: Sweep; backward: Sweep }): Program {
  const n = order.length;
  const b = new Builder(`${name}${n}`);
  const work = b.arrayParameter("work", fronts.workSize, "input");
  const right = b.arrayParameter("b", n, "inout");
  const permutation = b.constantArray("order", order);
  const y = b.localArray("permuted", n);
  const part = b.localArray("part", Math.max(...fronts.size));
  const x: Stretch = { array: part, at: b.i32(0) };
  const tables = new Tables(b, fronts);
  loop(b, 0, n, (k) => b.store(y, k, b.load(right, b.load(permutation, k))));
  const visit = (s: Value, sweep: Sweep, scatters: boolean): void => {
    const front = tables.front(s);
    const { first, width, height, rows } = front;
    const row = (i: Value): Value => tables.at("rows", plus(b, rows, i));
    loop(b, 0, width, (k) => b.store(part, k, b.load(y, plus(b, first, k))));
    loop(b, 0, height, (i) => b.store(part, plus(b, width, i), b.load(y, row(i))));
    sweep(b, x, factorsOf(b, work, front), front);
    loop(b, 0, width, (k) => b.store(y, plus(b, first, k), b.load(part, k)));
    if (scatters) loop(b, 0, height, (i) => b.store(y, row(i), b.load(part, plus(b, width, i))));
  };
  loop(b, 0, fronts.count, (s) => visit(s, sweeps.forward, true));
  loop(b, fronts.count - 1, -1, (s) => visit(s, sweeps.backward, false), -1);
  loop(b, 0, n, (k) => b.store(right, b.load(permutation, k), b.load(y, k)));
  return b.finish();
}
