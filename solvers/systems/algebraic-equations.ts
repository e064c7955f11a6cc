/** The algebraic equations of a problem with a mass matrix, where a solve begins: whether they hold, and the state next to it where they do. */
import { memo } from "../../src/core/memo.ts";
import { uniforms } from "../../src/core/random.ts";
import { componentName, ownLayout } from "../../src/arrays/layout.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import type { Branches } from "../../src/analysis/switching/branches.ts";
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

/** How they are asked. */
interface Settled {
  readonly initialise: boolean;
  readonly fixed: boolean;
  readonly when: string;
}

/** The relative error that derivatives which are given may have at least. */
const LEAST_OF_DERIVATIVES = 1e-8;
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
  /** Of the state, the user's components; derivatives are behind them. */
  private readonly own: number;

  constructor(code: ProblemCode, target: Target, branches: Branches | undefined) {
    const { arena } = this;
    this.problem = { name: code.name, layout: code.layout, output: code.output };
    this.own = code.isResidual ? ownLayout(code.layout.u).size : code.layout.u.size;
    const system = (this.system = massSystemOf(code, arena, branches));
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
   * {@link IndexTooHigh}. With `initialise` it moves the state to where they hold, along M δ = 0; derivatives behind the user's components
   * it moves in any case, and `fixed` tells that these should hold as they are. `when` says in messages where that is.
   */
  settle(u: Float64Array, p: Float64Array, t: number, tolerances: Tolerances, { initialise, fixed, when }: Settled): void {
    const { own } = this;
    if (own === u.length || initialise) return this.iterate(u, p, t, tolerances, initialise, when);
    const given = u.slice();
    this.iterate(u, p, t, tolerances, true, when);
    const moved = u.map((x, i) => x - given[i]);
    const { layout, name } = this.problem;
    const changed = (from: number, to: number): string => {
      const largest = this.largest(moved, from, to);
      return `${componentName(layout.u, largest, "u")} is ${u[largest]}, not ${given[largest]}`;
    };
    if (sizeOf(moved.subarray(0, own), given.subarray(0, own), tolerances) > 1) {
      throw new InconsistentInitialValues(
        `${name}: the equations do not hold ${when} whatever the derivative: they do where ${changed(0, own)}. Correct u0, or have what ` +
          'the equations determine solved for: daeProblem({ …, initialise: "algebraic" }).',
      );
    }
    if (
      fixed &&
      moved.some((x, i) => i >= own && Math.abs(x) > Math.max(tolerances.rtol, LEAST_OF_DERIVATIVES) * Math.abs(u[i]))
    ) {
      throw new InconsistentInitialValues(
        `${name}: du0 does not solve the equations ${when}: ${changed(own, u.length)}. Leave it out, and it is computed.`,
      );
    }
    u.set(given.subarray(0, own));
  }

  private iterate(u: Float64Array, p: Float64Array, t: number, tolerances: Tolerances, initialise: boolean, when: string): void {
    let before = Infinity;
    let change: Float64Array | undefined;
    let left = Infinity;
    for (let k = 0; k < MOST_ITERATIONS; k++) {
      const found = this.newton(u, p, t);
      // Of what is no number the solve says more.
      const isNumber = found.residual.every(Number.isFinite) && found.values.every(Number.isFinite);
      if (!isNumber && change === undefined) return;
      if (k === 0) this.requireIndexOne(found, p, t, when);
      const size = isNumber ? this.sizeOfChange(found, tolerances) : NaN;
      if (!initialise) {
        if (size <= 1) return;
        throw this.inconsistent(found, when);
      }
      // Far away changes may grow, of a cubic even for good, where what is left of the equations shrinks.
      const rest = isNumber ? Math.hypot(...found.residual) : NaN;
      if (change && !(size < before || rest < left)) {
        u.forEach((x, i) => (u[i] = x - change![i] / 2));
        change = change.map((x) => x / 2);
        continue;
      }
      change = found.change.slice();
      [before, left] = [size, rest];
      u.forEach((x, i) => (u[i] = x + change![i]));
      if (size <= CONVERGED) return;
    }
    throw new InconsistentInitialValues(
      `${this.problem.name}: Newton's iterations found no values ${when} for which the algebraic equations hold; ${MOST_ITERATIONS} ` +
        `leave ${this.equationNamed(this.newton(u, p, t).residual)}. Give a u0 that is nearer.`,
    );
  }

  /**
   * In units of the tolerances. Derivatives, which have none, are to be right to as many digits; where no more is left of the residual than
   * rounding makes of its terms, they are.
   */
  private sizeOfChange(
    { change, residual, values, u }: ReturnType<AlgebraicEquations["newton"]>,
    tolerances: Tolerances,
  ): number {
    const { own, system } = this;
    const ofOwn = sizeOf(change.subarray(0, own), u.subarray(0, own), tolerances);
    if (own === system.n) return ofOwn;
    const { pattern, mass } = constraintMatrix(system);
    const terms = new Float64Array(system.n);
    eachEntry(pattern, (e, row, column) => (terms[row] += Math.abs((mass![e] - values[e]) * u[column])));
    if (residual.every((r, i) => Math.abs(r) <= ROUNDING * terms[i])) return ofOwn;
    const rtol = Math.max(tolerances.rtol, ROUNDING);
    return change.subarray(own).reduce((most, x, j) => Math.max(most, x === 0 ? 0 : Math.abs(x / (rtol * u[own + j]))), ofOwn);
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
    const what = `${this.problem.name}: index higher than one: the`;
    const which = `equations do not determine ${this.undetermined(entries, columns)}`;
    throw new IndexTooHigh(
      this.own < n
        ? `${what} ${which} ${when}. Differentiate those that hold no derivative by time until they do, and put them in the place of those ` +
            "that were given (index reduction); where derivatives enter as a sum alone whose weights change, make what it is the derivative of " +
            "a component; where they are found from a du0 at which equations are singular, such as du ** 2 at 0, give another."
        : `${what} algebraic ${which}, which the mass matrix gives no derivative of, ${when}. Differentiate the equations by time until ` +
            "they do, and put them in the place of those that were given (index reduction).",
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
    const largest = this.largest(change, 0, change.length);
    return new InconsistentInitialValues(
      `${name}: the algebraic equations do not hold ${when}: ${this.equationNamed(found.residual)}. Correct u0, or have what the equations ` +
        `determine solved for: odeProblem({ …, initialise: "algebraic" }). It would begin by changing ` +
        `${componentName(layout.u, largest, "u")} from ${u[largest]} to ${u[largest] + change[largest]}.`,
    );
  }

  private largest(change: Float64Array, from: number, to: number): number {
    let best = from;
    for (let i = from; i < to; i++) if (Math.abs(change[i]) > Math.abs(change[best])) best = i;
    return best;
  }

  /** The equation with the largest residual, by the components of what the right-hand side gives. */
  private equationNamed(residual: Float64Array): string {
    const worst = residual.reduce((best, x, i) => (Math.abs(x) > Math.abs(residual[best]) ? i : best), 0);
    const rows: number[] = [];
    eachEntry(leftNullProjector(this.system.mass).pattern, (_, row, column) => {
      if (column === worst) rows.push(row);
    });
    const { output } = this.problem;
    const names = rows.map((i) => componentName(output, i, ownLayout(output).kind === "struct" ? "" : "du"));
    const listed = names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ", …" : "");
    const which = rows.length === 1 ? `that of ${listed}` : `what the mass matrix leaves out of those of ${listed}`;
    return `${which} is ${residual[worst]}, not 0`;
  }
}

/** The largest, in units of the tolerances. */
function sizeOf(change: Float64Array, u: Float64Array, { rtol, atol }: Tolerances): number {
  const each = new Float64Array(u.length);
  setTolerance(each, typeof atol === "number" ? atol : atol.subarray(0, u.length));
  const largest = u.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return change.reduce((most, x, i) => {
    const allowed = each[i] + Math.max(rtol, ROUNDING) * Math.abs(u[i]) + Number.EPSILON * largest;
    return Math.max(most, Math.abs(x) / allowed);
  }, 0);
}

/** Those of a problem, with decisions on the state as they are held; undefined of one without a mass matrix. */
export function algebraicEquationsOf(code: ProblemCode, target: Target, branches?: Branches): AlgebraicEquations | undefined {
  return code.mass && equations(code, target, branches);
}

const equations = memo(
  (code: ProblemCode, target: Target, branches?: Branches) => new AlgebraicEquations(code, target, branches),
  { by: (code, target, branches) => (branches ? [code.identity, target, branches] : [code.identity, target]) },
);
