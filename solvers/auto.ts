/** The choice of a method from the steps themselves: begin with an explicit method, change once stability holds it back. */
import { tsit5 } from "./explicit/tsit5.ts";
import { integrate, type IntegrationRequest } from "./integrate.ts";
import type { Method } from "./method.ts";
import type { Prepared } from "./prepare.ts";
import { rodas5P } from "./rosenbrock/rodas5p.ts";
import type { Trajectory } from "./trajectory.ts";

/** Lends a system prepared for a method; it is in use until `use` returns. */
export type Lend = <T>(method: Method, use: (prepared: Prepared) => T) => T;

export interface Integrated {
  readonly trajectory: Trajectory;
  /** The method, or the methods with the time of the change, in words. */
  readonly solver: string;
  /** The method that reached the end. */
  readonly method: Method;
}

/** Integrates with tsit5, and from where the problem shows itself to be stiff with rodas5P. */
export function integrateAuto(lend: Lend, request: IntegrationRequest): Integrated {
  const explicit = tsit5();
  const trajectory = lend(explicit, (prepared) => integrate(prepared, { stopWhenStiff: true, ...request }));
  const { kind, t, h } = trajectory.result;
  if (kind !== "stiff") return { trajectory, solver: explicit.name, method: explicit };
  const implicit = rodas5P();
  const rest: IntegrationRequest = { ...request, u0: trajectory.final.slice(), t0: t, firstStep: h };
  lend(implicit, (prepared) => integrate(prepared, rest, trajectory));
  return { trajectory, solver: `${explicit.name} -> ${implicit.name} at t = ${t}`, method: implicit };
}

/** Integrates with the method, or chooses one. */
export function integrateWith(lend: Lend, method: Method | undefined, request: IntegrationRequest): Integrated {
  if (method === undefined) return integrateAuto(lend, request);
  // What is prepared is shared by methods of a name, whatever their steps' length.
  const fixedStep = method.family === "explicit" ? method.dt : undefined;
  const asked = fixedStep === undefined ? request : { fixedStep, ...request };
  return { trajectory: lend(method, (prepared) => integrate(prepared, asked)), solver: method.name, method };
}
