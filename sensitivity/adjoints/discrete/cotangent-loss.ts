/** The loss that stands for one computed elsewhere: handed cotangents in place of states, it gives them as its derivatives. */
import { memo } from "../../../src/core/memo.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import { Builder } from "../../../src/ir/builder.ts";
import type { ArrayDeclaration } from "../../../src/ir/ir.ts";
import type { LossPart } from "../../losses/part.ts";

/** Its derivative by the state is the state, and its value is 0, which nobody uses. It is made once for a problem. */
export const cotangentLoss = memo(makeCotangentLoss, { by: (code) => [code.rhsProgram()] });

function makeCotangentLoss({ layout: { u, p } }: ProblemCode): LossPart {
  const inputs = (b: Builder): ArrayDeclaration => {
    const state = b.arrayParameter("u", u.size, "input");
    b.arrayParameter("p", p.size, "input");
    b.scalarParameter("t");
    b.scalarParameter("i", "i32");
    return state;
  };
  const value = new Builder("cotangent");
  inputs(value);
  const gradient = new Builder("cotangent_vjp");
  const cotangent = inputs(gradient);
  const scale = gradient.scalarParameter("result_bar");
  const uBar = gradient.arrayParameter("u_bar", u.size, "output");
  const pBar = gradient.arrayParameter("p_bar", p.size, "output");
  gradient.for(gradient.i32(0), gradient.i32(u.size), 1, [], (i) => {
    gradient.store(uBar, i, gradient.operation("mul", scale, gradient.load(cotangent, i)));
    return [];
  });
  gradient.fill(pBar, gradient.f64(0));
  return { value: value.finish(value.f64(0)), gradient: gradient.finish() };
}
