/**
 * The code of a problem's tangent: the state with its derivative along a change of the initial state and of the parameters,
 *
 *   u' = f(u, p, t),   v' = (∂f/∂u) v + (∂f/∂p) q,
 *
 * which is a problem itself, over the state (u, v) and the parameters (p, q). Whatever differentiates a solve differentiates its solve,
 * which is forward over reverse mode (B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994) 147–160;
 * for solves D. B. Özyurt and P. I. Barton, "Cheap second order directional derivatives of stiff ODE embedded functionals", SIAM Journal
 * on Scientific Computing 26 (2005) 1725–1743).
 */
import type { Layout } from "../../src/arrays/layout.ts";
import { memo } from "../../src/core/memo.ts";
import { defaultTarget } from "../../src/compile/compile.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { ProblemCode, type EventOperators } from "../../src/problem/code.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { Operator } from "../../src/problem/operator.ts";
import type { Inputs } from "../../src/problem/plain-operator.ts";
import { massOfBlocks } from "../../solvers/step/mass.ts";
import { dualRhs, stateBlocks } from "../adjoints/forward/dual-system.ts";

/**
 * Of code whose functions can be read. A mass matrix is that of the tangent, too. Events of the state, which may only look on, are none of
 * it.
 */
export const tangentCode = memo((code: ProblemCode): ProblemCode => {
  const { operators, layout, from, events, mass } = code;
  const along = (operator: Operator, program: (of: Program) => Program): Operator => tangentOperator(operator, layout, program);
  return new ProblemCode(
    { rhs: along(operators.rhs, tangentRhs) },
    undefined,
    { ...from, u0: pair(from.u0), p: pair(from.p) },
    events.filter(isTimed).map(({ name, apply }): EventOperators => ({ name, apply: along(apply!, tangentChange) })),
    mass && massOfBlocks(mass, stateBlocks({ n: layout.u.size, k: 1 }), 2 * layout.u.size),
  );
});

export function isTimed({ when }: { readonly when?: unknown }): boolean {
  return when === undefined;
}

/** Numbers, and behind them as many others: zeros, unless they are given. */
export function pair(x: Float64Array, behind?: Float64Array): Float64Array {
  const both = new Float64Array(2 * x.length);
  both.set(x);
  if (behind) both.set(behind, x.length);
  return both;
}

function pairLayout({ size }: Layout): Layout {
  return { kind: "array", offset: 0, size: 2 * size, shape: [2 * size], container: "typed" };
}

/** A function of (u, p, t, …): the state's part of what it gives is the function's own, the tangent's that of the program. */
function tangentOperator(operator: Operator, { u, p }: ProblemCode["layout"], derive: (program: Program) => Program): Operator {
  const program = (): Program => derive(operator.program());
  return operator.instead({
    spaces: { u: pairLayout(u), p: pairLayout(p) },
    restated: undefined,
    points: () => operator.points().map(([state, parameters, ...scalars]) => [pair(state as Float64Array), pair(parameters as Float64Array), ...scalars]), // prettier-ignore
    program,
    evaluate(into, [state, parameters, ...scalars]: Inputs) {
      const [both, all] = [state as Float64Array, parameters as Float64Array];
      // What it changes may be what it is given.
      const own = [both.slice(0, u.size), all.slice(0, p.size), ...scalars];
      into.set(compiledAlone(program(), defaultTarget()).run([undefined, both, all], scalars as number[]).arrays[0]);
      operator.evaluate(into.subarray(0, u.size), own);
    },
  });
}

const tangentRhs = memo((rhs: Program): Program => {
  const [n, np] = [sizeOf(rhs, "u"), sizeOf(rhs, "p")];
  return dualRhs(rhs, undefined, { n, np, k: 1 });
});

/** What an event does to the state and to the tangent: (output u_after, input u, input p, scalar t, scalar index). */
const tangentChange = memo((apply: Program): Program => {
  const b = new Builder(`${apply.name}_tangent`);
  const after = b.arrayParameter("u_after", 2 * sizeOf(apply, "u"), "output");
  const { inputs, directions, half } = tangentInputs(b, apply);
  // Parameters: u_after, u, p, t, index, u_dot, p_dot, u_after_dot.
  inline(b, derivativesOf(apply).jvp(["u", "p"]), [half(after, 0), ...inputs, ...directions, half(after, 1)]);
  return eliminate(b.finish());
});

/** Declares the inputs of a program over (u, v) and (p, q), and gives what a program of u and p takes of them, and its directions. */
export function tangentInputs(b: Builder, program: Program) {
  const declared = new Map<string, ArrayDeclaration>();
  const half = (array: ArrayDeclaration, second: 0 | 1): ArrayArgument => ({
    array,
    offset: b.i32(second * (array.size / 2)),
  });
  const inputs = program.parameters.flatMap((parameter): (ArrayArgument | Value)[] => {
    if (parameter.kind === "scalar") {
      const { type, min, max } = parameter.value;
      return [b.scalarParameter(parameter.name, type, min, max)];
    }
    const { name, size, role } = parameter.array;
    if (role !== "input") return [];
    const array = b.arrayParameter(name, 2 * size, "input");
    declared.set(name, array);
    return [half(array, 0)];
  });
  const [u, p] = ["u", "p"].map((name) => declared.get(name)!);
  return { inputs, directions: [half(u, 1), half(p, 1)], half, u, p };
}

function sizeOf(program: Program, name: "u" | "p"): number {
  const found = program.parameters.find((parameter) => parameter.kind === "array" && parameter.array.name === name);
  return found?.kind === "array" ? found.array.size : 0;
}
