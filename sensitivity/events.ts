/** Events as programs, for every way of differentiating through them. */
import type { Arena } from "../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../src/compile/compile.ts";
import { keptWith, type ProblemCode } from "../src/code.ts";
import { reverse } from "../src/derive/reverse.ts";
import type { Program } from "../src/program/ir.ts";
import type { Jump } from "../solvers/trajectory.ts";

export interface EventPrograms {
  /** (output u_after[n], input u[n], input p[np], scalar t) */
  readonly apply: Program;
  /** (input u[n], input p[np], scalar t, input u_after_bar[n], output u_bar[n]): u_bar = (∂e/∂u)ᵀ u_after_bar. */
  readonly wrtU: Program;
  /** (input u[n], input p[np], scalar t, input u_after_bar[n], output p_bar[np]): p_bar = (∂e/∂p)ᵀ u_after_bar. */
  readonly wrtP: Program;
}

/** Undefined for a problem without events. Throws ReadError where their function cannot be read. */
export function eventPrograms(code: ProblemCode): EventPrograms | undefined {
  const apply = code.eventProgram();
  if (!apply) return undefined;
  return keptWith(apply, "event programs", () => ({
    apply,
    wrtU: reverse(apply, { wrt: ["u"] }),
    wrtP: reverse(apply, { wrt: ["p"] }),
  }));
}

/** The way back over events: λ⁻ = (∂e/∂u)ᵀ λ⁺, and (∂e/∂p)ᵀ λ⁺ for the parameters. */
export class EventPullback {
  private readonly link: () => Record<"wrtU" | "wrtP", Compiled>;
  private linked: Record<"wrtU" | "wrtP", Compiled> | undefined;
  private readonly address: Record<"u" | "p" | "after" | "uBar" | "pBar", number>;

  constructor(
    { wrtU, wrtP }: EventPrograms,
    private readonly arena: Arena,
    private readonly n: number,
    private readonly np: number,
    target: Target,
  ) {
    const unit = compile({ wrtU, wrtP }, arena, target);
    this.address = {
      u: arena.reserve(n),
      p: arena.reserve(np),
      after: arena.reserve(n),
      uBar: arena.reserve(n),
      pBar: arena.reserve(np),
    };
    this.link = () => unit.link();
  }

  /** `lambda` is replaced; what the parameters get is added to `pBar`. */
  apply({ t, before }: Jump, parameters: Float64Array, lambda: Float64Array, pBar: Float64Array): void {
    this.linked ??= this.link();
    const { address, arena, linked, n, np } = this;
    arena.f64(address.u, n).set(before);
    arena.f64(address.p, np).set(parameters);
    arena.f64(address.after, n).set(lambda);
    linked.wrtU(address.u, address.p, t, address.after, address.uBar);
    linked.wrtP(address.u, address.p, t, address.after, address.pBar);
    lambda.set(arena.f64(address.uBar, n));
    arena.f64(address.pBar, np).forEach((term, j) => (pBar[j] += term));
  }
}
