/** Vjps that are functions of the host: views of the arena for them, and their parameters as programs see them. */
import type { Arena } from "../../src/compile/arena.ts";
import type { ProblemCode } from "../../src/code.ts";
import { Builder } from "../../src/program/builder.ts";
import type { External } from "../../src/program/ir.ts";
import type { PreparedVjp } from "./backend.ts";

/** Writes (∂f/∂u)ᵀ v or (∂f/∂p)ᵀ v, at (u, p, t), to `out`. */
export type HostVjp = (out: Float64Array, u: Float64Array, p: Float64Array, t: number, v: Float64Array) => void;

export interface HostVjps {
  readonly wrtU: HostVjp;
  readonly wrtP: HostVjp;
}

/** Makes them callable from programs over the arena. */
export function hostVjp(name: string, code: ProblemCode, arena: Arena, { wrtU, wrtP }: HostVjps): PreparedVjp {
  return { wrtU: external(`${name}_vjp_u`, "u", code, arena, wrtU), wrtP: external(`${name}_vjp_p`, "p", code, arena, wrtP) };
}

function external(name: string, input: "u" | "p", code: ProblemCode, arena: Arena, body: HostVjp): External {
  const [n, np] = [code.layout.u.size, code.layout.p.size];
  const size = code.layout[input].size;
  const views = new Map<number, Float64Array>();
  const at = (address: number, count: number): Float64Array => {
    let view = views.get(address);
    // An address may be that of arrays of different lengths only where one of them is empty.
    if (view?.length !== count) views.set(address, (view = arena.f64(address, count)));
    return view;
  };
  const b = new Builder(name);
  b.arrayParameter("u", n, "input");
  b.arrayParameter("p", np, "input");
  b.scalarParameter("t");
  b.arrayParameter("du_bar", n, "input");
  b.arrayParameter(`${input}_bar`, size, "output");
  const { parameters } = b.finish();
  return { name, parameters, call: (u, p, t, v, out) => body(at(out, size), at(u, n), at(p, np), t, at(v, n)) };
}
