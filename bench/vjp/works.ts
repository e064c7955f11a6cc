/** What the vjp benchmark calls over and over: right-hand side, sparse Jacobian, and the vjps of the backends, at one point. */
import type { PreparedVjp, VjpBackend } from "../../sensitivity/vjp/backend.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";
import { jacobianOf } from "../../src/derive/jacobian.ts";
import { pack } from "../../src/arrays/pack.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile } from "../../src/compile/compile.ts";
import { OdegradError } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { Builder } from "../../src/ir/builder.ts";
import { isProgram, type ArrayArgument, type External, type Program, type Value } from "../../src/ir/ir.ts";
import { kernelsOf } from "../shared/kernels.ts";

export interface VjpWorks {
  /** `rhs` (compiled), `plain` (the user's own function), `jacobian`, and the vjp by u and p of each backend, by its name. */
  readonly works: Readonly<Record<string, () => void>>;
  /** The backends that cannot, with the reason. */
  readonly refused: readonly string[];
}

/** At the initial state and time `t`. */
export function vjpWorks(problem: OdeProblem, t: number): VjpWorks {
  const { rhs, plain } = kernelsOf(problem, t);
  const works: Record<string, () => void> = { rhs, plain, jacobian: jacobianWork(problem, t) };
  const refused: string[] = [];
  for (const [name, backend] of Object.entries(vjpBackends)) {
    try {
      const work = vjpWork(problem, backend, t);
      // Some say no only when they see the function run, and some compile once they have.
      work();
      work();
      works[name] = work;
    } catch (error) {
      if (!(error instanceof OdegradError)) throw error;
      refused.push(`${name} refuses: ${error.message.split(/\n|\. /)[0]}`);
    }
  }
  return { works, refused };
}

function jacobianWork(problem: OdeProblem, t: number): () => void {
  const { pattern, values } = jacobianOf(problem.code.rhsProgram());
  const arena = new Arena();
  const at = arena.reserve(pattern.rowIndices.length);
  return linked(problem, arena, values, (u, p) => [at, u, p, t]);
}

function vjpWork(problem: OdeProblem, backend: VjpBackend, t: number): () => void {
  const { u, p } = problem.layout;
  const arena = new Arena();
  const [v, uBar, pBar] = [u.size, u.size, p.size].map((size) => arena.reserve(size));
  const program = both(backend.prepare({ code: problem.code, arena, target: "wasm" }));
  const work = linked(problem, arena, program, (state, parameters) => [state, parameters, t, v, uBar, pBar]);
  arena.f64(v, u.size).fill(1);
  return work;
}

/** The program at the initial state and parameters. */
function linked(
  { layout, u0, p }: OdeProblem,
  arena: Arena,
  program: Program,
  argumentsAt: (u: number, p: number) => number[],
): () => void {
  const [u, parameters] = [layout.u.size, layout.p.size].map((size) => arena.reserve(size));
  const { main } = compile({ main: program }, arena, "wasm").link();
  pack(layout.u, u0, "u0", arena.f64(u, layout.u.size));
  pack(layout.p, p, "p", arena.f64(parameters, layout.p.size));
  const given = argumentsAt(u, parameters);
  return () => void main(...given);
}

/** One program for both products, as adjoint methods call them: from a program. */
function both({ wrtBoth, wrtU, wrtP }: PreparedVjp): Program {
  if (wrtBoth && isProgram(wrtBoth)) return wrtBoth;
  const b = new Builder("vjp");
  const known = new Map<string, ArrayArgument | Value>();
  const declare = (callee: Program | External): (ArrayArgument | Value)[] =>
    callee.parameters.map((parameter) => {
      const name = parameter.kind === "array" ? parameter.array.name : parameter.name;
      const made = known.get(name) ?? declared(b, parameter);
      known.set(name, made);
      return made;
    });
  const calls = (wrtBoth ? [wrtBoth] : [wrtU, wrtP]).map((callee) => [callee, declare(callee)] as const);
  for (const [callee, args] of calls) b.call(callee, args);
  return b.finish();
}

function declared(b: Builder, parameter: Program["parameters"][number]): ArrayArgument | Value {
  if (parameter.kind === "scalar") return b.scalarParameter(parameter.name);
  const { name, size, role } = parameter.array;
  return { array: b.arrayParameter(name, size, role === "input" ? "input" : "output"), offset: b.i32(0) };
}
