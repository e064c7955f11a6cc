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
import type { Checks } from "../../src/core/options/check.ts";
import { anything, count, tolerance } from "../../src/core/options/kinds.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { withParameters, type ChangedParameters } from "../../src/problem/changed-parameters.ts";
import { withParametersInState } from "../../src/problem/parameters-in-state.ts";
import { stepPrograms } from "../step-loop/prepare.ts";
import { solver, type Method } from "../step/method.ts";
import {
  absolute,
  absoluteTolerance,
  DEFAULT_TOLERANCE,
  setTolerance,
  tolerancesWith,
  type AbsoluteTolerance,
} from "../step-loop/tolerances.ts";
import { controlled, stepControl, type ControllerOption, type NormOption, type PositiveOption } from "../solve/step-control.ts";
import { stepChecks } from "../solve/step-options.ts";
import type { Program } from "../../src/ir/ir.ts";
import { endsReadParameters, stepBounds, type StepBounds } from "../events/step-bounds.ts";
import { checkEvents } from "../events/agreement.ts";
import { systemOf } from "../systems/problem-system.ts";
import { haltsOf, type Halts } from "./halts.ts";
import type { StatedRows } from "./default-method.ts";
import { setting, SETTINGS } from "./told.ts";
import { narrowEnds } from "./narrow-ends.ts";
import { batchable, methodOf, requireContinuous, requireRightHandSide, type MethodOfBatch } from "./method.ts";
import { spans, spansOf, toldSpans, type Placed, type Spans, type TimeSpan } from "./spans.ts";
import { settledStarts, startsOf } from "./starts.ts";

export interface BatchOptions<U, P> extends DeviceOptions {
  /** Initial states: the problem's shape, shared by all, or [M, n]. Default: the problem's own. */
  readonly u0?: U | Shaped<U> | Rows;
  /** Parameters: the problem's shape, shared by all, or [M, k]. Default: the problem's own. */
  readonly p?: P | Shaped<P> | Rows;
  /** The same for all, or an ndarray [M, 2] with a row for each trajectory. Default: the problem's own. */
  readonly tspan?: TimeSpan | Rows;
  /**
   * Default: tsit5, or rodas5P or rock4 where stability holds explicit methods back on any of up to seven trajectories that are solved alone: the
   * first, one between, the last, and those of the least and the greatest p and u0 in norm; with a mass matrix rodas5P. `because` says which and why.
   */
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
  /** Of controlled steps the first. Default: chosen from the derivatives, in each trajectory. */
  readonly firstStep?: number;
  /** As in `solve`; beside those found in the text, of each trajectory its own. */
  readonly stops?: ArrayLike<number>;
  /** As in `solve`. */
  readonly controller?: ControllerOption;
  readonly norm?: NormOption<U>;
  readonly positive?: PositiveOption;
}

/** Of a batch that is a part of something larger. */
export interface Part extends Placed {
  /** In place of the default: chosen for all of it. */
  readonly method?: Method;
}

export const batchChecks: Checks<BatchOptions<unknown, unknown>> = {
  ...deviceChecks,
  u0: anything,
  p: anything,
  tspan: spans,
  solver,
  rtol: tolerance,
  atol: absolute,
  maxSteps: count,
  maxStep: stepChecks.maxStep,
  minStep: stepChecks.minStep,
  firstStep: stepChecks.firstStep,
  stops: stepChecks.stops,
  controller: stepChecks.controller,
  norm: stepChecks.norm,
  positive: stepChecks.positive,
};

export interface GivenBatch extends MethodOfBatch {
  /** The problem over the state that is solved for, with the parameters that its events change; its code is that of all that follows. */
  readonly problem: OdeProblem;
  readonly code: ProblemCode;
  /** Are all steps of one length, and end nowhere else? */
  readonly isSwept: boolean;
  /** Trajectories. */
  readonly count: number;
  readonly given: { readonly u0: Float64Array; readonly p: Float64Array };
  readonly spans: Spans;
  /** As kernels are told them. */
  readonly span: Float64Array;
  /** Whichever of u0, p, span, atol, halts and happenings all trajectories have in common. */
  readonly shared: readonly string[];
  readonly settings: Float64Array;
  /** A row of each trajectory, or one that is shared. */
  readonly atol: Float64Array;
  readonly halts: Halts;
}

