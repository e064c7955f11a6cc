/** A problem's right-hand side and its vjp, compiled, with arguments at hand: what a benchmark calls over and over. */
import { pack } from "../../src/arrays/pack.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile } from "../../src/compile/compile.ts";
import { reverse } from "../../src/derive/reverse.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

export interface Kernels {
  /** du = f(u, p, t), compiled. */
  readonly rhs: () => void;
  /** The same by the user's own function. */
  readonly plain: () => void;
  /** Cotangents of u and p, compiled. */
  readonly vjp: () => void;
}

/** At the initial state and time `t`. */
export function kernelsOf({ code, layout, u0, p }: OdeProblem, t: number): Kernels {
  const program = code.rhsProgram();
  const arena = new Arena();
  const n = layout.u.size;
  const [du, u, duBar, uBar] = [n, n, n, n].map((size) => arena.reserve(size));
  const [parameters, pBar] = [layout.p.size, layout.p.size].map((size) => arena.reserve(size));
  const compiled = compile({ rhs: program, vjp: reverse(program, { wrt: ["u", "p"] }) }, arena, "wasm").link();
  const [state, flatP, derivative] = [arena.f64(u, n), arena.f64(parameters, layout.p.size), new Float64Array(n)];
  pack(layout.u, u0, "u0", state);
  pack(layout.p, p, "p", flatP);
  arena.f64(duBar, n).fill(1);
  return {
    rhs: () => void compiled.rhs(du, u, parameters, t),
    plain: () => code.plain(derivative, state, flatP, t),
    vjp: () => void compiled.vjp(u, parameters, t, duBar, uBar, pBar),
  };
}
