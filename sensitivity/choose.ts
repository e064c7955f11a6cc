/** Picks the adjoint method and the vjp backend for a problem, and says why. */
import { BadGradientOption } from "../src/errors.ts";
import { executionOf } from "../solvers/problem-system.ts";
import { estimate } from "./costs.ts";
import { adjointMethods, type AdjointName } from "./methods/index.ts";
import type { GradientTask } from "./methods/method.ts";
import type { VjpBackend } from "./vjp/backend.ts";
import { vjpBackends } from "./vjp/index.ts";
import { source } from "./vjp/source.ts";

/** The backend of a name; without one `source`. */
export function chooseBackend(name: string | undefined): { backend: VjpBackend; because: string } {
  if (name === undefined) {
    return { backend: source, because: "vjp source: the right-hand side is read, and its reverse program compiled" };
  }
  if (!Object.hasOwn(vjpBackends, name)) {
    throw new BadGradientOption(`vjp: there is no backend "${name}". Backends are ${Object.keys(vjpBackends).join(", ")}.`);
  }
  return { backend: vjpBackends[name], because: `vjp ${name}: as asked for` };
}

export function chooseAdjoint(
  task: Omit<GradientTask, "backend">,
  forced: string | undefined,
): { adjoint: AdjointName; because: string[] } {
  if (forced !== undefined) {
    if (!Object.hasOwn(adjointMethods, forced)) {
      throw new BadGradientOption(
        `adjoint: there is no method "${forced}". Methods are ${Object.keys(adjointMethods).join(", ")}.`,
      );
    }
    return { adjoint: forced as AdjointName, because: [`adjoint ${forced}: as asked for`] };
  }
  const { compiled, reason } = executionOf(task.code);
  if (!compiled)
    return { adjoint: "gauss", because: [`adjoint gauss: dual numbers need the right-hand side's text (${reason})`] };
  const { rhs, directions, methods } = estimate(task);
  const [[adjoint]] = Object.entries(methods).sort(([, a], [, b]) => a - b) as [[AdjointName, number]];
  return {
    adjoint,
    because: [
      `one call of the right-hand side costs about ${rhs.toPrecision(2)} ns; ${task.u0.length} states, ${directions} derivatives, ${task.loss.times.length} loss times`,
      `dual: about ${microseconds(methods.dual)} for a hundred steps, growing with the number of derivatives`,
      `discrete: about ${microseconds(methods.discrete)} for a hundred steps and their adjoints, whatever the number of derivatives`,
      `gauss: about ${microseconds(methods.gauss)} for a hundred steps and the way back, restarted at each loss time`,
      `adjoint ${adjoint}: the cheapest by this estimate`,
    ],
  };
}

function microseconds(nanoseconds: number): string {
  return `${Number((nanoseconds / 1000).toPrecision(2))} µs`;
}
