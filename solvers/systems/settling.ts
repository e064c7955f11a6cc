/** Solves that begin where the algebraic equations hold. */
import type { Branches } from "../../src/analysis/switching/branches.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { Start } from "../../src/problem/points.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { IntegrationRequest, RequestedEvents } from "../step-loop/request.ts";
import type { Stop } from "../step-loop/stops.ts";
import { algebraicEquationsOf } from "./algebraic-equations.ts";

/**
 * A solve from where the algebraic equations hold, also behind events and switches; of a problem without a mass matrix the same one.
 * `branches`: of decisions on the state that the solve holds.
 */
export function settledRequest(
  problem: Settled,
  request: IntegrationRequest,
  target: Target,
  branches?: Branches,
): IntegrationRequest {
  const settle = settlingOf(problem, request, target);
  if (!settle) return request;
  // Where decisions turn the state is where they do: on which side of that it is only what they are held as tells.
  const held = branches && settlingOf(problem, request, target, branches);
  const { events, onStop, t0 } = request;
  const u0 = request.u0.slice();
  settle.atStart(u0, t0);
  return {
    ...request,
    u0,
    events: events && settle.events(events),
    velocity: held?.velocity,
    onStop(u, stop) {
      onStop?.(u, stop);
      ((stop.turns && held) || settle).afterSwitch(u, stop);
    },
  };
}

/** Has the equations hold where a solve begins; the state is what they are equations of, and what follows it stays. */
export interface Settling {
  /** The derivative of the state. */
  velocity(u: Float64Array, t: number): Float64Array;
  atStart(u: Float64Array, t: number): void;
  afterSwitch(u: Float64Array, stop: Pick<Stop, "start">): void;
  events(events: RequestedEvents): RequestedEvents;
}

type Settled = Pick<OdeProblem, "code" | "initialise" | "layout" | "du0">;

export function settlingOf(
  { code, initialise, layout, du0 }: Settled,
  { p, rtol, atol }: Pick<IntegrationRequest, "p" | "rtol" | "atol">,
  target: Target,
  branches?: Branches,
): Settling | undefined {
  const equations = algebraicEquationsOf(code, target, branches);
  if (!equations) return undefined;
  const n = layout.u.size;
  const [parameters, tolerances] = [
    p.slice(0, layout.p.size),
    { rtol, atol: typeof atol === "number" ? atol : atol.slice(0, n) },
  ];
  const settle = (u: Float64Array, t: number, when: string, fixed = false): void =>
    equations.settle(u.subarray(0, n), parameters, t, tolerances, {
      initialise: initialise === "algebraic",
      fixed,
      when: `${when} t = ${t}`,
    });
  return {
    velocity: (u, t) => equations.slope(u.subarray(0, n), parameters, t),
    // Other parameters, or another state, have another derivative.
    atStart: (u, t) => settle(u, t, "at the start,", du0 !== undefined && isAsStated(code.from, u.subarray(0, n), parameters)),
    afterSwitch: (u, { start }) => settle(u, start, "after the right-hand side switches at"),
    events: (events) => ({
      ...events,
      apply(event, u, moment) {
        events.apply(event, u, moment);
        // Nothing begins behind one that ends the solve.
        if (!events.ends(event)) settle(u, moment.t, "after the event at");
      },
    }),
  };
}

function isAsStated(from: Start, u: Float64Array, p: Float64Array): boolean {
  return from.u0.every((x, i) => x === u[i]) && from.p.every((x, j) => x === p[j]);
}
