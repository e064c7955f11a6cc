/** The algebraic equations of a problem with a mass matrix, where a solve begins: whether they hold, and the state next to it where they do. */
import { memo } from "../../src/core/memo.ts";
import { uniforms } from "../../src/core/random.ts";
import { componentName } from "../../src/arrays/layout.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { leftNullProjector } from "../linear/null-space.ts";
import { nullVector } from "../linear/null-vector.ts";
import { constraintMatrix, newtonProgram, slopeProgram, type MassSystem } from "../step/algebraic.ts";
import { eachEntry } from "../step/mass.ts";
import { setTolerance } from "../step-loop/tolerances.ts";
import { IndexTooHigh, InconsistentInitialValues } from "./errors.ts";
import { massSystemOf } from "./problem-system.ts";

/** Where they are asked. */
export interface Tolerances {
  readonly rtol: number;
  readonly atol: number | Float64Array;
}

/** What they make of errors in them, in units of those: beyond this they determine nothing. */
const MOST_GROWTH = 1e12;
const MOST_ITERATIONS = 50;
/** Of the tolerances, the change after which iterations end: the next one would be in proportion to its square. */
const CONVERGED = 1e-3;
/** Relative; what rounding leaves is no inconsistency. */
const ROUNDING = 1e-12;
/** Components that a message names. */
const MOST_NAMED = 4;
/** Unknowns of which those that are not determined are looked for. */
const MOST_SEARCHED = 300;
const SEED = 4_711;

export class AlgebraicEquations {
  private readonly arena = new Arena();
  private readonly address: Record<"residual" | "change" | "solved" | "values" | "status" | "u" | "p" | "right" | "du", number>;
  private readonly code: Record<"newton" | "slope", Compiled>;
  private readonly system: MassSystem;
  private readonly seed: Float64Array;

  /** For messages. */
  private readonly problem: Pick<ProblemCode, "name" | "layout" | "output">;

  constructor(code: ProblemCode, target: Target) {
    const { arena } = this;
    this.problem = { name: code.name, layout: code.layout, output: code.output };
    const system = (this.system = massSystemOf(code, arena));
    const unit = compile({ newton: newtonProgram(system), slope: slopeProgram(system) }, arena, target);
    const reserve = (size: number): number => arena.reserve(size);
    const { n, np } = system;
    const nonzeros = constraintMatrix(system).pattern.rowIndices.length;
    this.address = {
      residual: reserve(n),
      change: reserve(n),
      solved: reserve(n),
      values: reserve(nonzeros),
      status: reserve(1),
      u: reserve(n),
      p: reserve(np),
      right: reserve(n),
      du: reserve(n),
    };
    this.code = unit.link();
    const uniform = uniforms(SEED);
    this.seed = Float64Array.from({ length: n }, () => (uniform() < 0.5 ? -1 : 1) * (0.5 + 0.5 * uniform()));
  }

  /** u' at a state where they hold. */
  slope(u: Float64Array, p: Float64Array, t: number): Float64Array {
    this.write(u, p);
    const { address, code, arena } = this;
    code.slope(address.du, address.u, address.p, t);
    return arena.f64(address.du, u.length).slice();
  }

  /**
   * Throws {@link InconsistentInitialValues} where they do not hold to the tolerances, by what has to change of the state, and
   * {@link IndexTooHigh}. With `initialise` it moves the state to where they hold, along M δ = 0. `when` says in messages where that is.
   */
  settle(u: Float64Array, p: Float64Array, t: number, tolerances: Tolerances, initialise: boolean, when: string): void {
    let before = Infinity;
    let change: Float64Array | undefined;
    for (let k = 0; k < MOST_ITERATIONS; k++) {
      const found = this.newton(u, p, t);
      // Of what is no number the solve says more.
      if (!found.residual.every(Number.isFinite) || !found.values.every(Number.isFinite)) {
        if (change === undefined) return;
        u.forEach((x, i) => (u[i] = x - change![i] / 2));
        change = change.map((x) => x / 2);
        continue;
      }
      if (k === 0) this.requireIndexOne(found, p, t, when);
      const size = sizeOf(found.change, u, tolerances);
      if (!initialise) {
        if (size <= 1) return;
        throw this.inconsistent(found, when);
      }
      if (change && !(size < before)) {
        u.forEach((x, i) => (u[i] = x - change![i] / 2));
        change = change.map((x) => x / 2);
        continue;
      }
      change = found.change.slice();
      before = size;
      u.forEach((x, i) => (u[i] = x + change![i]));
      if (size <= CONVERGED) return;
    }
    throw new InconsistentInitialValues(
      `${this.problem.name}: Newton's iterations found no values ${when} for which the algebraic equations hold; ${MOST_ITERATIONS} ` +
        `leave ${this.equationNamed(this.newton(u, p, t).residual)}. Give a u0 that is nearer.`,
    );
  }

  private newton(u: Float64Array, p: Float64Array, t: number, right?: Float64Array) {
    const { address, code, arena, system } = this;
    const { n } = system;
    this.write(u, p);
    if (right) arena.f64(address.right, n).set(right);
    else arena.f64(address.right, n).fill(0);
    const { residual, change, solved, values, status } = address;
    code.newton(residual, change, solved, values, status, address.u, address.p, address.right, t);
    return {
      u,
      residual: arena.f64(residual, n),
      change: arena.f64(change, n),
      solved: arena.f64(solved, n),
      values: arena.f64(values, constraintMatrix(system).pattern.rowIndices.length),
      isRegular: arena.f64(status, 1)[0] === 0,
    };
  }

