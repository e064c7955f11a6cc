/** What users ask of a batch, checked and laid out flat. */
import { costOf } from "../../src/analysis/cost.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { checkAgreement } from "../../src/problem/agreement.ts";
import type { Layout } from "../../src/arrays/layout.ts";
import type { Shaped } from "../../src/arrays/pack.ts";
import { refusingMisread } from "../../src/devices/agreement.ts";
import type { BatchDevice } from "../../src/devices/device.ts";
import { deviceChecks, type DeviceOptions } from "../../src/devices/devices.ts";
import { countOf, rowsOrShared, type Given, type Rows } from "../../src/devices/rows.ts";
import { BadBatch } from "../../src/devices/errors.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import type { Checks } from "../../src/core/options/check.ts";
import { anything, count, tolerance } from "../../src/core/options/kinds.ts";
import { checkTimeSpan, timeSpan } from "../../src/core/options/time-span.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { tsit5 } from "../methods/tsit5.ts";
import { isExplicit } from "../families/explicit/family.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import { solver, type Method } from "../step/method.ts";
import { absolute, absoluteTolerance, DEFAULT_TOLERANCE, setTolerance, type AbsoluteTolerance } from "../step-loop/tolerances.ts";
import { controlled, stepControl, type ControllerOption, type NormOption, type PositiveOption } from "../solve/step-control.ts";
import { stepChecks } from "../solve/step-options.ts";
import { longestStep } from "../events/switching.ts";
import { startOf } from "../systems/start.ts";
import { haltsFor, haltsOf, type Halts } from "./halts.ts";
import { setting, SETTINGS } from "./batch-builder.ts";

export interface BatchOptions<U, P> extends DeviceOptions {
  /** Initial states: the problem's shape, shared by all, or [M, n]. Default: the problem's own. */
  readonly u0?: U | Shaped<U> | Rows;
  /** Parameters: the problem's shape, shared by all, or [M, k]. Default: the problem's own. */
  readonly p?: P | Shaped<P> | Rows;
  /** Default: the problem's own. The same for all. */
  readonly tspan?: readonly [number, number];
  /** An explicit method. Default tsit5. */
  readonly solver?: Method;
  /** Relative tolerance of each step's error. Default 1e-6. */
  readonly rtol?: number;
  /**
   * Absolute tolerance, in units of the state; one for all components, a flat array with one each, or by name. Default: of each
   * component `rtol` times its initial size (where that is zero, the largest component's, and where all are, 1), 1e-6 at most.
   */
  readonly atol?: AbsoluteTolerance<U>;
  /** Steps tried for one trajectory, at most. Default 1e6. */
  readonly maxSteps?: number;
  /** Of controlled steps the longest. Default: as in `solve`. */
  readonly maxStep?: number;
  /** Of controlled steps the shortest; a trajectory that asks for a shorter one ends with "stepUnderflow". Default: what changes the time. */
  readonly minStep?: number;
  /** As in `solve`; beside those found in the text, of each trajectory its own. Not with steps of one length. */
  readonly stops?: ArrayLike<number>;
  /** As in `solve`. */
  readonly controller?: ControllerOption;
  readonly norm?: NormOption<U>;
  readonly positive?: PositiveOption;
}

export const batchChecks: Checks<BatchOptions<unknown, unknown>> = {
  ...deviceChecks,
  u0: anything,
  p: anything,
  tspan: timeSpan,
  solver,
  rtol: tolerance,
  atol: absolute,
  maxSteps: count,
  maxStep: stepChecks.maxStep,
  minStep: stepChecks.minStep,
  stops: stepChecks.stops,
  controller: stepChecks.controller,
  norm: stepChecks.norm,
  positive: stepChecks.positive,
};

export interface GivenBatch {
  readonly method: ExplicitMethod;
  /** Trajectories. */
  readonly count: number;
  readonly given: { readonly u0: Float64Array; readonly p: Float64Array; readonly tspan: readonly [number, number] };
  /** Whichever of u0, p, atol and halts all trajectories have in common. */
  readonly shared: readonly string[];
  readonly settings: Float64Array;
  /** A row of each trajectory, or one that is shared. */
  readonly atol: Float64Array;
  readonly halts: Halts;
  readonly warnings: readonly string[];
}

/** Steps taken in one call of the kernel: more would keep a GPU from drawing. */
const MOST_AT_ONCE = 1000;
/** Nanoseconds of the processor in one call of the kernel: a signal is heard between calls. */
const MOST_NANOSECONDS = 2e7;
/** What part of t a step must exceed to move it. */
const LEAST_STEP = { f64: 2 ** -51, f32: 2 ** -22 };

/** As each trajectory has them alone: rows, or one row where all are the same. */
function tolerances<U>(atol: AbsoluteTolerance<U> | undefined, layout: Layout, u0: Float64Array, rtol: number): Float64Array {
  const n = layout.size;
  const rows = new Float64Array(u0.length);
  for (let at = 0; at < rows.length; at += n) {
    setTolerance(rows.subarray(at, at + n), absoluteTolerance(atol, layout, { u0: u0.subarray(at, at + n), rtol }));
  }
  return rows.every((x, i) => x === rows[i % n]) ? rows.slice(0, n) : rows;
}

