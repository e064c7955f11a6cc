/** What was read of events, against the functions. */
import { checkConditionAgreement, checkEventAgreement, comparedOperator } from "../../src/problem/agreement.ts";
import { requireAgreement } from "../../src/problem/comparison.ts";
import type { EventOperators } from "../../src/problem/code.ts";
import { timesAt, timesWithin } from "../../src/problem/event-times.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Start } from "../../src/problem/points.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { RequestedEvents } from "../step-loop/request.ts";

/** Compares the functions of each event that `readable` leaves, where none was compared before. Throws as checkAgreement does. */
export function checkEvents(
  { code, events = [] }: OdeProblem,
  at: Start,
  target: Target,
  readable: (operators: EventOperators) => EventOperators = (operators) => operators,
): void {
  code.events.forEach((operators, k) => {
    const times = timesAt(events[k], operators, at.p);
    checkEventAgreement(code, readable(operators), at, target, times && timesWithin(times, at.tspan));
  });
}

/** The events, whose `apply` throws MisreadFunction where what was read of them does something else than these functions. */
export function comparing(
  events: RequestedEvents,
  operators: readonly EventOperators[],
  { n, p, target }: { readonly n: number; readonly p: Float64Array; readonly target: Target },
): RequestedEvents {
  return {
    ...events,
    apply(event, u, moment) {
      const { t, index } = moment;
      const { when, apply } = operators[event];
      const point = { u: u.slice(0, n), p, t };
      if (when) checkConditionAgreement(when, [point]);
      if (apply) requireAgreement(comparedOperator(apply, index), point, target);
      events.apply(event, u, moment);
    },
  };
}
