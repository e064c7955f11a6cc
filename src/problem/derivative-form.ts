/**
 * How the derivatives enter an equation F(u', u, p, t) = 0. With v = W u' for what of them it depends on, it is the semi-explicit
 *
 *   W u' = v,   0 = F(W⁺ v, u, p, t),
 *
 * in u and v, whose index is one where that of F is (Brenan, Campbell, Petzold, Numerical Solution of Initial-Value Problems in
 * Differential-Algebraic Equations, section 2.5; Hairer, Wanner, Solving Ordinary Differential Equations II, VI.1). Mostly v is u' of some
 * components; where derivatives enter as one sum or difference alone, as those of the voltages at a capacitor, v is that.
 */
import { eachEntry } from "../analysis/pattern.ts";
import { derivativesOf } from "../derive/program-derivatives.ts";
import type { JacobianProgram } from "../derive/jacobian.ts";
import { interpret } from "../ir/interpret.ts";
import type { Program } from "../ir/ir.ts";
import { matching } from "./matching.ts";
import { perturbed, type Start } from "./points.ts";

/** A row of W: the component that it is solved for, whose weight is 1 and which is in no other row, and the others with theirs. */
export interface DerivativeRow {
  readonly component: number;
  readonly others: readonly (readonly [component: number, weight: number])[];
}

export interface DerivativeForm {
  readonly rows: readonly DerivativeRow[];
  /**
   * Of each equation of F the number, among u and behind it v, in whose row it is solved: one that it depends on, and where it can be
   * that of its own component, so that the diagonal has no structural zeros.
   */
  readonly places: readonly number[];
}

/** Relative changes of state and parameters where W is looked for, so that nothing is zero by chance. */
const SAMPLES = [0.07, -0.13, 0.23];
/** Of the terms of a difference, what rounding leaves of one that is zero. */
const RANK = 1e-10;
/** Derivatives that are connected by equations, beyond which no sums are looked for. */
const MOST_CONNECTED = 200;

/** Of the program of a residual, (output r[n], input du[n], input u[n], input p[np], scalar t); `du` is of about the size of derivatives. */
export function derivativeForm(program: Program, { u0, p, tspan }: Start, du: Float64Array): DerivativeForm {
  const n = u0.length;
  const points = SAMPLES.map((size, i) => ({
    du: perturbed(du, size),
    u: perturbed(u0, size),
    p: perturbed(p, size),
    t: tspan[0] + (i / SAMPLES.length) * (tspan[1] - tspan[0]),
  }));
  const [byDu, byU] = ["du", "u"].map((input) => entriesAt(derivativesOf(program).jacobian(input), points));
  const rows = connected(byDu, n).flatMap((columns) => rowsOf(byDu, columns));
  rows.sort((a, b) => a.component - b.component);
  const place = new Map(rows.map(({ component }, j) => [component, n + j]));
  const candidates = Array.from({ length: n }, () => [] as { place: number; size: number }[]);
  for (const { row, column, values } of byDu) {
    const at = place.get(column);
    if (at !== undefined) candidates[row].push({ place: at, size: sizeOf(values) });
  }
  for (const { row, column, values } of byU) {
    if (!place.has(column)) candidates[row].push({ place: column, size: sizeOf(values) });
  }
  const open = Array.from({ length: n }, (_, i) => place.get(i) ?? i);
  return { rows, places: matching(candidates, open) };
}

interface Entry {
  readonly row: number;
  readonly column: number;
  /** At the points. */
  readonly values: readonly number[];
}

interface Point {
  readonly du: Float64Array;
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
}

const unwatched = { operation: () => {}, access: () => {} };

function entriesAt({ pattern, values }: JacobianProgram, points: readonly Point[]): Entry[] {
  const found = points.map((point) => {
    const into = new Float64Array(pattern.rowIndices.length);
    const known: Readonly<Record<string, Float64Array | number>> = { ...point };
    const args = values.parameters.map((parameter) => {
      if (parameter.kind === "scalar") return known[parameter.name];
      return parameter.array.role === "output" ? into : known[parameter.array.name];
    });
    interpret(values, args, unwatched);
    return into;
  });
  const entries: Entry[] = [];
  eachEntry(pattern, (e, row, column) => entries.push({ row, column, values: found.map((each) => each[e]) }));
  return entries;
}

