/** A problem's events as kernels take them: programs over the state that is solved for. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { CheckedEvent } from "../../src/problem/events.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import type { BatchBuilder } from "./batch-builder.ts";

export interface KernelEvent {
  /** (output u_after[n], input u[n], input p[np], scalar t, scalar index); absent of an event that changes nothing. */
  readonly apply?: Program;
  /** (input u[n], input p[np], scalar t), which returns what crosses zero; absent of an event at given times. */
  readonly when?: Program;
  readonly direction?: "up" | "down" | "both";
  /** Does it end the trajectory? */
  readonly terminal?: boolean;
}

/** In the problem's order; the same object for the same programs. */
export type KernelEvents = readonly KernelEvent[];

/** Where steps end, and what takes place there. */
export interface KernelHalts {
  /** Times that are known before, of each trajectory. */
  readonly count: number;
  readonly events?: KernelEvents;
  /** Do events take place at such times? */
  readonly timed?: boolean;
}

export const noHalts: KernelHalts = { count: 0 };

/** An event changes the state here. */
export function applyEvent(b: BatchBuilder, apply: Program, t: Value, index: Value): void {
  const { here, there, p } = b;
  b.call(apply, [b.slice(there.u), b.slice(here.u), b.slice(p), t, index]);
  b.copy(here.u, there.u);
}

/** What kernels are kept by. */
export function keysOf({ count, events, timed }: KernelHalts): readonly unknown[] {
  return [count, events, timed ?? false];
}

/** Throws ReadError where a function cannot be read. */
export function kernelEventsOf({ code, events }: OdeProblem): KernelEvents | undefined {
  return events?.length ? eventsOf(code, events) : undefined;
}

const eventsOf = memo(
  (code: ProblemCode, stated: readonly CheckedEvent[]): KernelEvents =>
    code.events.map(({ apply, when }, k) => ({
      apply: apply?.program(),
      when: when?.program(),
      direction: stated[k].direction,
      terminal: stated[k].terminal,
    })),
  {
    by: (code, stated) => [code.identityWithEvents, ...stated.flatMap(({ direction, terminal }) => [direction, terminal])],
  },
);

/** Does one of them end trajectories? */
export function mayEnd(events: KernelEvents | undefined): boolean {
  return events?.some(({ terminal }) => terminal) ?? false;
}
