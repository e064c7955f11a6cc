/**
 * Dual numbers through the solver: the right-hand side with k directional derivatives of its state carried along, as one
 * system of n (1 + k) states, so that the partials take part in the error norm. With an integral in the loss, its running
 * value and partials are 1 + k states more.
 *
 * State: u, then ∂u along each direction, then the integral and its partials. Parameters: p, then the directions of p.
 */
import { forward } from "../../src/derive/forward.ts";
import { Builder } from "../../src/program/builder.ts";
import { inline } from "../../src/program/clone.ts";
import { eliminate } from "../../src/program/eliminate.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/program/ir.ts";
import type { LossPart } from "../loss-parts.ts";

export interface DualSizes {
  readonly n: number;
  readonly np: number;
  readonly k: number;
}

/** Where the integral's value lies in the state; its partials follow. */
export function integralOffset({ n, k }: DualSizes): number {
  return n * (1 + k);
}

/**
 * The Jacobian's equal diagonal blocks: a tangent's derivative depends on itself as the state's does on the state, and on the
 * state besides.
 */
export function dualBlocks({ n, np, k }: DualSizes, integral: LossPart | undefined): readonly Int32Array[] {
  const at = integralOffset({ n, np, k });
  return Array.from({ length: 1 + k }, (_, block) =>
    Int32Array.from({ length: integral ? n + 1 : n }, (_component, i) => (i < n ? block * n + i : at + block)),
  );
}

export function dualRhs(rhs: Program, integral: LossPart | undefined, { n, np, k }: DualSizes): Program {
  const b = new Builder(`${rhs.name}_dual`);
  const size = n * (1 + k) + (integral ? 1 + k : 0);
  const du = b.arrayParameter("du", size, "output");
  const u = b.arrayParameter("u", size, "input");
  const p = b.arrayParameter("p", np * (1 + k), "input");
  const t = b.scalarParameter("t");
  const from = (array: ArrayDeclaration, offset: number): ArrayArgument => ({ array, offset: b.i32(offset) });
  // Parameters: du, u, p, t, u_dot, p_dot, du_dot.
  const dual = forward(rhs, { wrt: ["u", "p"], chunk: k });
  inline(b, dual, [from(du, 0), from(u, 0), from(p, 0), t, from(u, n), from(p, np), from(du, n)]);
  if (integral) {
    const at = integralOffset({ n, np, k });
    // Parameters: u, p, t, u_dot, p_dot, result_dot.
    const value = inline(b, forward(integral.value, { wrt: ["u", "p"], chunk: k }), [
      from(u, 0),
      from(p, 0),
      t,
      from(u, n),
      from(p, np),
      from(du, at + 1),
    ]);
    b.store(du, b.i32(at), value!);
  }
  return eliminate(b.finish());
}