/** Steps taken in one call of the kernel: more would keep a GPU from drawing, before it is known what one takes. */
const MOST_AT_ONCE = 1000;
/** Nanoseconds of the processor in one call of the kernel: a signal is heard between calls. */
const MOST_NANOSECONDS = 2e7;
/** What part of t a step must exceed to move it. */
const LEAST_STEP = { f64: 2 ** -51, f32x2: 2 ** -44, f32: 2 ** -22 };

/** As each trajectory has them alone: rows, or one row where all are the same. */
function tolerances<U>(atol: AbsoluteTolerance<U> | undefined, layout: Layout, u0: Float64Array, rtol: number): Given {
  const n = layout.size;
  const rows = new Float64Array(u0.length);
  for (let at = 0; at < rows.length; at += n) {
    setTolerance(rows.subarray(at, at + n), absoluteTolerance(atol, layout, { u0: u0.subarray(at, at + n), rtol }));
  }
  return rows.every((x, i) => x === rows[i % n]) ? { data: rows.slice(0, n) } : { data: rows, count: rows.length / n };
}

/** `integrand`: what is integrated along. Throws {@link BadBatch}, {@link CannotBatch}, BadTolerance, ReadError, Disagreement. */
export function givenBatch<U, P>(
  problem: OdeProblem<U, P>,
  options: BatchOptions<U, P> & Part,
  device: BatchDevice,
  integrand?: Program,
): GivenBatch {
  const { layout } = problem;
  const solved = withParametersInState(problem as OdeProblem);
  const { code } = solved;
  const { rtol = DEFAULT_TOLERANCE, atol } = options;
  requireRightHandSide(problem as OdeProblem);
  const rows = statedRows(problem, options);
  const { count: trajectories, p, u0: stated, spans: ofTime } = rows;
  const { method: chosen, ...why } = methodOf(problem as OdeProblem, options.solver ?? options.method, rtol, rows);
  const method = controlled(batchable(problem as OdeProblem, chosen, device), stepControl(options, code));
  const { changed } = code;
  const begun = changed ? withChanged(changed, stated, p, (state, own) => withParameters(changed, state, own)) : stated;
  const first = { u0: begun.data.slice(0, code.layout.u.size), p: p.data.slice(0, layout.p.size), tspan: ofTime.of(0) };
  refusingMisread(() => {
    checkAgreement(code, first, "wasm");
    checkEvents(solved, first, "wasm");
  });
  const own = tolerances(atol, layout.u, stated.data, rtol);
  const absolutes = changed ? withChanged(changed, own, p, (row, by) => tolerancesWith(changed, row, by)) : own;
  const u0 = settledStarts(solved, { u0: begun, p, atol: absolutes.data }, { rtol, spans: ofTime, count: trajectories });
  const batch = { p: p.data, count: trajectories, isOwn: p.count !== undefined, spans: ofTime };
  const rowOfP = (m: number): Float64Array =>
    p.count === undefined ? p.data : p.data.subarray(m * layout.p.size, (m + 1) * layout.p.size);
  const boundsOf = (m: number, looks?: number): StepBounds =>
    stepBounds(code, rowOfP(m), ofTime.of(m), { ...options, solver: method, integrand, looks });
  const move = p.count !== undefined && endsReadParameters(code, integrand);
  const ends = { of: narrowEnds(move || ofTime.count !== undefined ? trajectories : 1, boundsOf), move };
  const halts = haltsOf(solved, batch, { stops: options.stops, ends }, device.precision);
  if (halts.isBroken || solved.events) requireContinuous(solved);
  const longest = (m: number): number => boundsOf(m, 0).maxStep ?? Infinity;
  const told = toldSpans(ofTime, method.dt, longest);
  const sharedHalts = halts.isOwn ? [] : Object.keys(halts.arrays);
  return {
    problem: solved,
    code,
    method,
    ...why,
    isSwept: method.dt !== undefined && halts.kernel.count === 0 && !halts.kernel.events && told.count === undefined,
    count: trajectories,
    given: { u0: u0.data, p: p.data },
    spans: ofTime,
    span: told.data,
    shared: [...sharedOf({ u0, p, span: told, atol: absolutes }), ...sharedHalts],
    halts,
    settings: settingsOf(code, method, options, { spans: ofTime, device }),
    atol: absolutes.data,
  };
}

