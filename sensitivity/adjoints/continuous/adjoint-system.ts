/**
 * The adjoint of u' = f(u, p, t) as a system to integrate backward in time (Cao, Li, Petzold, Serban 2003, eq. 2.8):
 * λ' = -(∂f/∂u)ᵀ λ - (∂h/∂u)ᵀ along the forward solution u(t), where h is the integrand of the loss, if it has one. Its Jacobian
 * -(∂f/∂u)ᵀ is exact, and so is its time derivative, the tangent of the vjp along (u', 1), where the vjp is a program.
 *
 * Two things may be integrated with λ, as further states: the gradient, g' = -(∂f/∂p)ᵀ λ - (∂h/∂p)ᵀ, and the solution itself,
 * which then is not looked up. Such systems have no Jacobian here, so they are for explicit methods.
 */
import { derivativesOf, vjpAlong } from "../../../src/derive/program-derivatives.ts";
import { Builder } from "../../../src/ir/builder.ts";
import {
  isProgram,
  type ArrayArgument,
  type ArrayDeclaration,
  type External,
  type Program,
  type Value,
} from "../../../src/ir/ir.ts";
import { switchesOf } from "../../../src/analysis/switching/outcomes.ts";
import type { ErrorPart, System } from "../../../solvers/step/system.ts";
import type { LossPart } from "../../losses/part.ts";
import { differenceAlong } from "./difference-along.ts";
import type { PreparedVjp } from "../../vjp/backend.ts";

/** A function (output u[n], scalar t) that writes the forward solution. */
export type Interpolant = External;

/** The parameters of an {@link Interpolant} over n states. */
export function interpolantParameters(n: number): External["parameters"] {
  const b = new Builder("interpolant");
  b.arrayParameter("u", n, "output");
  b.scalarParameter("t");
  return b.finish().parameters;
}

/** Where the parts of the backward state begin; λ begins at 0. What is not among its states is absent. */
export interface AdjointLayout {
  readonly gradient?: number;
  readonly solution?: number;
  readonly size: number;
}

/** The layout of a backward state with these parts. */
export function adjointLayout({ n, np }: System, has: { readonly gradient: boolean; readonly solution: boolean }): AdjointLayout {
  const solution = n + (has.gradient ? np : 0);
  return {
    gradient: has.gradient ? n : undefined,
    solution: has.solution ? solution : undefined,
    size: solution + (has.solution ? n : 0),
  };
}

/** The parts that a system of adjoint equations is made of. */
export interface AdjointParts {
  readonly system: System;
  readonly vjp: PreparedVjp;
  readonly integral: LossPart | undefined;
  readonly interpolant: Interpolant;
  readonly layout: AdjointLayout;
}

/** The adjoint equations. For a method that uses it they have the Jacobian of λ: implicit methods take λ alone. */
export function adjointSystem(parts: AdjointParts, usesJacobian: boolean): System {
  const { system, layout } = parts;
  const { np } = system;
  const own = { n: layout.size, np, rhs: adjointRhs(parts), parts: errorParts(layout), switches: switchesOfIntegrand(parts) };
  if (!usesJacobian) return own;
  const { jacobian } = system;
  return {
    ...own,
    jacobian: jacobian && { pattern: jacobian.pattern, transposed: true, values: negativeJacobian(parts, jacobian) },
    timeDerivative: adjointTimeDerivative(parts),
  };
}

/** The parts of the error: λ and the gradient are as large as the loss makes them; the solution has the tolerances of the forward solve. */
function errorParts({ gradient, solution, size }: AdjointLayout): readonly ErrorPart[] {
  const starts = [0, gradient, solution, size].filter((start) => start !== undefined);
  return starts.slice(0, -1).map((from, i) => {
    const derivatives = from === solution ? {} : { derivativesOf: from };
    return { from, to: starts[i + 1], weight: 1, ...derivatives };
  });
}

/** What the body of a program is given. */
interface Frame {
  readonly b: Builder;
  readonly lambda: ArrayDeclaration;
  readonly p: ArrayDeclaration;
  readonly t: Value;
  readonly u: ArrayArgument;
}

/** A program (output, input λ and what goes with it, input p, scalar t) that begins by looking up u(t). */
function along(
  name: string,
  { system: { n, np }, interpolant, layout }: AdjointParts,
  output: { name: string; size: number },
  body: (frame: Frame, out: ArrayDeclaration) => void,
): Program {
  const b = new Builder(name);
  const out = b.arrayParameter(output.name, output.size, "output");
  const lambda = b.arrayParameter("lambda", layout.size, "input");
  const p = b.arrayParameter("p", np, "input");
  const t = b.scalarParameter("t");
  const u = layout.solution === undefined ? at(b, b.localArray("u", n)) : at(b, lambda, layout.solution);
  if (layout.solution === undefined) b.call(interpolant, [u, t]);
  body({ b, lambda, p, t, u }, out);
  return b.finish();
}

