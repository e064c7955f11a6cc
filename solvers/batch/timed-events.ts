/** Events at given times in kernels: a step ends at each, the event changes the state there, and the method begins anew behind it. */
import type { ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import { HAPPENING, happening } from "./halts.ts";
import { applyEvent, type KernelEvents } from "./kernel-events.ts";

export class TimedEvents {
  private readonly happenings: ArrayDeclaration;

  constructor(
    private readonly b: BatchBuilder,
    private readonly events: KernelEvents,
  ) {
    this.happenings = b.arrayParameter("happenings", b.halts!.size * HAPPENING, "input");
  }

  /** Does an event take place at the halt of this index? A bool. */
  isEvent(halt: Value): Value {
    return this.b.operation("ne", this.told("event", halt), this.b.f64(0));
  }

  /** Those from this halt on that take place at t change the state here, one after the other; returns the halt behind them. */
  takePlace(from: Value, t: Value): Value {
    const { b } = this;
    const isHere = (halt: Value): Value => {
      const isThere = b.operation("bool.and", b.operation("lt", halt, b.f64(b.halts!.size)), this.isEvent(halt));
      return b.operation("bool.and", isThere, b.operation("eq", b.load(b.halts!, b.haltIndex(halt)), t));
    };
    return b.while(
      [from],
      ([halt]) => isHere(halt),
      ([halt]) => {
        this.apply(halt);
        return [b.plus(halt, b.f64(1))];
      },
    )[0];
  }

  private apply(halt: Value): void {
    const { b, events } = this;
    const [event, t] = [this.told("event", halt), this.told("t", halt)];
    const index = b.operation("i32.from_f64", this.told("index", halt));
    events.forEach(({ apply }, k) => {
      if (!apply) return;
      b.when(b.operation("eq", event, b.f64(k + 1)), () => applyEvent(b, apply, t, index));
    });
  }

  private told(what: keyof typeof happening, halt: Value): Value {
    const { b } = this;
    const at = b.operation("i32.add", b.operation("i32.mul", b.haltIndex(halt), b.i32(HAPPENING)), b.i32(happening[what]));
    return b.load(this.happenings, at);
  }
}
