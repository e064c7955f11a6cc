/**
 * The linear systems of implicit steps: one interface to dense, banded, sparse and block LU of W = d I - J, or W = d M - J, by what their structure
 * makes cheapest.
 */
import { costOf } from "../../src/analysis/cost.ts";
import { memo } from "../../src/core/memo.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { Program } from "../../src/ir/ir.ts";
import { bandOf, type Band } from "./band.ts";
import { bandedFactor, bandedSize, bandedSolve, costOfBandedFactor, costOfBandedSolve } from "./banded-lu.ts";
import { blockPrograms, splitIntoBlocks } from "./block-lu.ts";
import { denseSize, denseSolve, denseSolveTransposed, factorColumns } from "./dense-lu.ts";
import { layOut } from "./fronts.ts";
import { loop, massEntry, times } from "./kernels.ts";
import { columnOf } from "../../src/analysis/pattern.ts";
import { sparseFactor, sparseSolve, sparseSolveTransposed } from "./sparse-lu.ts";
import { costOfFront, costsOfFront, planElimination } from "./supernodes.ts";

/**
 * Programs with the same parameters for all kinds, to be called from generated steps:
 * - factor(values: input f64[nnz], factors: output f64[size], d: f64) -> status f64;
 * - solve(factors: input f64[size], b: inout f64[n]) and solveTransposed, alike: b becomes x.
 *
 * `values` are J's entries in the order of the pattern (by columns). Status 0 is success; k + 1 is a pivot, the k-th, that
 * vanished (dense), is not finite, or became too small for the fixed order of pivots (sparse): retry with a smaller step, which makes d larger.
 */
export interface LinearSolver {
  readonly kind: "dense" | "banded" | "sparse" | "blocks";
  /** Numbers in the factors. */
  readonly size: number;
  readonly factor: Program;
  readonly solve: Program;
  readonly solveTransposed: Program;
  /** Nanoseconds of a call of `factor` and of one that solves, counted. */
  readonly costs: { readonly factor: number; readonly solve: number };
}

/** How the programs of a solver are made. */
export type SolverPrograms = Readonly<Record<"factor" | "solve" | "solveTransposed", () => Program>>;

/** Each program is made when it is first asked for: most solves ask for none of transposed systems, and counting costs asks for none. */
function solverOf(kind: LinearSolver["kind"], size: number, make: SolverPrograms, counted?: LinearSolver["costs"]): LinearSolver {
  const made = (program: () => Program, cost: number | undefined) =>
    memo(() => (cost === undefined ? program() : { ...program(), cost }));
  const factor = made(make.factor, counted?.factor);
  const [solve, solveTransposed] = [make.solve, make.solveTransposed].map((program) => made(program, counted?.solve));
  return {
    kind,
    size,
    get factor() {
      return factor();
    },
    get solve() {
      return solve();
    },
    get solveTransposed() {
      return solveTransposed();
    },
    get costs() {
      return counted ?? { factor: costOf(factor()), solve: costOf(solve()) };
    },
  };
}

/** Up to this size dense LU always wins, and its pivoting comes for free. */
const ALWAYS_DENSE = 16;

/**
 * The solver for a Jacobian with this pattern and, where it has equal diagonal blocks, these (see System). `mass`: the entries of M in the
 * order of the pattern; absent: the identity.
 */
export const linearSolverFor = memo(
  (pattern: SparsityPattern, blocks?: readonly Int32Array[], mass?: Float64Array): LinearSolver =>
    blocks ? makeBlockSolver(pattern, blocks, mass) : makeSolver(pattern, mass),
  { by: (pattern, _blocks?: readonly Int32Array[], mass?: Float64Array) => [pattern, mass] },
);

function makeBlockSolver(pattern: SparsityPattern, blocks: readonly Int32Array[], mass: Float64Array | undefined): LinearSolver {
  const split = splitIntoBlocks(pattern, blocks);
  const ofBlock = mass && Float64Array.from(split.diagonalSource, (e) => mass[e]);
  const programs = blockPrograms(pattern.rowIndices.length, split, linearSolverFor(split.diagonal, undefined, ofBlock));
  return solverOf("blocks", programs.size, programs);
}

