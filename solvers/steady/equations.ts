/**
 * f(u, p) = 0 with what the state keeps from its start: g(u) = f(u, p) − s L Lᵀ (u − u0), where the columns of L are the conservation laws.
 * As Lᵀf vanishes everywhere, g does exactly where f vanishes and the laws hold, and where f alone has a singular Jacobian because of them,
 * that of g is regular. Its linear equations are solved by the factors of d I − G, with d = 0 or, where a fixed order of pivots needs it, a
 * little more and corrections by what is left of the equation.
 */
import { densePattern, eachEntry } from "../../src/analysis/pattern.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import { isProgram, type Program } from "../../src/ir/ir.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { linearSolverFor, type LinearSolver } from "../linear/linear-solver.ts";
import type { System } from "../step/system.ts";

/** d, relative to the largest entry, where none will not do. */
const LEAST_SHIFTS = [0, 1e-12, 1e-9];
/** Corrections of a solution by its residual, at most. */
const MOST_CORRECTIONS = 12;
/** Equations that give back less than so many digits of a known solution count as singular. */
const REGULAR = 1e-4;

export interface Work {
  rhsCalls: number;
  jacobians: number;
  factorizations: number;
  linearSolves: number;
  newtonIterations: number;
  linearIterations: number;
}

export class Equations {
  readonly work: Work = {
    rhsCalls: 0,
    jacobians: 0,
    factorizations: 0,
    linearSolves: 0,
    newtonIterations: 0,
    linearIterations: 0,
  };
  readonly pattern: SparsityPattern;
  private readonly solver: LinearSolver;
  private readonly linked: Record<string, Compiled>;
  private readonly address: Record<"u" | "f" | "p" | "values" | "matrix" | "factors" | "x", number>;
  private readonly view: Record<"u" | "f" | "values" | "matrix" | "x", Float64Array>;
  private readonly laws: readonly Float64Array[];
  private readonly n: number;
  private readonly totals: Float64Array;
  private strength = 0;

  /** `arena`: of the system's functions of the host, if it has such. `laws`: at `u0` they have the values that they keep. */
  constructor(
    system: System,
    private readonly t: number,
    p: Float64Array,
    u0: Float64Array,
    laws: readonly Float64Array[],
    arena: Arena,
    target: Target,
  ) {
    const { n, np, rhs } = system;
    const jacobian = system.jacobian!;
    this.n = n;
    this.laws = laws;
    this.totals = Float64Array.from(laws, (law) => dotted(law, u0));
    this.pattern = jacobian.pattern;
    this.solver = linearSolverFor(laws.length > 0 ? densePattern(n) : this.pattern);
    const { factor, solve, solveTransposed } = this.solver;
    const programs: Record<string, Program> = { factor, solve, solveTransposed };
    if (isProgram(rhs)) programs.rhs = rhs;
    if (isProgram(jacobian.values)) programs.jacobian = jacobian.values;
    const unit = compile(programs, arena, target);
    const nonzeros = this.pattern.rowIndices.length;
    const values = arena.reserve(nonzeros);
    const matrix = laws.length > 0 ? arena.reserve(n * n) : values;
    const [u, f, parameters, factors, x] = [n, n, np, this.solver.size, n].map((size) => arena.reserve(size));
    this.linked = unit.link();
    if (!isProgram(rhs)) this.linked.rhs = rhs.call as Compiled;
    if (!isProgram(jacobian.values)) this.linked.jacobian = jacobian.values.call as Compiled;
    this.address = { u, f, p: parameters, values, matrix, factors, x };
    this.view = {
      u: arena.f64(u, n),
      f: arena.f64(f, n),
      values: arena.f64(values, nonzeros),
      matrix: arena.f64(matrix, laws.length > 0 ? n * n : nonzeros),
      x: arena.f64(x, n),
    };
    arena.f64(parameters, np).set(p);
  }

  /** f at a state. */
  rhs(u: Float64Array): Float64Array {
    const { address, view } = this;
    view.u.set(u);
    this.linked.rhs(address.f, address.u, address.p, this.t);
    this.work.rhsCalls++;
    return view.f.slice();
  }

  /** g at a state, with the s of the Jacobian that was evaluated last. */
  residual(u: Float64Array): Float64Array {
    const g = this.rhs(u);
    this.laws.forEach((law, k) => addTo(g, this.strength * (this.totals[k] - dotted(law, u)), law));
    return g;
  }