/** Of what is no number nothing is known: it is taken for large. */
function sizeOf(values: readonly number[]): number {
  return values.reduce((most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : Infinity), 0);
}

/** The columns that have entries, in groups that no row connects. */
function connected(entries: readonly Entry[], n: number): number[][] {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const first = new Map<number, number>();
  for (const { row, column } of entries) {
    const other = first.get(row);
    if (other === undefined) first.set(row, column);
    else parent[find(column)] = find(other);
  }
  const groups = new Map<number, Set<number>>();
  for (const { column } of entries) {
    const root = find(column);
    groups.set(root, (groups.get(root) ?? new Set()).add(column));
  }
  return [...groups.values()].map((columns) => [...columns].sort((a, b) => a - b));
}

/** A basis of what the rows of ∂F/∂u' span at all points, in reduced echelon form; where that leaves out a column, each column by itself. */
function rowsOf(entries: readonly Entry[], columns: readonly number[]): DerivativeRow[] {
  const each = columns.map((component) => ({ component, others: [] }));
  if (columns.length === 1 || columns.length > MOST_CONNECTED) return each;
  const place = new Map(columns.map((column, j) => [column, j]));
  const matrix = new Map<string, Float64Array>();
  for (const { row, column, values } of entries) {
    const j = place.get(column);
    if (j === undefined) continue;
    values.forEach((value, s) => {
      const key = `${row} ${s}`;
      const line = matrix.get(key) ?? new Float64Array(columns.length);
      line[j] = value;
      matrix.set(key, line);
    });
  }
  const basis = echelon(
    [...matrix.values()].filter((line) => line.every(Number.isFinite)),
    columns.length,
  );
  const isComplete = columns.every((_, j) => basis.some(({ line }) => line[j] !== 0));
  if (!isComplete || basis.length === columns.length) return each;
  return basis.map(({ pivot, line }) => ({
    component: columns[pivot],
    others: columns.flatMap((column, j) => (j !== pivot && line[j] !== 0 ? [[column, line[j]] as const] : [])),
  }));
}

interface Echelon {
  readonly pivot: number;
  readonly line: Float64Array;
  /** Of each entry, the largest of the terms that it is a sum of. */
  readonly terms: Float64Array;
}

/** By Gauss and Jordan, rows of one size, the largest entry of all as the pivot. What is zero is seen by an entry's own terms, whatever the units. */
function echelon(lines: readonly Float64Array[], width: number): Echelon[] {
  const left = lines
    .map((line) => ({ line, size: line.reduce((most, x) => Math.max(most, Math.abs(x)), 0) }))
    .filter(({ size }) => size > 0)
    .map(({ line, size }) => ({ line: line.map((x) => x / size), terms: line.map((x) => Math.abs(x / size)) }));
  const basis: Echelon[] = [];
  while (basis.length < width) {
    let [best, pivot, most] = [0, 0, 0];
    left.forEach(({ line }, i) =>
      line.forEach((x, j) => {
        if (Math.abs(x) > most) [best, pivot, most] = [i, j, Math.abs(x)];
      }),
    );
    if (most === 0) break;
    const [found] = left.splice(best, 1);
    const by = found.line[pivot];
    const row = { pivot, line: found.line.map((x) => x / by), terms: found.terms.map((x) => x / most) };
    for (const other of [...left, ...basis]) subtract(row, other);
    basis.push(row);
  }
  return basis;
}

/** From a line so many times a row that it is zero at the row's pivot. */
function subtract({ pivot, line, terms }: Echelon, from: Omit<Echelon, "pivot">): void {
  const factor = from.line[pivot];
  if (factor === 0) return;
  line.forEach((x, j) => {
    from.terms[j] = Math.max(from.terms[j], Math.abs(factor) * terms[j]);
    const rest = from.line[j] - factor * x;
    from.line[j] = Math.abs(rest) > RANK * from.terms[j] ? rest : 0;
  });
}
