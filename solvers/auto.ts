/** The choice of a method from the steps themselves: begin with an explicit method, change once stability holds it back. */
import type { ProblemCode } from "../src/code.ts";
import type { CheckedAt } from "../src/agreement.ts";
import type { Target } from "../src/compile/compile.ts";
import { tsit5 } from "./explicit/tsit5.ts";
import { integrate, type IntegrationRequest } from "./integrate.ts";
import { withPrepared } from "./problem-system.ts";
import { rodas5P } from "./rosenbrock/rodas5p.ts";
import type { Trajectory } from "./trajectory.ts";

/** Integrates with tsit5, and from where the problem shows itself to be stiff with rodas5P. */
export function integrateAuto(
  code: ProblemCode,
  at: CheckedAt,
  request: IntegrationRequest,
  target: Target,
): { trajectory: Trajectory; solver: string } {
  const explicit = tsit5();
  const trajectory = withPrepared(code, at, explicit, target, (prepared) => integrate(prepared, { ...request, stopWhenStiff: true }));
  const { kind, t, h } = trajectory.result;
  if (kind !== "stiff") return { trajectory, solver: explicit.name };
  const implicit = rodas5P();
  const rest: IntegrationRequest = { ...request, u0: trajectory.final.slice(), t0: t, firstStep: h };
  withPrepared(code, at, implicit, target, (prepared) => integrate(prepared, rest, trajectory));
  return { trajectory, solver: `${explicit.name} -> ${implicit.name} at t = ${t}` };
}
