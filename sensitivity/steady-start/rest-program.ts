/**
 * The initial state u0(p) = s(y, p), where y solves f(y, q) = 0 with what is conserved as it is at the start of the dynamics, q = m(p). The
 * program calls the search; its derivatives are those of the equations
 *
 *   r(y, q) = f(y, q) − σ L Lᵀ (y − y0(q)),
 *
 * regular where the columns of L are the conservation laws (see solvers/steady/equations.ts), by the implicit function theorem, as programs: they
 * have derivatives themselves.
 */
import { compiledAlone } from "../../src/problem/comparison.ts";
import { defaultTarget } from "../../src/compile/compile.ts";
import { UnsupportedValue } from "../../src/core/errors.ts";
import { memo } from "../../src/core/memo.ts";
import { implicitRules } from "../../src/derive/implicit.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { hostProgram } from "../../src/operations/host-function.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Found } from "../../solvers/steady/search.ts";
import { startOf } from "../../solvers/systems/start.ts";
import { degenerate, requireLaws } from "../adjoints/steady/adjoint.ts";
import { restAt, type Rest } from "./rest.ts";

/** (input x0, which is q; output y): the search, with the derivatives of the equations that hold there. */
export const restProgram = memo((rest: Rest, code: ProblemCode): Program => {
  const { problem } = rest;
  const { layout, name } = problem;
  const solution = hostProgram({
    name: `${name}_at_rest`,
    inputs: [layout.p.size],
    output: layout.u.size,
    value: ([q], into) => into.set(restAt(rest, q).u),
    linearize: unused,
  });
  return { ...solution, rules: implicitRules(solution, equations(rest, code)) };
});

/** (input x0, which is y; input x1, which is q; output y, which is r). */
function equations(rest: Rest, code: ProblemCode): Program {
  const { layout, tspan } = rest.problem;
  const [n, np] = [layout.u.size, layout.p.size];
  const start = code.operators.u0?.program();
  const b = new Builder(`${rest.problem.name}_rest_equations`);
  const [y, q] = [b.arrayParameter("x0", n, "input"), b.arrayParameter("x1", np, "input")];
  const r = b.arrayParameter("y", n, "output");
  inline(b, code.rhsProgram(), [...[r, y, q].map((array) => whole(b, array)), b.f64(tspan[0])]);
  const [laws, y0] = [b.localArray("laws", n * n), b.localArray("start", n)];
  b.call(
    lawsOf(rest),
    [q, laws].map((array) => whole(b, array)),
  );
  if (start) inline(b, start, [whole(b, y0), whole(b, q)]);
  else copyInto(b, y0, b.constantArray("given", startOf(rest.problem, undefined, code.from.p)), n);
  each(b, n, (i) =>
    each(b, n, (j) => {
      const at = b.operation("i32.add", b.operation("i32.mul", i, b.i32(n)), j);
      const off = b.operation("sub", b.load(y0, j), b.load(y, j));
      b.accumulate(r, i, b.operation("mul", b.load(laws, at), off));
    }),
  );
  return eliminate(b.finish());
}

/** (input x0, which is q; output y[n²], σ L Lᵀ): of no derivative. Throws DegenerateSteadyState where there are none of the steady state. */
function lawsOf(rest: Rest): Program {
  const { layout, name } = rest.problem;
  const n = layout.u.size;
  const host = hostProgram({
    name: `${name}_laws`,
    inputs: [layout.p.size],
    output: n * n,
    value([q], into) {
      const found = restAt(rest, q);
      requireDerivative(rest, found, q);
      const { values } = found.equations.jacobian(found.u);
      const strength = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
      into.fill(0);
      for (const law of found.laws) law.forEach((a, i) => law.forEach((c, j) => (into[i * n + j] += strength * a * c)));
    },
    linearize: unused,
  });
  return { ...host, rules: { inert: ["y"] } };
}

function requireDerivative({ problem }: Rest, found: Found, q: Float64Array): void {
  const { u, equations: own, scales, isolated, laws } = found;
  if (!isolated || !own.linearize(u, scales)) throw degenerate(problem);
  // Parameters: u, p, t, du_bar, p_bar.
  const vjp = derivativesOf(problem.code.rhsProgram()).vjp(["p"]);
  requireLaws(problem, laws, (v) => compiledAlone(vjp, defaultTarget()).run([u, q, v], [problem.tspan[0]]).arrays[3].slice());
}

function unused(): never {
  throw new UnsupportedValue("The derivatives of a steady state are those of its equations.");
}

/** (output u, input p): s(y(m(p)), p). */
export const startProgram = memo(
  (rest: Program, parameters: Program | undefined, state: Program | undefined, n: number, np: number): Program => {
    const b = new Builder("u0");
    const [u, p] = [b.arrayParameter("u", n, "output"), b.arrayParameter("p", np, "input")];
    const sizes = rest.parameters.map((parameter) => (parameter.kind === "array" ? parameter.array.size : 0));
    const q = parameters ? b.localArray("parameters", sizes[0]) : p;
    if (parameters)
      inline(
        b,
        parameters,
        [q, p].map((array) => whole(b, array)),
      );
    const y = b.localArray("at_rest", sizes[1]);
    b.call(
      rest,
      [q, y].map((array) => whole(b, array)),
    );
    if (state)
      inline(
        b,
        state,
        [u, y, p].map((array) => whole(b, array)),
      );
    else copyInto(b, u, y, n);
    return eliminate(b.finish());
  },
);

function copyInto(b: Builder, into: ArrayDeclaration, from: ArrayDeclaration, count: number): void {
  each(b, count, (i) => b.store(into, i, b.load(from, i)));
}

function each(b: Builder, count: number, body: (i: ReturnType<Builder["i32"]>) => void): void {
  b.for(b.i32(0), b.i32(count), 1, [], (i) => (body(i), []));
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
