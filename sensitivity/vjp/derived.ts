/** Vjps to hold others against: from the function's text where it can be read, else by finite differences. */
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import type { ProblemCode } from "../../src/code.ts";
import { ReadError } from "../../src/errors.ts";
import type { Program } from "../../src/program/ir.ts";
import { finiteVjps } from "./finite.ts";
import type { HostVjp, HostVjps } from "./host.ts";
import { source } from "./source.ts";

export interface DerivedVjps extends HostVjps {
  readonly by: "source" | "finite";
  /** What each may be wrong by; rounding alone where absent. */
  readonly errors?: HostVjps;
}

export function derivedVjps(code: ProblemCode, target: Target): DerivedVjps {
  try {
    const { wrtU, wrtP } = source.prepare({ code, arena: new Arena(), target }) as { wrtU: Program; wrtP: Program };
    return { by: "source", wrtU: callable(code, wrtU, "u", target), wrtP: callable(code, wrtP, "p", target) };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { by: "finite", ...finiteVjps(code) };
  }
}

/** Compiled when first called. */
function callable(code: ProblemCode, program: Program, input: "u" | "p", target: Target): HostVjp {
  const sizes = { u: code.layout.u.size, p: code.layout.p.size, v: code.layout.u.size, out: code.layout[input].size };
  let linked: HostVjp | undefined;
  const link = (): HostVjp => {
    const arena = new Arena();
    const address = {
      u: arena.reserve(sizes.u),
      p: arena.reserve(sizes.p),
      v: arena.reserve(sizes.v),
      out: arena.reserve(sizes.out),
    };
    const { vjp } = compile({ vjp: program }, arena, target).link();
    const view = (name: keyof typeof address): Float64Array => arena.f64(address[name], sizes[name]);
    const [u, p, v, out] = [view("u"), view("p"), view("v"), view("out")];
    return (into, atU, atP, t, cotangent) => {
      u.set(atU);
      p.set(atP);
      v.set(cotangent);
      vjp(address.u, address.p, t, address.v, address.out);
      into.set(out);
    };
  };
  return (into, u, p, t, v) => (linked ??= link())(into, u, p, t, v);
}
