/** A solve by the method that was named, or one that is chosen from the steps themselves. */
import { integrate } from "../step-loop/integrate.ts";
import type { IntegrationRequest } from "../step-loop/request.ts";
import type { Trajectory } from "../step-loop/trajectory.ts";
import type { Prepared } from "../step-loop/prepare.ts";
import type { Method } from "../step/method.ts";
import { integrateAuto } from "./automatic.ts";
import type { Costs } from "./choice.ts";
import { controlled } from "./step-control.ts";

/** Calls `use` with a system that is prepared for a method, and in use until that returns. */
export type WithPrepared = <T>(method: Method, use: (prepared: Prepared) => T) => T;

/** A change of the method. */
export interface Change {
  readonly name: string;
  readonly t: number;
  readonly costs?: Costs;
}

export interface Integrated {
  readonly trajectory: Trajectory;
  /** The method, or the methods with the times of the changes, in words. */
  readonly solver: string;
  /** The method that reached the end. */
  readonly method: Method;
  /** Of a method that was chosen. */
  readonly changes: readonly Change[];
}

/** Integrates with the method, or chooses one. */
export function integrateWith(withPrepared: WithPrepared, method: Method | undefined, request: IntegrationRequest): Integrated {
  const { control } = request;
  if (control) {
    const { control: _, ...rest } = request;
    return integrateWith((chosen, use) => withPrepared(controlled(chosen, control), use), method, rest);
  }
  if (method === undefined) return integrateAuto(withPrepared, request);
  // What is prepared is shared by methods of a name, whatever their steps' length.
  const fixedStep = method.dt;
  const asked = fixedStep === undefined ? request : { fixedStep, ...request };
  return { trajectory: withPrepared(method, (prepared) => integrate(prepared, asked)), solver: method.name, method, changes: [] };
}