/** Throws {@link BadBatch}, {@link CannotBatch}, BadTolerance, ReadError, Disagreement. */
export function givenBatch<U, P>(problem: OdeProblem<U, P>, options: BatchOptions<U, P>, device: BatchDevice): GivenBatch {
  const { layout, code } = problem;
  const { tspan = problem.tspan, rtol = DEFAULT_TOLERANCE, atol, maxSteps = 1e6 } = options;
  checkTimeSpan(tspan);
  const chosen = batchable(problem as OdeProblem, options.solver ?? tsit5());
  const method = controlled(chosen, stepControl(options, code)) as ExplicitMethod;
  const trajectories = countOf({ u0: { layout: layout.u, value: options.u0 }, p: { layout: layout.p, value: options.p } });
  const p = rowsOrShared(layout.p, options.p === undefined ? problem.p : options.p, "p", trajectories);
  const u0 = startsOf(problem as OdeProblem, options.u0, p, trajectories);
  const first = { u0: u0.data.slice(0, layout.u.size), p: p.data.slice(0, layout.p.size), tspan };
  refusingMisread(() => checkAgreement(code, first, "wasm"));
  const [t0, t1] = tspan;
  const direction = Math.sign(t1 - t0);
  const settings = new Float64Array(SETTINGS);
  settings[setting.t0] = t0;
  settings[setting.t1] = t1;
  settings[setting.direction] = direction;
  settings[setting.rtol] = rtol;
  settings[setting.mostSteps] = maxSteps;
  settings[setting.mostHere] = device.name === "cpu" ? stepsPerCall(code, method) : MOST_AT_ONCE;
  settings[setting.leastStep] = LEAST_STEP[device.precision];
  if (method.dt) {
    // A remainder of rounding makes no step of its own.
    const steps = Math.max(1, Math.ceil((Math.abs(t1 - t0) / method.dt) * (1 - 1e-12)));
    if (steps > maxSteps) {
      const what = `dt is ${method.dt}, and so every trajectory takes ${steps} steps; maxSteps is ${maxSteps}`;
      throw new BadBatch(`${what}. Give a greater dt, a shorter tspan, or more maxSteps.`);
    }
    settings[setting.steps] = steps;
    settings[setting.h] = direction * method.dt;
  }
  const absolutes = tolerances(atol, layout.u, u0.data, rtol);
  const halts = haltsOf(
    code,
    { p: p.data, count: trajectories, isOwn: p.count !== undefined, tspan },
    options.stops,
    device.precision,
  );
  settings[setting.shortest] = options.minStep ?? 0;
  settings[setting.longest] = Math.min(
    3e38,
    options.maxStep ?? longestStep(code, p.data.subarray(0, layout.p.size), tspan) ?? Infinity,
  );
  return {
    method,
    count: trajectories,
    given: { u0: u0.data, p: p.data, tspan },
    shared: [
      ...Object.entries({ u0, p }).flatMap(([name, { count: own }]) => (own === undefined ? [name] : [])),
      ...(absolutes.length === layout.u.size ? ["atol"] : []),
      ...(halts.count > 0 && !halts.isOwn ? ["halts"] : []),
    ],
    ...haltsFor(method, halts, options.stops),
    settings,
    atol: absolutes,
  };
}

/** What is given, or where each row of the parameters says. */
function startsOf(problem: OdeProblem, given: unknown, p: Given, trajectories: number): Given {
  const { layout, code, u0 } = problem;
  if (given !== undefined || !code.operators.u0)
    return rowsOrShared(layout.u, given === undefined ? u0 : given, "u0", trajectories);
  const [n, np] = [layout.u.size, layout.p.size];
  const rows = p.count ?? 1;
  const data = new Float64Array(rows * n);
  for (let m = 0; m < rows; m++) data.set(startOf(problem, undefined, p.data.slice(m * np, (m + 1) * np)), m * n);
  return { ...p, data };
}

function stepsPerCall(code: ProblemCode, { tableau }: ExplicitMethod): number {
  const cost = costOf(code.rhsProgram());
  return Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(MOST_NANOSECONDS / (tableau.b.length * (1 + cost)))));
}

function batchable(problem: OdeProblem, method: Method): ExplicitMethod {
  const { implicitBy } = problem.code;
  if (implicitBy !== undefined) {
    throw new CannotBatch(
      `${problem.name} ${implicitBy}, which takes an implicit method, and batches take explicit ones. Solve the trajectories one by one.`,
    );
  }
  if (!isExplicit(method)) {
    throw new CannotBatch(
      `${method.name} ${method.family.implicit ? "is implicit: its linear systems are solved" : "takes its steps"} for one trajectory at a time. ` +
        `Take an explicit method such as tsit5, or solve the trajectories one by one.`,
    );
  }
  if (problem.events) {
    throw new CannotBatch(
      `${problem.name} has events, which batches do not know. Solve from event to event with tspan, or one by one.`,
    );
  }
  return method;
}