function adjointRhs(parts: AdjointParts): Program {
  const { system, vjp, integral, layout } = parts;
  const { n, np } = system;
  return along("adjoint", parts, { name: "dlambda", size: layout.size }, ({ b, lambda, p, t, u }, out) => {
    const v = negated(b, lambda, n);
    /** out[from…] = -(∂f/∂x)ᵀ λ - (∂h/∂x)ᵀ */
    const slope = (callee: Program | External, wrt: "u" | "p", size: number, from: number): void => {
      b.call(callee, [u, at(b, p), t, at(b, v), at(b, out, from)]);
      if (!integral) return;
      const term = b.localArray(`integrand_${wrt}`, size);
      b.call(derivativesOf(integral.value).vjp([wrt]), [u, at(b, p), t, b.f64(-1), at(b, term)]);
      b.for(
        b.i32(0),
        b.i32(size),
        1,
        [],
        (i) => (b.accumulate(out, b.operation("i32.add", i, b.i32(from)), b.load(term, i)), []),
      );
    };
    slope(vjp.wrtU, "u", n, 0);
    if (layout.gradient !== undefined) slope(vjp.wrtP, "p", np, layout.gradient);
    if (layout.solution !== undefined) b.call(system.rhs, [at(b, out, layout.solution), u, at(b, p), t]);
  });
}

/** The program that tells on which side of its comparisons the integrand is: where it jumps or has a kink, λ' does so too (see switchesOf). */
function switchesOfIntegrand(parts: AdjointParts): Program | undefined {
  const switches = parts.integral && switchesOf(parts.integral.value);
  if (!switches) return undefined;
  return along("adjoint_switches", parts, { name: "outcome", size: 1 }, ({ b, p, t, u }, out) => {
    b.call(switches, [at(b, out), u, at(b, p), t]);
  });
}

function negativeJacobian(parts: AdjointParts, jacobian: NonNullable<System["jacobian"]>): Program {
  const nnz = jacobian.pattern.rowIndices.length;
  return along("adjoint_jacobian", parts, { name: "values", size: nnz }, ({ b, p, t, u }, out) => {
    const values = b.localArray("jacobian", nnz);
    b.call(jacobian.values, [at(b, values), u, at(b, p), t]);
    b.for(b.i32(0), b.i32(nnz), 1, [], (k) => (b.store(out, k, b.operation("neg", b.load(values, k))), []));
  });
}

/** The time derivative along the solution: the vjp's tangent, or differences of a vjp that is a function of the host. */
function adjointTimeDerivative(parts: AdjointParts): Program {
  const { system, vjp, integral } = parts;
  const { n } = system;
  return along("adjoint_time", parts, { name: "slope", size: n }, ({ b, lambda, p, t, u }, out) => {
    const velocity = b.localArray("velocity", n);
    const one = b.localArray("one", 1);
    const unused = b.localArray("unused", n);
    b.call(system.rhs, [at(b, velocity), u, at(b, p), t]);
    b.store(one, b.i32(0), b.f64(1));
    const v = negated(b, lambda, n);
    // Parameters: u, p, t, du_bar, u_bar, u_dot, t_dot, u_bar_dot.
    const wrt = ["u", "t"];
    const { wrtU } = vjp;
    if (isProgram(wrtU))
      b.call(vjpAlong(wrtU, wrt), [u, at(b, p), t, at(b, v), at(b, unused), at(b, velocity), at(b, one), at(b, out)]);
    else differenceAlong(b, wrtU, { u, p, t, v, velocity, n }, out);
    if (!integral) return;
    const slope = b.localArray("integrand_slope", n);
    const integrand = vjpAlong(derivativesOf(integral.value).vjp(["u"]), wrt);
    b.call(integrand, [u, at(b, p), t, b.f64(-1), at(b, unused), at(b, velocity), at(b, one), at(b, slope)]);
    b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.accumulate(out, i, b.load(slope, i)), []));
  });
}

/**
 * The program (inout gradient[np], input λ[n], input p[np], scalar t, scalar weight) that adds weight ((∂f/∂p)ᵀ λ + (∂h/∂p)ᵀ), the integrand
 * of dL/dp at a quadrature node, to the gradient.
 */
export function parameterIntegrand({ system: { n, np }, vjp, integral, interpolant }: AdjointParts): Program {
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
    b.call(derivativesOf(integral.value).vjp(["p"]), [at(b, u), at(b, p), t, b.f64(1), at(b, term)]);
    add();
  }
  return b.finish();
}

function at(b: Builder, array: ArrayDeclaration, offset = 0): ArrayArgument {
  return { array, offset: b.i32(offset) };
}

/** The negative of the first n elements. */
function negated(b: Builder, array: ArrayDeclaration, n: number): ArrayDeclaration {
  const v = b.localArray("v", n);
  b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.store(v, i, b.operation("neg", b.load(array, i))), []));
  return v;
}
