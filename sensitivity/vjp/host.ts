/** Vector-Jacobian products that are functions of the host, and how compiled programs call them. */
import { viewsOf } from "../../src/compile/views.ts";
import type { Arena } from "../../src/compile/arena.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { External } from "../../src/ir/ir.ts";
import type { PreparedVjp } from "./backend.ts";

/** Writes (∂f/∂u)ᵀ v or (∂f/∂p)ᵀ v, at (u, p, t), to `out`. */
export type HostVjp = (out: Float64Array, u: Float64Array, p: Float64Array, t: number, v: Float64Array) => void;

/** Writes both products. */
export type HostVjpOfBoth = (
  outU: Float64Array,
  outP: Float64Array,
  u: Float64Array,
  p: Float64Array,
  t: number,
  v: Float64Array,
) => void;

/** Writes ∂f/∂u uDot + ∂f/∂p pDot, at (u, p, t), to `out`. */
export type HostJvp = (
  out: Float64Array,
  u: Float64Array,
  p: Float64Array,
  t: number,
  uDot: Float64Array,
  pDot: Float64Array,
) => void;

/** The products of a right-hand side. */
export interface HostVjps {
  readonly wrtU: HostVjp;
  readonly wrtP: HostVjp;
  /** Both products in one call, where that costs less than one after the other. */
  readonly wrtBoth?: HostVjpOfBoth;
  readonly jvp?: HostJvp;
}

/** Makes the products callable from programs over the arena. */
export function hostVjp(name: string, code: ProblemCode, arena: Arena, { wrtU, wrtP, wrtBoth, jvp }: HostVjps): PreparedVjp {
  const at = viewsOf(arena);
  const [n, np, m] = [code.layout.u.size, code.layout.p.size, code.output.size];
  const by = (size: number, body: HostVjp): External["call"] => {
    return (u, p, t, v, out) => body(at(out, size), at(u, n), at(p, np), t, at(v, m));
  };
  return {
    wrtU: external(name, code, ["u"], by(n, wrtU)),
    wrtP: external(name, code, ["p"], by(np, wrtP)),
    wrtBoth:
      wrtBoth &&
      external(name, code, ["u", "p"], (u, p, t, v, outU, outP) =>
        wrtBoth(at(outU, n), at(outP, np), at(u, n), at(p, np), t, at(v, m)),
      ),
    jvp:
      jvp &&
      externalJvp(name, code, (u, p, t, uDot, pDot, out) => jvp(at(out, m), at(u, n), at(p, np), t, at(uDot, n), at(pDot, np))),
  };
}

/** A product by state, parameters or both, which is called with addresses. */
export function external(name: string, code: ProblemCode, wrt: readonly ("u" | "p")[], call: External["call"]): External {
  const b = pointOf(code);
  b.arrayParameter("du_bar", code.output.size, "input");
  for (const input of wrt) b.arrayParameter(`${input}_bar`, code.layout[input].size, "output");
  return { name: `${name}_vjp_${wrt.join("")}`, parameters: b.finish().parameters, call };
}

function externalJvp(name: string, code: ProblemCode, call: External["call"]): External {
  const b = pointOf(code);
  b.arrayParameter("u_dot", code.layout.u.size, "input");
  b.arrayParameter("p_dot", code.layout.p.size, "input");
  b.arrayParameter("du_dot", code.output.size, "output");
  return { name: `${name}_jvp`, parameters: b.finish().parameters, call };
}

/** A Hessian-vector product, with the parameters that forward mode over a vjp has. */
export function externalHvp(name: string, code: ProblemCode, wrt: "u" | "p", call: External["call"]): External {
  const b = pointOf(code);
  const { u, p, [wrt]: bar } = code.layout;
  b.arrayParameter("du_bar", code.output.size, "input");
  b.arrayParameter(`${wrt}_bar`, bar.size, "output");
  b.arrayParameter("u_dot", u.size, "input");
  b.arrayParameter("p_dot", p.size, "input");
  b.arrayParameter(`${wrt}_bar_dot`, bar.size, "output");
  return { name: `${name}_hvp_${wrt}`, parameters: b.finish().parameters, call };
}

/** A builder with the parameters u, p and t. */
function pointOf({ layout, name }: ProblemCode): Builder {
  const b = new Builder(name);
  b.arrayParameter("u", layout.u.size, "input");
  b.arrayParameter("p", layout.p.size, "input");
  b.scalarParameter("t");
  return b;
}
