/** The Jacobian that the author of a problem gives, in place of the derived one, against which it is held when first used. */
import { requireRoom } from "../../src/core/memory.ts";
import { componentName } from "../../src/arrays/layout.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";
import { viewer } from "../../src/arrays/view.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { DerivativeMismatch } from "../../src/core/errors.ts";
import { eachEntry } from "../../src/analysis/pattern.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import { Builder } from "../../src/ir/builder.ts";
import { isProgram, type External, type Program } from "../../src/ir/ir.ts";
import type { System } from "../step/system.ts";

type Jac = NonNullable<NonNullable<ProblemCode["derivatives"]>["jac"]>;

/** A Jacobian by host memory: its entries in the order of the pattern. */
type Evaluate = (values: Float64Array, u: Float64Array, p: Float64Array, t: number) => void;

/** Relative to the entry, and to the largest one for what cancellation leaves: exact derivatives, and differences. */
const EXACT = { relative: 1e-6, cancellation: 1e-11 };
const DIFFERENCES = { relative: 1e-4, cancellation: 1e-5 };

/** The system with `jac` for its Jacobian. Solves throw {@link DerivativeMismatch} where it differs from the derived one. */
export function withUserJacobian(system: System, jac: Jac, code: ProblemCode, arena: Arena, target: Target): System {
  const { n, np } = system;
  const derived = system.jacobian!;
  const { pattern } = derived;
  const nnz = pattern.rowIndices.length;
  const fill = denseJacobian(jac, code);
  let checked = false;
  const b = new Builder(`${code.name}_jac`);
  b.arrayParameter("values", nnz, "output");
  b.arrayParameter("u", n, "input");
  b.arrayParameter("p", np, "input");
  b.scalarParameter("t");
  const call = (values: number, u: number, p: number, t: number): void => {
    const [into, state, parameters] = [arena.f64(values, nnz), arena.f64(u, n), arena.f64(p, np)];
    const matrix = fill(state, parameters, t);
    if (!checked) {
      if (isProgram(derived.values)) evaluator(derived.values, system, nnz, target)(into, state, parameters, t);
      else derived.values.call(values, u, p, t);
      check(code, matrix, pattern, into, isProgram(derived.values), t);
      checked = true;
    }
    eachEntry(pattern, (e, i, j) => (into[e] = matrix[i * n + j]));
  };
  const values: External = { name: `${code.name}_jac`, parameters: b.finish().parameters, call };
  const { names, rhs, watched, timeDerivative, mass, parts, jumpsUnseen } = system;
  return {
    n,
    np,
    names,
    rhs,
    watched,
    timeDerivative,
    mass,
    parts,
    jumpsUnseen,
    jacobian: { pattern, values, mass: derived.mass },
  };
}

/** Calls the user's function, which sees copies; returns the matrix, row-major. What it never writes is no number. */
function denseJacobian(
  jac: Jac,
  { layout, constants }: ProblemCode,
): (u: Float64Array, p: Float64Array, t: number) => Float64Array {
  const [u, p] = [new Float64Array(layout.u.size), new Float64Array(layout.p.size)];
  const [showU, showP] = [viewer(layout.u, "u"), viewer(layout.p, "p")];
  requireRoom(
    `The matrix that \`jac\` writes, ${u.length} by ${u.length}`,
    u.length,
    u.length,
    () => "Leave `jac` out: the library finds for itself which entries may differ from zero, and keeps those alone.",
  );
  const matrix = new Float64Array(u.length ** 2).fill(NaN);
  const shown = ndarray(matrix, [u.length, u.length]);
  return (state, parameters, t) => {
    u.set(state);
    p.set(parameters);
    jac(shown, showU(u), showP(p), t, constants);
    return matrix;
  };
}

function evaluator(program: Program, { n, np }: System, nnz: number, target: Target): Evaluate {
  const arena = new Arena();
  const [values, u, p] = [nnz, n, np].map((size) => arena.reserve(size));
  const { jacobian } = compile({ jacobian: program }, arena, target).link();
  return (into, state, parameters, t) => {
    arena.f64(u, n).set(state);
    arena.f64(p, np).set(parameters);
    jacobian(values, u, p, t);
    into.set(arena.f64(values, nnz));
  };
}

function check(
  code: ProblemCode,
  given: Float64Array,
  pattern: SparsityPattern,
  derived: Float64Array,
  isExact: boolean,
  t: number,
): void {
  const n = pattern.rows;
  const { relative, cancellation } = isExact ? EXACT : DIFFERENCES;
  const expected = new Float64Array(n * n);
  eachEntry(pattern, (e, i, j) => (expected[i * n + j] = derived[e]));
  const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const at = given.findIndex((x, k) => {
    const y = expected[k];
    return !(Math.abs(x - y) <= relative * Math.max(Math.abs(x), Math.abs(y)) + cancellation * largest);
  });
  if (at < 0) return;
  const [row, column] = [Math.floor(at / n), at % n].map((i, k) => componentName(code.layout.u, i, k === 0 ? "du" : "u"));
  throw new DerivativeMismatch(
    `${code.name}, derivatives.jac: ∂(${row})/∂(${column}) is ${given[at]}, but the derivative of the function ` +
      `(${isExact ? "source" : "finite"}) is ${expected[at]}, at t = ${t}. Correct jac, or leave it out: what is not given is derived.`,
  );
}