function makeSolver(pattern: SparsityPattern, mass: Float64Array | undefined): LinearSolver {
  const n = pattern.columns;
  const full = pattern.rowIndices.length === n * n;
  // Sparse elimination takes its pivots from the diagonal, where an algebraic equation may have a zero.
  if (n <= ALWAYS_DENSE || full || (mass && !(hasDiagonal(pattern) && leadsOnDiagonal(pattern, mass))))
    return denseSolver(pattern, n, mass);
  const band = bandOf(pattern);
  if (band) return bandedSolver(pattern, n, band, mass);
  const elimination = planElimination(pattern);
  const cost = elimination.supernodes.reduce((sum, s) => sum + costOfFront(s.width, s.rows.length), 0);
  if (costOfFront(n, 0) <= cost) return denseSolver(pattern, n, mass);
  const fronts = layOut(pattern, elimination);
  const costs = elimination.supernodes.map(({ width, rows }) => costsOfFront(width, rows.length));
  const total = (what: "factor" | "solve"): number => costs.reduce((sum, each) => sum + each[what], 0);
  return solverOf(
    "sparse",
    fronts.workSize,
    {
      factor: () => sparseFactor(pattern, fronts, mass),
      solve: () => sparseSolve(elimination.order, fronts),
      solveTransposed: () => sparseSolveTransposed(elimination.order, fronts),
    },
    { factor: total("factor"), solve: total("solve") },
  );
}

function hasDiagonal(pattern: SparsityPattern): boolean {
  for (let column = 0; column < pattern.columns; column++) if (!columnOf(pattern, column).includes(column)) return false;
  return true;
}

/** Has each column in which M has entries one on the diagonal? Otherwise those beside it outgrow the pivot, as d grows. */
function leadsOnDiagonal(pattern: SparsityPattern, mass: Float64Array): boolean {
  for (let column = 0; column < pattern.columns; column++) {
    const entries = mass.subarray(pattern.columnPointers[column], pattern.columnPointers[column + 1]);
    const diagonal = columnOf(pattern, column).indexOf(column);
    if (entries[diagonal] === 0 && entries.some((x) => x !== 0)) return false;
  }
  return true;
}

function bandedSolver(pattern: SparsityPattern, n: number, band: Band, mass: Float64Array | undefined): LinearSolver {
  return solverOf(
    "banded",
    bandedSize(n, band),
    {
      factor: () => bandedFactor(pattern, band, mass),
      solve: () => bandedSolve(n, band, false),
      solveTransposed: () => bandedSolve(n, band, true),
    },
    { factor: costOfBandedFactor(n, band), solve: costOfBandedSolve(n) },
  );
}

function denseSolver(pattern: SparsityPattern, n: number, mass: Float64Array | undefined): LinearSolver {
  return solverOf("dense", denseSize(n), {
    factor: () => formAndFactor(pattern, n, mass),
    solve: () => denseSolve(n),
    solveTransposed: () => denseSolveTransposed(n),
  });
}

/** W in place of the factors, then the factors. */
function formAndFactor(pattern: SparsityPattern, n: number, mass: Float64Array | undefined): Program {
  const b = new Builder(`formAndFactor${n}`);
  const nonzeros = pattern.rowIndices.length;
  const values = b.arrayParameter("values", nonzeros, "input");
  const factors = b.arrayParameter("factors", denseSize(n), "output");
  const d = b.scalarParameter("d");
  if (mass) {
    const [targets, ofMass] = [b.constantArray("targets", denseIndices(pattern)), b.constantArray("mass", mass)];
    b.fill(factors, b.f64(0));
    loop(b, 0, nonzeros, (k) => b.store(factors, b.load(targets, k), massEntry(b, d, b.load(ofMass, k), b.load(values, k))));
    return b.finish(factorColumns(b, n, factors));
  }
  if (nonzeros === n * n) loop(b, 0, nonzeros, (k) => b.store(factors, k, b.operation("neg", b.load(values, k))));
  else {
    const targets = b.constantArray("targets", denseIndices(pattern));
    b.fill(factors, b.f64(0));
    loop(b, 0, nonzeros, (k) => b.store(factors, b.load(targets, k), b.operation("neg", b.load(values, k))));
  }
  loop(b, 0, n, (k) => {
    const diagonal = times(b, k, n + 1);
    b.store(factors, diagonal, b.operation("add", b.load(factors, diagonal), d));
  });
  return b.finish(factorColumns(b, n, factors));
}

/** Where the entries of a pattern lie in a full matrix, by columns. */
function denseIndices(pattern: SparsityPattern): Int32Array {
  const indices: number[] = [];
  for (let column = 0; column < pattern.columns; column++) {
    for (const row of columnOf(pattern, column)) indices.push(column * pattern.rows + row);
  }
  return Int32Array.from(indices);
}
