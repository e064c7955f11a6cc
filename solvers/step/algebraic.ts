/**
 * What the algebraic equations of M u' = f(u, p, t) say of a state. With P, the projector onto what M leaves out (see null-space.ts), they are
 * P f = 0, and along a solution P (J u' + ∂f/∂t) = 0. So K = M + P J is regular where they determine what M does not, which is index 1
 * (Hairer, Wanner, Solving Ordinary Differential Equations II, VI.1 and VII.1), and
 *
 *   K u' = f − P (f + ∂f/∂t)   is the derivative of the state,
 *   K δ = −P f                 is a step of Newton's to where they hold, along which M δ = 0.
 */
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { memo } from "../../src/core/memo.ts";
import { entryIndex } from "../../src/analysis/pattern.ts";
import { fromRows } from "../../src/analysis/sparsity.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import { leftNullProjector } from "../linear/null-space.ts";
import { StepBuilder, type Slice } from "./builder.ts";
import { factorize, sizeOfFactors, solveBy, type Jacobian } from "./factorized-system.ts";
import { eachEntry, timesMass, union } from "./mass.ts";
import type { System } from "./system.ts";

/** A system with a mass matrix and a Jacobian. */
export type MassSystem = System & Required<Pick<System, "mass" | "jacobian">>;

/** K as M − J', J' = −P J by its values, so that it is factorized as the matrices of steps are, with d = 1. */
export const constraintMatrix = memo((system: MassSystem): Jacobian => {
  const { mass, jacobian, n, np } = system;
  const projector = leftNullProjector(mass);
  const terms: { row: number; column: number; source: number; weight: number }[] = [];
  const projectorRows = Array.from({ length: n }, () => [] as [row: number, weight: number][]);
  eachEntry(projector.pattern, (e, row, column) => projectorRows[column].push([row, projector.values[e]]));
  eachEntry(jacobian.pattern, (source, through, column) => {
    for (const [row, weight] of projectorRows[through]) terms.push({ row, column, source, weight: -weight });
  });
  const rows = Array.from({ length: n }, () => new Set<number>());
  for (const { row, column } of terms) rows[row].add(column);
  const ofTerms = fromRows(
    rows.map((row) => Int32Array.from(row).sort()),
    n,
  );
  const pattern = union(ofTerms, mass.pattern);
  const place = entryIndex(pattern);
  const aligned = new Float64Array(pattern.rowIndices.length);
  eachEntry(mass.pattern, (e, row, column) => (aligned[place(row, column)] = mass.values[e]));
  const b = new StepBuilder("constraint_matrix", system, false);
  const values = b.vectorParameter("values", "output", aligned.length);
  const [u, p, t] = [b.vectorParameter("u", "input"), b.vectorParameter("p", "input", np), b.scalarParameter("t")];
  const all = { array: b.localArray("all", jacobian.pattern.rowIndices.length), offset: 0 };
  b.evaluate(jacobian.values, all, u, p, t);
  b.fill(values.array, b.f64(0));
  const table =
    (name: string, data: Int32Array): ((e: Value) => Value) =>
    (e) =>
      b.load(b.constantArray(name, data), e);
  const target = table(
    "targets",
    Int32Array.from(terms, ({ row, column }) => place(row, column)),
  );
  const source = table(
    "sources",
    Int32Array.from(terms, (term) => term.source),
  );
  const weights = b.constantArray(
    "weights",
    Float64Array.from(terms, ({ weight }) => weight),
  );
  b.range(0, terms.length, (e) =>
    b.accumulate(values.array, target(e), b.times(b.load(weights, e), b.load(all.array, source(e)))),
  );
  return { pattern, blocks: jacobian.blocks, mass: aligned, values: b.finish() };
});

/** K at a state, factorized within a program. */
export interface FactorizedConstraints {
  readonly regular: Value;
  /** −P J's values. */
  readonly values: Slice;
  /** x = K⁻¹ rhs, or K⁻ᵀ rhs. */
  solve(x: Slice, rhs: Slice, transposed?: boolean): void;
  /** into = P x */
  project(x: Slice, into: Slice): void;
}

export function factorizedConstraints(b: StepBuilder, system: MassSystem, u: Slice, p: Slice, t: Value): FactorizedConstraints {
  const matrix = constraintMatrix(system);
  const projector = leftNullProjector(system.mass);
  const values = { array: b.localArray("constraint_values", matrix.pattern.rowIndices.length), offset: 0 };
  const factors = { array: b.localArray("constraint_factors", sizeOfFactors(matrix)), offset: 0 };
  b.evaluate(matrix.values, values, u, p, t);
  return {
    regular: factorize(b, matrix, values, b.f64(1), factors),
    values,
    solve: (x, rhs, transposed = false) => solveBy(b, transposed ? { ...matrix, transposed } : matrix, values, factors, x, rhs),
    project: (x, into) => void timesMass(b, projector, x, into),
  };
}

