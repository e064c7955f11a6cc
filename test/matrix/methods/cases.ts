/** The kinds of losses and events, as data. */
import type { Loss } from "../../../src/problem/problem.ts";
import { eventTimes, type Dosed } from "./problems.ts";

const { dose, parameterDependent } = eventTimes;

export type AnyLoss = Loss<Float64Array, Dosed>;

/** One of these is the time of an event. */
const at = [0.5, dose, 1.1, 1.8];

/** Powers and products, so that their gradients are not those of one another. */
export const losses: Readonly<Record<string, AnyLoss>> = {
  "sum over times": { at, of: (u, _p, t, i) => u[0] ** 2 * (1 + i) + t * u[u.length - 1] },
  integral: { integral: (u, _p, t) => u[0] * u[u.length - 1] + t * u[0] },
  terminal: { final: (u) => u[0] ** 2 + 3 * u[u.length - 1] },
  mixed: { at, of: (u) => u[0] ** 3, integral: (u) => u[u.length - 1] ** 2, final: (u) => Math.sin(u[0]) },
  "of parameters": {
    at,
    of: (u, p) => p.dose * u[0],
    integral: (u, p, t) => p.dose ** 2 * u[0] * t,
    final: (u, p) => Math.exp(p.dose) * u[u.length - 1],
  },
  "of all times": { at, all: (u, p) => (u.get(3, 0) - u.get(1, 0)) ** 2 * u.get(2, 0) + p.dose * u.get(0, 0) },
};

/** Times at which events take place, and whether one takes place where the condition is met too; absent: a problem without events. */
export interface EventKind {
  readonly at: readonly number[];
  readonly crosses?: true;
}

export const events: Readonly<Record<string, EventKind | undefined>> = {
  none: undefined,
  "a dose": { at: [0.9] },
  "of parameters and state": { at: [parameterDependent] },
  "several, two at once": { at: [1.6, parameterDependent, parameterDependent, 0.9] },
  "at a saved time": { at: [dose] },
  "where a condition is met": { at: [0.9], crosses: true },
};
