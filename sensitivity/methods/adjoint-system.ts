/**
 * The adjoint of u' = f(u, p, t) as a system to integrate backward in time (Cao, Li, Petzold, Serban 2003, eq. 2.8):
 * λ' = -(∂f/∂u)ᵀ λ - (∂h/∂u)ᵀ along the forward solution u(t), h the integrand of the loss, if it has one. Its Jacobian
 * -(∂f/∂u)ᵀ is exact, and so is its time derivative, the tangent of the vjp along (u', 1).
 */
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { Builder } from "../../src/program/builder.ts";
import { isProgram, type ArrayDeclaration, type External, type Program, type Value } from "../../src/program/ir.ts";
import type { System } from "../../solvers/system.ts";
import type { LossPart } from "../loss.ts";
import type { PreparedVjp } from "../vjp/backend.ts";

/** Writes the forward solution: (output u[n], scalar t). */
export type Interpolant = External;

/** The parameters of an {@link Interpolant} over n states. */
export function interpolantParameters(n: number): External["parameters"] {
  const b = new Builder("interpolant");
  b.arrayParameter("u", n, "output");
  b.scalarParameter("t");
  return b.finish().parameters;
}

export function adjointSystem(forwardSystem: System, vjp: PreparedVjp, integral: LossPart | undefined, interpolant: Interpolant): System {
  const { n, np, names, jacobian } = forwardSystem;
  const integrand = integral && reverse(integral.value, { wrt: ["u"] });
  return {
    n,
    np,
    names: names?.map((name) => `adjoint of ${name}`),
    rhs: adjointRhs(n, np, vjp, integrand, interpolant),
    jacobian: jacobian && {
      pattern: jacobian.pattern,
      transposed: true,
      values: negativeJacobian(n, np, jacobian, interpolant),
    },
    timeDerivative: isProgram(vjp.wrtU) ? adjointTimeDerivative(forwardSystem, vjp.wrtU, integrand, interpolant) : undefined,
  };
}

interface Frame {
  readonly b: Builder;
  readonly lambda: ArrayDeclaration;
  readonly p: ArrayDeclaration;
  readonly t: Value;
  readonly u: ArrayDeclaration;
}

/** A program (output, input λ, input p, scalar t) that begins by looking up u(t). */
function along(name: string, n: number, np: number, output: { name: string; size: number }, interpolant: Interpolant, body: (frame: Frame, out: ArrayDeclaration) => void): Program {
  const b = new Builder(name);
  const out = b.arrayParameter(output.name, output.size, "output");
  const lambda = b.arrayParameter("lambda", n, "input");
  const p = b.arrayParameter("p", np, "input");
  const t = b.scalarParameter("t");
  const u = b.localArray("u", n);
  b.call(interpolant, [at(b, u), t]);
  body({ b, lambda, p, t, u }, out);
  return b.finish();
}

function adjointRhs(n: number, np: number, vjp: PreparedVjp, integrand: Program | undefined, interpolant: Interpolant): Program {
  return along("adjoint", n, np, { name: "dlambda", size: n }, interpolant, ({ b, lambda, p, t, u }, out) => {
    const v = negated(b, lambda);
    b.call(vjp.wrtU, [at(b, u), at(b, p), t, at(b, v), at(b, out)]);
    if (!integrand) return;
    const slope = b.localArray("slope", n);
    b.call(integrand, [at(b, u), at(b, p), t, b.f64(-1), at(b, slope)]);
    b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.accumulate(out, i, b.load(slope, i)), []));
  });
}

function negativeJacobian(n: number, np: number, jacobian: NonNullable<System["jacobian"]>, interpolant: Interpolant): Program {
  const nnz = jacobian.pattern.rowIndices.length;
  return along("adjoint_jacobian", n, np, { name: "values", size: nnz }, interpolant, ({ b, p, t, u }, out) => {
    const values = b.localArray("jacobian", nnz);
    b.call(jacobian.values, [at(b, values), at(b, u), at(b, p), t]);
    b.for(b.i32(0), b.i32(nnz), 1, [], (k) => (b.store(out, k, b.operation("neg", b.load(values, k))), []));
  });
}

function adjointTimeDerivative(system: System, wrtU: Program, integrand: Program | undefined, interpolant: Interpolant): Program {
  const { n, np } = system;
  return along("adjoint_time", n, np, { name: "slope", size: n }, interpolant, ({ b, lambda, p, t, u }, out) => {
    const direction = b.localArray("velocity", n);
    const one = b.localArray("one", 1);
    const unused = b.localArray("unused", n);
    b.call(system.rhs, [at(b, direction), at(b, u), at(b, p), t]);
    b.store(one, b.i32(0), b.f64(1));
    const v = negated(b, lambda);
    // Parameters: u, p, t, du_bar, u_bar, u_dot, t_dot, u_bar_dot.
    b.call(forward(wrtU, { wrt: ["u", "t"] }), [at(b, u), at(b, p), t, at(b, v), at(b, unused), at(b, direction), at(b, one), at(b, out)]);
    if (!integrand) return;
    const slope = b.localArray("integrand_slope", n);
    b.call(forward(integrand, { wrt: ["u", "t"] }), [at(b, u), at(b, p), t, b.f64(-1), at(b, unused), at(b, direction), at(b, one), at(b, slope)]);
    b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.accumulate(out, i, b.load(slope, i)), []));
  });
}

/**
 * (inout gradient[np], input λ[n], input p[np], scalar t, scalar weight): gradient += weight ((∂f/∂p)ᵀ λ + (∂h/∂p)ᵀ), the
 * integrand of dL/dp at one quadrature node.
 */
export function parameterIntegrand(n: number, np: number, vjp: PreparedVjp, integral: LossPart | undefined, interpolant: Interpolant): Program {
  const b = new Builder("parameter_integrand");
  const gradient = b.arrayParameter("gradient", np, "inout");
  const lambda = b.arrayParameter("lambda", n, "input");
  const p = b.arrayParameter("p", np, "input");
  const t = b.scalarParameter("t");
  const weight = b.scalarParameter("weight");
  const u = b.localArray("u", n);
  const term = b.localArray("term", np);
  b.call(interpolant, [at(b, u), t]);
  b.call(vjp.wrtP, [at(b, u), at(b, p), t, at(b, lambda), at(b, term)]);
  const add = (): void => {
    b.for(b.i32(0), b.i32(np), 1, [], (i) => (b.accumulate(gradient, i, b.operation("mul", weight, b.load(term, i))), []));
  };
  add();
  if (integral) {
    b.call(reverse(integral.value, { wrt: ["p"] }), [at(b, u), at(b, p), t, b.f64(1), at(b, term)]);
    add();
  }
  return b.finish();
}

function at(b: Builder, array: ArrayDeclaration): { array: ArrayDeclaration; offset: Value } {
  return { array, offset: b.i32(0) };
}

function negated(b: Builder, array: ArrayDeclaration): ArrayDeclaration {
  const v = b.localArray("v", array.size);
  b.for(b.i32(0), b.i32(array.size), 1, [], (i) => (b.store(v, i, b.operation("neg", b.load(array, i))), []));
  return v;
}
