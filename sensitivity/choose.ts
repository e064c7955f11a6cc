/** Picks the adjoint method and the vjp backend for a problem, and says why. */
import { BadGradientOption } from "../src/errors.ts";
import { costOf } from "../src/program/inspect/cost.ts";
import { adjointMethods, type AdjointName } from "./methods/index.ts";
import type { GradientTask } from "./methods/method.ts";
import type { VjpBackend } from "./vjp/backend.ts";
import { source } from "./vjp/source.ts";

export const vjpBackends: Readonly<Record<string, VjpBackend>> = { source };

/** What was chosen for a gradient, and why. */
export class Plan {
  constructor(
    readonly solver: string,
    readonly adjoint: AdjointName,
    readonly vjp: string,
    readonly because: readonly string[],
  ) {}

  toString(): string {
    return [
      `solver ${this.solver}, adjoint ${this.adjoint}, vjp ${this.vjp}`,
      ...this.because.map((reason) => `  ${reason}`),
    ].join("\n");
  }
}

export function backendNamed(name: string | undefined): VjpBackend {
  if (name === undefined) return source;
  if (!Object.hasOwn(vjpBackends, name)) {
    throw new BadGradientOption(`vjp: there is no backend "${name}". Backends are ${Object.keys(vjpBackends).join(", ")}.`);
  }
  return vjpBackends[name];
}

/** The way back in units of the forward solve: a vjp costs two or three right-hand sides, and interpolation comes on top. */
const WAY_BACK = 2.5;
/** Steps that a solve of a smooth problem takes, about; each loss time on the way back ends one early. */
const USUAL_STEPS = 60;

export function chooseAdjoint(
  task: Omit<GradientTask, "backend">,
  forced: string | undefined,
): { adjoint: AdjointName; because: string[] } {
  const directions = (task.wrt.p ? task.p.length : 0) + (task.wrt.u0 ? task.u0.length : 0) + Number(task.wrt.t0);
  if (forced !== undefined) {
    if (!Object.hasOwn(adjointMethods, forced)) {
      throw new BadGradientOption(
        `adjoint: there is no method "${forced}". Methods are ${Object.keys(adjointMethods).join(", ")}.`,
      );
    }
    const adjoint = forced as AdjointName;
    return { adjoint, because: [`adjoint ${adjoint}: as asked for`] };
  }
  const rhs = costOf(task.code.rhsProgram());
  const byDual = 1 + directions;
  const byGauss = 1 + WAY_BACK * (1 + task.loss.times.length / USUAL_STEPS);
  const adjoint = byDual <= byGauss ? "dual" : "gauss";
  return {
    adjoint,
    because: [
      `one call of the right-hand side costs about ${rhs.toPrecision(2)} ns; ${task.u0.length} states, ${directions} derivatives, ${task.loss.times.length} loss times`,
      `dual: about ${byDual} forward solves (one a derivative on top of the solve)`,
      `gauss: about ${byGauss.toPrecision(2)} forward solves (the way back, restarted at each loss time), whatever the number of derivatives`,
      `adjoint ${adjoint}: the cheaper by this estimate`,
    ],
  };
}
