/** The method of a batch, and what of problems and methods batches take. */
import { CannotBatch } from "../../src/core/errors.ts";
import type { BatchDevice } from "../../src/devices/device.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { tsit5 } from "../methods/tsit5.ts";
import type { Method } from "../step/method.ts";
import { stepPrograms } from "../step-loop/prepare.ts";
import { systemOf } from "../systems/problem-system.ts";
import { defaultMethod, type StatedRows } from "./default-method.ts";

/** Of implicit methods: elimination goes through its columns in each lane, and keeps their factors in memory of its own. */
const MOST_UNKNOWNS = 16;
export interface MethodOfBatch {
  readonly method: Method;
  /** Why that, where none was asked for. */
  readonly because?: string;
  /** What one must know of it. */
  readonly warnings: readonly string[];
}

/** The one asked for, or else the default as far as batches take it. */
export function methodOf(problem: OdeProblem, asked: Method | undefined, rtol: number, rows: StatedRows): MethodOfBatch {
  if (asked) return { method: asked, warnings: [] };
  const found = defaultMethod(problem, rtol, rows);
  const { name, family } = found.method;
  if (problem.code.mass || !family.implicit || problem.layout.u.size <= MOST_UNKNOWNS) return { ...found, warnings: [] };
  const because = `${found.because}, but in a batch implicit methods such as ${name} take ${MOST_UNKNOWNS} components at most`;
  return { method: tsit5(), because, warnings: [`Steps of tsit5 may be many, which stability holds back: ${because}.`] };
}

/** Throws {@link CannotBatch} for a residual. */
export function requireRightHandSide({ name, code }: OdeProblem): void {
  if (!code.isResidual) return;
  throw new CannotBatch(
    `${name} ${code.implicitBy}, which batches do not know. State it by a right-hand side and a mass matrix, or solve the trajectories one by one.`,
  );
}

/** Throws {@link CannotBatch}, and what a solve by the method would. */
export function batchable({ name, code, events, layout }: OdeProblem, method: Method, device: BatchDevice): Method {
  if (method.family.implicit && layout.u.size > MOST_UNKNOWNS) {
    throw new CannotBatch(
      `${name} has ${layout.u.size} components, and ${method.name} is implicit: in a batch its linear systems may have ${MOST_UNKNOWNS} unknowns. ` +
        "Take an explicit method such as tsit5, or solve the trajectories one by one.",
    );
  }
  if (device.precision === "f32" && events?.some(({ when }) => when)) {
    throw new CannotBatch(
      `${name} has events of the state, which are found to rounding: single precision has too little of it. Take device: "cpu" in place of ` +
        `"${device.name}".`,
    );
  }
  // Throws what a solve would.
  const system = systemOf(code);
  if (system) stepPrograms(system, method);
  return method;
}

/** Throws {@link CannotBatch} where algebraic components jump with the right-hand side, or behind events. */
export function requireContinuous({ name, code }: OdeProblem): void {
  if (!code.mass) return;
  throw new CannotBatch(
    `${name} ${code.implicitBy}, and within tspan its right-hand side switches, or it has events or stops: what jumps there is not solved for again ` +
      "in a batch. Solve from one to the next with tspan, or the trajectories one by one.",
  );
}
