/** Where a step ends in a kernel: what takes place there, and how the method begins anew behind it. */
import type { Value } from "../../src/ir/ir.ts";
import { boundaryOf, type Method } from "../step/method.ts";
import { initialStep } from "../step-loop/initial-step.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import type { Controlled } from "./controlled.ts";
import { look } from "./kernel-state-events.ts";
import { outcomes } from "./told.ts";

/** The method begins anew with the state that is here: the first step, and whether there is one. */
export function beginning(b: BatchBuilder, method: Method, t: Value): Pick<Controlled, "h" | "left"> {
  const { here, there, p, atol } = b;
  b.begin(t);
  b.switches.begin(b.slice(here.u), t);
  const h = firstStep(b, method, t, { u: here.u, f: here.f, uNext: there.u, fNext: there.f, p, atol });
  const begins = b.operation("bool.and", b.isFinite(here.f), b.operation("finite", h));
  const [zero, bad] = [b.f64(0), b.f64(outcomes.indexOf("nonFinite"))];
  b.tell("outcome", b.operation("select", begins, zero, bad));
  return { h, left: b.operation("select", begins, b.f64(2), zero) };
}

function firstStep(b: BatchBuilder, method: Method, t: Value, at: Parameters<typeof initialStep>[3]): Value {
  if (method.dt) return b.setting("h");
  const span = b.operation("sub", b.setting("t1"), t);
  const reach = { order: b.programs.firstOrder ?? method.order, boundary: boundaryOf(method) };
  return initialStep(b, b.of, reach, at, t, span, b.setting("rtol"));
}

/** What a step that was good enough leaves: `value` of who looks at it. */
export interface Taken extends Pick<Controlled, "h" | "remembered"> {
  readonly value: Value;
}

/** The same, where the step is taken only by what a look at its events says, or they take place where it begins (`stay`); where the trajectory is then, and whether it was: 1 or 0. */
export function takenIf(
  b: BatchBuilder,
  found: Value,
  { take, stay }: { readonly take: () => Taken; readonly stay: () => Value },
  { t, tNext, remembered, next }: Pick<Controlled, "t" | "remembered"> & { readonly tNext: Value; readonly next: Value },
): Taken & { readonly t: Value; readonly isTaken: Value } {
  const is = (what: keyof typeof look): Value => b.operation("eq", found, b.f64(look[what]));
  const [h, there, isTaken, value, ...newest] = b.if(
    b.operation("bool.or", is("keep"), is("atEnd")),
    () => {
      const taken = take();
      return [taken.h, tNext, b.f64(1), taken.value, ...taken.remembered];
    },
    () => {
      b.drop();
      const [saved] = b.if(
        is("atStart"),
        () => [stay()],
        () => [next],
      );
      return [b.stateEvents!.lengthFrom(t), t, b.f64(0), saved, ...remembered];
    },
  );
  return { h, t: there, isTaken, value, remembered: newest };
}

type Behind = Pick<Controlled, "h" | "left" | "halt">;

/**
 * What is carried on where a step that was good enough left the trajectory, at t: events whose conditions are met take place there, and those at
 * given times, at a halt; and the method begins anew.
 */
export function behindStep(
  b: BatchBuilder,
  method: Method,
  so: Pick<Controlled, "h" | "t" | "halt"> & { readonly isTaken: Value },
  { found, target }: { readonly found: Value | undefined; readonly target: Value },
): Behind {
  const { timed, halts, stateEvents } = b;
  const { t } = so;
  const [zero, two] = [b.f64(0), b.f64(2)];
  const both = (x: Value, y: Value): Value => b.operation("bool.and", x, y);
  const isTaken = b.operation("ne", so.isTaken, zero);
  const left = b.operation("select", both(isTaken, b.operation("eq", t, b.setting("t1"))), zero, two);
  const isHalt = both(isTaken, b.operation("eq", t, target));
  const passed = halts ? b.plus(so.halt, b.operation("select", isHalt, b.f64(1), zero)) : so.halt;
  if (!timed && !stateEvents) return { h: so.h, left, halt: passed };
  const isTimed = timed && both(isHalt, timed.isEvent(so.halt));
  if (stateEvents) b.when(both(isTaken, b.operation("eq", t, stateEvents.stopBefore(t))), () => stateEvents.pass());
  const isMet = found && b.operation("ge", found, b.f64(look.atEnd));
  const [h, goesOn, halt] = b.if(
    isTimed && isMet ? b.operation("bool.or", isTimed, isMet) : (isTimed ?? isMet)!,
    () => {
      const [survives] = isMet
        ? b.if(
            isMet,
            () => [met(b, found, t)],
            () => [left],
          )
        : [left];
      const stays = b.operation("select", b.operation("ne", survives, zero), left, zero);
      const isOn = b.operation("ne", survives, zero);
      const from = isTimed ? b.operation("select", isTimed, so.halt, passed) : passed;
      const behind = timed
        ? b.if(
            both(isHalt, isOn),
            () => [timed.takePlace(from, t)],
            () => [passed],
          )[0]
        : passed;
      const [again, anew] = b.if(
        b.operation("ne", stays, zero),
        () => {
          const begun = beginning(b, method, t);
          stateEvents?.pass();
          stateEvents?.conditions.begin(t, true);
          return [begun.h, begun.left];
        },
        () => [so.h, stays],
      );
      return [again, anew, behind];
    },
    () => [so.h, left, passed],
  );
  return { h, left: goesOn, halt };
}

/** Conditions are met at t; 0 where the trajectory ends there, 2 where it goes on. */
function met(b: BatchBuilder, found: Value, t: Value): Value {
  return b.if(
    b.operation("eq", found, b.f64(look.notFinite)),
    () => {
      b.tell("outcome", b.f64(outcomes.indexOf("nonFinite")));
      return [b.f64(0)];
    },
    () => {
      const { isEndless, goesOn } = b.stateEvents!.takePlace(t);
      b.when(isEndless, () => b.tell("outcome", b.f64(outcomes.indexOf("endlessEvents"))));
      return [b.operation("select", goesOn, b.f64(2), b.f64(0))];
    },
  )[0];
}
