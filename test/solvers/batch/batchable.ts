/** The methods, but for those that take right-hand sides in halves. */
import { methods } from "../../../solvers/methods/index.ts";
import { symplectic } from "../../../solvers/families/symplectic/family.ts";
import type { Method } from "../../../solvers/step/method.ts";

/** Those of one length with steps of 0.01. */
export const batchable = Object.entries(methods)
  .map(([name, make]) => [name, made(make as (options?: { dt: number }) => Method)] as const)
  .filter(([, { family }]) => family !== symplectic);

function made(make: (options?: { dt: number }) => Method): Method {
  try {
    return make();
  } catch {
    return make({ dt: 0.01 });
  }
}
