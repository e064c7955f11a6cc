/** The adjoint of events: cotangents of the state after them are taken back to the state before. */
import type { Jump } from "../../../solvers/step-loop/trajectory.ts";
import type { Arena } from "../../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../../src/compile/compile.ts";
import type { EventPrograms } from "../../task/events.ts";

/** λ⁻ = (∂e/∂u)ᵀ λ⁺, and (∂e/∂p)ᵀ λ⁺ for the parameters, where the event is u⁺ = e(u⁻, p, t). */
export class EventAdjoint {
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

  /** Replaces `lambda`, and adds the derivative by the parameters to `pBar`. */
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