/** What all trajectories are told. */
function settingsOf(
  code: ProblemCode,
  method: Method,
  options: Omit<BatchOptions<unknown, unknown>, "atol" | "norm">,
  { spans: ofTime, device }: { readonly spans: Spans; readonly device: BatchDevice },
): Float64Array {
  const { rtol = DEFAULT_TOLERANCE, maxSteps = 1e6, minStep = 0, firstStep = 0 } = options;
  const settings = new Float64Array(SETTINGS);
  settings[setting.rtol] = rtol;
  settings[setting.mostSteps] = maxSteps;
  settings[setting.mostHere] = stepsPerCall(code, method);
  settings[setting.leastStep] = LEAST_STEP[device.precision];
  settings[setting.shortest] = minStep;
  settings[setting.first] = firstStep;
  if (!method.dt) return settings;
  // A remainder of rounding makes no step of its own.
  const lengths = Array.from({ length: ofTime.count ?? 1 }, (_, m) => Math.abs(ofTime.of(m)[1] - ofTime.of(m)[0]));
  const length = lengths.reduce((most, one) => Math.max(most, one), 0);
  const steps = Math.max(1, Math.ceil((length / method.dt) * (1 - 1e-12)));
  if (steps > maxSteps) {
    const what = `dt is ${method.dt}, and so every trajectory takes ${steps} steps; maxSteps is ${maxSteps}`;
    throw new BadBatch(`${what}. Give a greater dt, a shorter tspan, or more maxSteps.`);
  }
  settings[setting.steps] = steps;
  return settings;
}

/** Rows of the state with what belongs to the parameters that events change. */
function withChanged(
  { layout, state }: ChangedParameters,
  stated: Given,
  p: Given,
  rowOf: (row: Float64Array, parameters: Float64Array) => Float64Array,
): Given {
  const count = stated.count ?? p.count;
  const of = ({ data, count: rows }: Given, size: number, m: number): Float64Array => {
    const at = rows === undefined ? 0 : m * size;
    return data.subarray(at, at + size);
  };
  const data = new Float64Array((count ?? 1) * state.size);
  for (let m = 0; m < (count ?? 1); m++) data.set(rowOf(of(stated, layout.u.size, m), of(p, layout.p.size, m)), m * state.size);
  return { data, count };
}

/** The trajectories of a batch as they are stated. */
export interface GivenRows {
  readonly count: number;
  readonly u0: Given;
  readonly p: Given;
  /** Whichever of them all trajectories have in common. */
  readonly shared: readonly string[];
  /** Does each initial state follow from the parameters? */
  readonly startsFromP: boolean;
}

/** Throws {@link BadBatch}. */
export function givenRows<U, P>(problem: OdeProblem<U, P>, options: Pick<BatchOptions<U, P>, "u0" | "p" | "tspan">): GivenRows {
  const { layout } = problem;
  const count = countOf(
    { u0: { layout: layout.u, value: options.u0 }, p: { layout: layout.p, value: options.p } },
    options.tspan,
  );
  const p = rowsOrShared(layout.p, options.p === undefined ? problem.p : options.p, "p", count);
  const u0 = startsOf(problem as OdeProblem, options.u0, p, count);
  const startsFromP = options.u0 === undefined && problem.code.operators.u0 !== undefined;
  return { count, u0, p, shared: sharedOf({ u0, p }), startsFromP };
}

/** Throws {@link BadBatch}, and BadTimeSpan with the trajectory. */
export function statedRows<U, P>(
  problem: OdeProblem<U, P>,
  options: Pick<BatchOptions<U, P>, "u0" | "p" | "tspan"> & Placed,
): GivenRows & StatedRows {
  const rows = givenRows(problem, options);
  return { ...rows, spans: spansOf(options.tspan ?? problem.tspan, rows.count, options) };
}

function sharedOf(rows: Readonly<Record<string, Given>>): string[] {
  return Object.entries(rows).flatMap(([name, { count }]) => (count === undefined ? [name] : []));
}

function stepsPerCall(code: ProblemCode, method: Method): number {
  const rhs = code.rhsProgram();
  const { step, fsal } = stepPrograms(systemOf(code)!, method);
  const cost = costOf(step) + (fsal ? 0 : costOf(rhs));
  return Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(MOST_NANOSECONDS / (1 + cost))));
}