  /** Evaluates J at a state, in the order of the pattern; entries that are not finite are those of `notFinite`, and count as zeros. */
  jacobian(u: Float64Array): { readonly values: Float64Array; readonly notFinite: readonly number[] } {
    const { address, view } = this;
    view.u.set(u);
    this.linked.jacobian(address.values, address.u, address.p, this.t);
    this.work.jacobians++;
    const notFinite: number[] = [];
    view.values.forEach((x, e, values) => {
      if (Number.isFinite(x)) return;
      notFinite.push(e);
      values[e] = 0;
    });
    return { values: view.values.slice(), notFinite };
  }

  /** Evaluates and factorizes G at a state, for {@link solve}; says whether it is regular. */
  linearize(u: Float64Array, sizes: Float64Array): boolean {
    const { values } = this.jacobian(u);
    const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
    if (this.laws.length > 0) this.formDense(largest);
    const { address, linked } = this;
    for (const d of LEAST_SHIFTS) {
      this.work.factorizations++;
      if (linked.factor(address.matrix, address.factors, d * largest) === 0 && this.isRegular(sizes)) return true;
    }
    return false;
  }

  /** x of −G x = b, or of −Gᵀ x = b; undefined where it was not found. By the factors of {@link linearize}. */
  solve(b: Float64Array, transposed = false): Float64Array | undefined {
    const { n } = this;
    const x = new Float64Array(n);
    let rest = b.slice();
    let left = Infinity;
    for (let k = 0; k < MOST_CORRECTIONS; k++) {
      const now = largestOf(rest);
      // What cannot be made smaller is rounding.
      if (now === 0 || now >= 0.5 * left) break;
      left = now;
      const change = this.byFactors(rest, transposed);
      for (let i = 0; i < n; i++) x[i] += change[i];
      const product = this.times(x, transposed);
      rest = b.map((y, i) => y + product[i]);
    }
    return x.every(Number.isFinite) ? x : undefined;
  }

  /** (∂g/∂u0)ᵀ λ: what of a cotangent of g belongs to the values that the laws have at the start. */
  ofStart(lambda: Float64Array): Float64Array {
    const sum = new Float64Array(this.n);
    for (const law of this.laws) addTo(sum, this.strength * dotted(law, lambda), law);
    return sum;
  }

  /** What each |g_i| is a sum of, about, for a state of these sizes, by the Jacobian that was evaluated last. */
  residualSizes(sizes: Float64Array): Float64Array {
    const sums = sizes.map((size) => this.strength * size);
    eachEntry(this.pattern, (e, i, j) => (sums[i] += Math.abs(this.view.values[e]) * sizes[j]));
    return sums;
  }

  private formDense(largest: number): void {
    const { n, laws, pattern, view } = this;
    this.strength = largest;
    const { matrix, values } = view;
    matrix.fill(0);
    eachEntry(pattern, (e, i, j) => (matrix[j * n + i] = values[e]));
    for (const law of laws)
      for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) matrix[j * n + i] -= largest * law[i] * law[j];
  }

  /** Does it give back a solution that is known, of the sizes of the state's components? */
  private isRegular(sizes: Float64Array): boolean {
    const random = pseudoRandom();
    const known = sizes.map((size) => size * (0.5 + Math.abs(random())) * (random() < 0 ? -1 : 1));
    const found = this.solve(this.times(known, false).map((y) => -y));
    return found !== undefined && known.every((x, i) => Math.abs(found[i] - x) <= REGULAR * sizes[i]);
  }

  private byFactors(b: Float64Array, transposed: boolean): Float64Array {
    const { address, view, linked } = this;
    view.x.set(b);
    (transposed ? linked.solveTransposed : linked.solve)(address.factors, address.x);
    this.work.linearSolves++;
    return view.x.slice();
  }

  /** G x, or Gᵀ x. */
  private times(x: Float64Array, transposed: boolean): Float64Array {
    const { laws, pattern, view, strength } = this;
    const y = new Float64Array(x.length);
    const { values } = view;
    eachEntry(pattern, (e, i, j) => {
      if (transposed) y[j] += values[e] * x[i];
      else y[i] += values[e] * x[j];
    });
    for (const law of laws) addTo(y, -strength * dotted(law, x), law);
    return y;
  }
}

function dotted(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}

function addTo(sum: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += factor * x[i];
}

function largestOf(x: Float64Array): number {
  return x.reduce((max, y) => Math.max(max, Math.abs(y)), 0);
}