  private write(u: Float64Array, p: Float64Array): void {
    const { arena, address } = this;
    arena.f64(address.u, u.length).set(u);
    arena.f64(address.p, p.length).set(p);
  }

  /** K x = right with rows of one size, in units in which columns are: what x makes of it shows whether K is singular. */
  private requireIndexOne(
    { values, isRegular, u }: ReturnType<AlgebraicEquations["newton"]>,
    p: Float64Array,
    t: number,
    when: string,
  ): void {
    const { pattern, mass } = constraintMatrix(this.system);
    const { n } = this.system;
    const entries = Float64Array.from(values, (value, e) => mass![e] - value);
    const [columns, rows] = [new Float64Array(n), new Float64Array(n)];
    eachEntry(pattern, (e, _row, column) => (columns[column] = Math.max(columns[column], Math.abs(entries[e]))));
    eachEntry(pattern, (e, row, column) => (rows[row] = Math.max(rows[row], Math.abs(entries[e]) / (columns[column] || 1))));
    if (isRegular) {
      const right = rows.map((size, i) => size * this.seed[i]);
      const { solved } = this.newton(u, p, t, right);
      const reached = new Float64Array(n);
      eachEntry(pattern, (e, row, column) => (reached[row] += Math.abs(entries[e] * solved[column])));
      if (reached.every((size, i) => size <= MOST_GROWTH * rows[i])) {
        this.newton(u, p, t);
        return;
      }
    }
    throw new IndexTooHigh(
      `${this.problem.name}: index higher than one: the algebraic equations do not determine ${this.undetermined(entries, columns)}, which ` +
        `the mass matrix gives no derivative of, ${when}. Differentiate the equations by time until they do, and put them in the place of ` +
        "those that were given (index reduction).",
    );
  }

  private undetermined(entries: Float64Array, columns: Float64Array): string {
    const { n } = this.system;
    const { layout } = this.problem;
    if (n > MOST_SEARCHED) return "all components";
    const { pattern } = constraintMatrix(this.system);
    const dense = Array.from({ length: n }, () => new Float64Array(n));
    eachEntry(pattern, (e, row, column) => (dense[row][column] = entries[e] / (columns[column] || 1)));
    const left = nullVector(dense).map(Math.abs);
    const most = Math.max(...left);
    const named = [...left.keys()].filter((i) => left[i] > 0.1 * most).sort((i, j) => left[j] - left[i]);
    const names = named.slice(0, MOST_NAMED).map((i) => componentName(layout.u, i, "u"));
    return `${names.join(", ")}${named.length > MOST_NAMED ? ", …" : ""}`;
  }

  private inconsistent(found: ReturnType<AlgebraicEquations["newton"]>, when: string): InconsistentInitialValues {
    const { layout, name } = this.problem;
    const { change, u } = found;
    const largest = [...change.keys()].sort((i, j) => Math.abs(change[j]) - Math.abs(change[i]))[0];
    return new InconsistentInitialValues(
      `${name}: the algebraic equations do not hold ${when}: ${this.equationNamed(found.residual)}. Correct u0, or have what the equations ` +
        `determine solved for: odeProblem({ …, initialise: "algebraic" }). It would begin by changing ` +
        `${componentName(layout.u, largest, "u")} from ${u[largest]} to ${u[largest] + change[largest]}.`,
    );
  }

  /** The equation with the largest residual, by the components of what the right-hand side gives. */
  private equationNamed(residual: Float64Array): string {
    const worst = residual.reduce((best, x, i) => (Math.abs(x) > Math.abs(residual[best]) ? i : best), 0);
    const rows: number[] = [];
    eachEntry(leftNullProjector(this.system.mass).pattern, (_, row, column) => {
      if (column === worst) rows.push(row);
    });
    const { output } = this.problem;
    const names = rows.map((i) => componentName(output, i, output.kind === "struct" ? "" : "du"));
    const listed = names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ", …" : "");
    const which = rows.length === 1 ? `that of ${listed}` : `what the mass matrix leaves out of those of ${listed}`;
    return `${which} is ${residual[worst]}, not 0`;
  }
}

/** The largest, in units of the tolerances. */
function sizeOf(change: Float64Array, u: Float64Array, { rtol, atol }: Tolerances): number {
  const each = new Float64Array(u.length);
  setTolerance(each, atol);
  const largest = u.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return change.reduce((most, x, i) => {
    const allowed = each[i] + Math.max(rtol, ROUNDING) * Math.abs(u[i]) + Number.EPSILON * largest;
    return Math.max(most, Math.abs(x) / allowed);
  }, 0);
}

/** Those of a problem; undefined of one without a mass matrix. */
export function algebraicEquationsOf(code: ProblemCode, target: Target): AlgebraicEquations | undefined {
  return code.mass && equations(code, target);
}

const equations = memo((code: ProblemCode, target: Target) => new AlgebraicEquations(code, target), {
  by: (code, target) => [code.identity, target],
});
