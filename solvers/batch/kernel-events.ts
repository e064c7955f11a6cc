/** A problem's events as kernels take them: programs over the state that is solved for. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Program } from "../../src/ir/ir.ts";

export interface KernelEvent {
  /** (output u_after[n], input u[n], input p[np], scalar t, scalar index); absent of an event that changes nothing. */
  readonly apply?: Program;
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

/** What kernels are kept by. */
export function keysOf({ count, events, timed }: KernelHalts): readonly unknown[] {
  return [count, events, timed ?? false];
}

/** Throws ReadError where a function cannot be read. */
export function kernelEventsOf({ code, events }: OdeProblem): KernelEvents | undefined {
  return events?.length ? eventsOf(code) : undefined;
}

const eventsOf = memo((code: ProblemCode): KernelEvents => code.events.map(({ apply }) => ({ apply: apply?.program() })), {
  by: (code) => [code.identityWithEvents],
});
