/** Events of a solve that carries derivatives: they change the state and its derivatives at once. */
import type { TimedEvents } from "../../../solvers/step-loop/request.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../../src/compile/compile.ts";
import type { Program } from "../../../src/ir/ir.ts";
import type { DualSizes } from "./dual-system.ts";

/** The event of a problem with directions, compiled. */
export class DualEvent {
  private readonly arena = new Arena();
  private readonly address: Record<"after" | "u" | "p", number>;
  private readonly linked: Record<"event", Compiled>;

  constructor(
    event: Program,
    private readonly sizes: DualSizes,
    target: Target,
  ) {
    const { arena } = this;
    const unit = compile({ event }, arena, target);
    const states = this.states;
    this.address = { after: arena.reserve(states), u: arena.reserve(states), p: arena.reserve(sizes.np * (1 + sizes.k)) };
    this.linked = unit.link();
  }

  private get states(): number {
    return this.sizes.n * (1 + this.sizes.k);
  }

  /** The events at these parameters, which their directions follow. What follows the states, an integral, stays. */
  at(events: TimedEvents, parameters: Float64Array): TimedEvents {
    const { arena, address, states, linked, sizes } = this;
    return {
      times: events.times,
      apply: (u, t) => {
        // The function itself is called too, as what was read of it may be wrong.
        events.apply(u.slice(0, sizes.n), t);
        arena.f64(address.u, states).set(u.subarray(0, states));
        arena.f64(address.p, parameters.length).set(parameters);
        linked.event(address.after, address.u, address.p, t);
        u.set(arena.f64(address.after, states));
      },
    };
  }
}
