/**
 * What the adjoint steps of all families share. A step goes from a state, which is u, its derivative f and the method's memory, to
 * that at its end; its adjoint is one generated program,
 *
 *   (input u, uNext, f, fNext, history, numbers, work, p, atol, inout lambda, inout slope, inout past, inout bar, inout gradient,
 *    inout factors, t, h, rtol, kept)
 *
 * which turns the cotangents at the step's end, `lambda` of u, `slope` of f and `past` of the vectors of the method's history, into those
 * at its start, and adds to the gradient of the parameters. So the derivative where two steps meet is taken back once, by the step that ends there. An adjoint that takes that
 * of its own start back itself leaves zeros in `slope`, and finds zeros there. What is left at the first step is taken back by
 * {@link startAdjoint}. The stages are read from `work`, where the step left them; what has to be iterated again is iterated to the
 * tolerances. `bar` is the cotangent of the step's record (see dense-form.ts), from the losses within the step; it is used up. Steps
 * without such losses have a shorter program, which leaves `bar` alone. Where `kept` is not zero, `factors` are those of the step's
 * matrix; otherwise they are made there, if they are needed.
 */
import { inline } from "../../src/ir/clone.ts";
import { isProgram, type ArrayArgument, type External, type Program, type Value } from "../../src/ir/ir.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { StepBuilder, type Slice, type StepPrograms } from "./builder.ts";
import type { System } from "./system.ts";

/** Programs, or functions of the host, of (input u[n], input p[np], scalar t, input du_bar[n], and what is named). */
export interface CotangentProducts {
  /** output u_bar[n] = (∂f/∂u)ᵀ du_bar */
  readonly wrtU: Program | External;
  /** output p_bar[np] = (∂f/∂p)ᵀ du_bar */
  readonly wrtP: Program | External;
  /** Both outputs in one call. Absent: two calls. */
  readonly wrtBoth?: Program | External;
}

/** Of a method and a system, what its adjoint steps are made from. */
export interface AdjointParts {
  readonly system: System;
  readonly programs: StepPrograms;
  /** Of the right-hand side. */
  readonly vjp: CotangentProducts;
  /** `vjp.wrtBoth`, adding to p_bar; absent where it cannot be had. */
  readonly addingVjp?: Program;
  /** Whether the gradient with respect to the parameters is wanted. */
  readonly wrtP: boolean;
  /**
   * The reverse of the right-hand side's derivative along (u, t): u, p, t, u_dot, t_dot, du_bar, du_dot_bar, to u_bar and, where the
   * gradient with respect to the parameters is wanted, p_bar.
   */
  readonly vjpOfTangent: () => Program;
}

/** A linear combination's term: weight times vector. */
export type Term = readonly [weight: number, vector: Slice];

export function adjointParameters(b: StepBuilder, { system: { n, np }, programs }: AdjointParts) {
  return {
    u: b.vectorParameter("u", "input", n),
    uNext: b.vectorParameter("uNext", "input", n),
    f: b.vectorParameter("f", "input", n),
    fNext: b.vectorParameter("fNext", "input", n),
    history: b.vectorParameter("history", "input", sizeOfPast({ system: { n }, programs })),
    numbers: b.vectorParameter("numbers", "input", programs.history?.numbers ?? 0),
    work: b.vectorParameter("work", "input", programs.workSize),
    p: b.vectorParameter("p", "input", np),
    atol: b.vectorParameter("atol", "input", n),
    lambda: b.vectorParameter("lambda", "inout", n),
    slope: b.vectorParameter("slope", "inout", n),
    past: b.vectorParameter("past", "inout", sizeOfPast({ system: { n }, programs })),
    bar: b.vectorParameter("bar", "inout", programs.recordSize),
    gradient: b.vectorParameter("gradient", "inout", np),
    factors: b.vectorParameter("factors", "inout", programs.factors.size),
    t: b.scalarParameter("t"),
    h: b.scalarParameter("h"),
    rtol: b.scalarParameter("rtol"),
    kept: b.scalarParameter("kept", "i32"),
  };
}

/** The numbers in the vectors of a history, and in their cotangents. */
export function sizeOfPast({ system, programs }: { system: Pick<System, "n">; programs: Pick<StepPrograms, "history"> }): number {
  return (programs.history?.vectors ?? 0) * system.n;
}

export function part({ array }: Slice, i: number, n: number): Slice {
  return { array, offset: i * n };
}

/** Σ weight · element over the terms whose weight is not zero. */
export function sumOf(b: StepBuilder, terms: readonly Term[], at: (vector: Slice) => ArrayArgument): Value {
  return b.combination(
    terms.map(([weight]) => weight),
    (i) => b.get(at(terms[i][1])),
  );
}

export function invoke(
  b: StepBuilder,
  small: boolean,
  callee: Program | External,
  args: readonly (ArrayArgument | Value)[],
): void {
  if (small && isProgram(callee)) inline(b, callee, args);
  else b.call(callee, args);
}

/** Emits into = (∂f/∂u)ᵀ v and gradient += (∂f/∂p)ᵀ v, at a state and a time. */
export function pullback(
  b: StepBuilder,
  small: boolean,
  { system, vjp, addingVjp, wrtP }: AdjointParts,
  p: Slice,
  gradient: Slice,
) {
  const term = { array: b.localArray("p_bar", system.np), offset: 0 };
  return (into: Slice, at: Slice, t: Value, v: Slice): void => {
    const inputs = [b.slice(at), b.slice(p), t, b.slice(v)];
    if (!wrtP) return invoke(b, small, vjp.wrtU, [...inputs, b.slice(into)]);
    if (addingVjp) return invoke(b, small, addingVjp, [...inputs, b.slice(into), b.slice(gradient)]);
    if (vjp.wrtBoth) invoke(b, small, vjp.wrtBoth, [...inputs, b.slice(into), b.slice(term)]);
    else {
      invoke(b, small, vjp.wrtU, [...inputs, b.slice(into)]);
      invoke(b, small, vjp.wrtP, [...inputs, b.slice(term)]);
    }
    b.addTo(gradient, term, system.np);
  };
}

/**
 * Where a method begins, f is the right-hand side at u, or the slope of {@link StepPrograms}: (input u, input p, inout lambda, inout slope, inout gradient, t) takes the
 * cotangent of f back to u and p.
 */
export function startAdjoint(parts: AdjointParts): Program {
  const { system } = parts;
  const b = new StepBuilder("start_adjoint", system, false);
  const u = b.vectorParameter("u", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const [lambda, slope] = ["lambda", "slope"].map((name) => b.vectorParameter(name, "inout"));
  const gradient = b.vectorParameter("gradient", "inout", system.np);
  const term = b.vector("u_bar");
  const { slope: slopeAt } = parts.programs;
  const t = b.scalarParameter("t");
  if (slopeAt) {
    const pBar = { array: b.localArray("p_bar", system.np), offset: 0 };
    const bars = [term, ...(parts.wrtP ? [pBar] : [])].map((x) => b.slice(x));
    b.call(reverse(slopeAt, { wrt: parts.wrtP ? ["u", "p"] : ["u"] }), [b.slice(u), b.slice(p), t, b.slice(slope), ...bars]);
    if (parts.wrtP) b.addTo(gradient, pBar, system.np);
  } else pullback(b, false, parts, p, gradient)(term, u, t, slope);
  b.addTo(lambda, term, system.n);
  b.fill(slope.array, b.f64(0));
  return eliminate(b.finish());
}