/** u' where the equations hold, as (output du[n], input u[n], input p[np], scalar t): what is taken for f by methods that go on from slopes. */
export const slopeProgram = memo((system: MassSystem): Program => {
  const { np } = system;
  const b = new StepBuilder("slope", system, false);
  const du = b.vectorParameter("du", "output");
  const [u, p, t] = [b.vectorParameter("u", "input"), b.vectorParameter("p", "input", np), b.scalarParameter("t")];
  slopeAt(b, system, du, u, p, t);
  return b.finish();
});

/** Emits into = u' at a state; returns K there. */
export function slopeAt(b: StepBuilder, system: MassSystem, into: Slice, u: Slice, p: Slice, t: Value): FactorizedConstraints {
  const { rhs, timeDerivative } = system;
  const [f, fixed, sum, right] = ["f", "fixed", "sum", "right"].map((name) => b.vector(name));
  const constraints = factorizedConstraints(b, system, u, p, t);
  b.evaluate(rhs, f, u, p, t);
  if (timeDerivative) b.evaluate(timeDerivative, fixed, u, p, t);
  else b.fill(fixed.array, b.f64(0));
  b.each((at) => b.set(at(sum), b.plus(b.get(at(f)), b.get(at(fixed)))));
  constraints.project(sum, right);
  b.each((at) => b.set(at(right), b.operation("sub", b.get(at(f)), b.get(at(right)))));
  constraints.solve(into, right);
  return constraints;
}

/**
 * (output residual[n], output change[n], output solved[n], output values, output status[1], input u, input p, input right[n], t): P f, a
 * step of Newton's to where that is zero, and x of K x = right; the entries of −P J, and 0 where K was factorized.
 */
export function newtonProgram(system: MassSystem): Program {
  const b = new StepBuilder("algebraic_newton", system, false);
  const [residual, change, solved] = ["residual", "change", "solved"].map((name) => b.vectorParameter(name, "output"));
  const values = b.vectorParameter("values", "output", constraintMatrix(system).pattern.rowIndices.length);
  const status = b.vectorParameter("status", "output", 1);
  const u = b.vectorParameter("u", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const right = b.vectorParameter("right", "input");
  const t = b.scalarParameter("t");
  const f = b.vector("f");
  const constraints = factorizedConstraints(b, system, u, p, t);
  b.evaluate(system.rhs, f, u, p, t);
  constraints.project(f, residual);
  b.each((at) => b.set(at(f), b.operation("neg", b.get(at(residual)))));
  constraints.solve(change, f);
  constraints.solve(solved, right);
  b.range(0, values.array.size, (e) => b.set(b.element(values, e), b.get(b.element(constraints.values, e))));
  b.set(b.slice(status), b.operation("select", constraints.regular, b.f64(0), b.f64(1)));
  return b.finish();
}

/**
 * The derivative of where the equations hold next to a state, by state and parameters: (inout u_dot[n], input u, input p, input p_dot, t):
 * u̇ − K⁻¹ P (J u̇ + (∂f/∂p) ṗ). A system whose right-hand side is a program.
 */
export function consistentTangent(system: MassSystem): Program {
  const b = new StepBuilder("consistent_tangent", system, false);
  const uDot = b.vectorParameter("u_dot", "inout");
  const u = b.vectorParameter("u", "input");
  const [p, pDot] = ["p", "p_dot"].map((name) => b.vectorParameter(name, "input", system.np));
  const t = b.scalarParameter("t");
  const [f, fDot, right] = ["f", "f_dot", "right"].map((name) => b.vector(name));
  const constraints = factorizedConstraints(b, system, u, p, t);
  const arrays = [u, p].map((x) => b.slice(x));
  b.call(forward(system.rhs as Program, { wrt: ["u", "p"] }), [
    b.slice(f),
    ...arrays,
    t,
    ...[uDot, pDot, fDot].map((x) => b.slice(x)),
  ]);
  constraints.project(fDot, right);
  constraints.solve(f, right);
  b.each((at) => b.set(at(uDot), b.operation("sub", b.get(at(uDot)), b.get(at(f)))));
  return b.finish();
}

/** Its adjoint: (inout lambda[n], inout gradient[np], input u, input p, t). */
export function consistentCotangent(system: MassSystem): Program {
  const b = new StepBuilder("consistent_cotangent", system, false);
  const lambda = b.vectorParameter("lambda", "inout");
  const gradient = b.vectorParameter("gradient", "inout", system.np);
  const u = b.vectorParameter("u", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const t = b.scalarParameter("t");
  const [w, projected, uBar] = ["w", "projected", "u_bar"].map((name) => b.vector(name));
  const pBar = { array: b.localArray("p_bar", system.np), offset: 0 };
  const constraints = factorizedConstraints(b, system, u, p, t);
  constraints.solve(w, lambda, true);
  constraints.project(w, projected);
  const arrays = (some: readonly Slice[]) => some.map((x) => b.slice(x));
  b.call(reverse(system.rhs as Program, { wrt: ["u", "p"] }), [...arrays([u, p]), t, ...arrays([projected, uBar, pBar])]);
  b.each((at) => b.set(at(lambda), b.operation("sub", b.get(at(lambda)), b.get(at(uBar)))));
  b.range(0, system.np, (j) => b.accumulate(gradient.array, j, b.operation("neg", b.load(pBar.array, j))));
  return b.finish();
}
