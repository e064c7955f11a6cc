/** How long steps may be for what acts for a short time, and where they end for it: a step that is longer than an input lasts does not see it. */
import { anglesOf, shortestPeriod } from "../../src/analysis/switching/periods.ts";
import { changesWithTime } from "../../src/analysis/switching/smooth.ts";
import { inputsOf } from "../../src/analysis/switching/inputs.ts";
import { narrowTimes } from "../../src/analysis/switching/narrow.ts";
import { memo } from "../../src/core/memo.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Method } from "../step/method.ts";
import type { IntegrationRequest } from "../step-loop/request.ts";
import { systemOf } from "../systems/problem-system.ts";
import { ForSpans, type Span } from "./for-spans.ts";
import { inputSamples } from "./input-samples.ts";
import { crossingsIn, isResolved } from "./switching.ts";

/** Steps that what changes with time is looked at by, at least. */
const LEAST_STEPS = 50;

/** Steps of a period at least: an input of longer ones may look as if it rested. But no more than so many steps for its sake. */
const STEPS_OF_PERIOD = 8;
const MOST_STEPS = 2 ** 17;

/** Of controlled steps: the longest, and times that are ends of steps. Undefined and absent: any. */
export type StepBounds = Pick<IntegrationRequest, "maxStep" | "ends">;

interface Asked {
  readonly solver?: Method;
  /** What is integrated along. */
  readonly integrand?: Program;
  /** Where that is given. */
  readonly maxStep?: number;
  /** Halvings of the span to the times at which inputs are looked at. */
  readonly looks?: number;
}

export function stepBounds(code: ProblemCode, p: Float64Array, tspan: Span, asked: Asked): StepBounds {
  const { integrand, maxStep, looks, solver } = asked;
  if (solver?.dt !== undefined) return {};
  const longest = maxStep ?? longestStep(code, p, tspan, integrand);
  const ends = narrowIn(code, integrand).flatMap((narrow) =>
    narrow.at(p, tspan, longest ?? Infinity, ...(looks === undefined ? [] : [looks])),
  );
  if (ends.length === 0) return { maxStep: longest };
  const direction = Math.sign(tspan[1] - tspan[0]);
  return { maxStep: longest, ends: Float64Array.from(new Set(ends)).sort((a, b) => direction * (a - b)) };
}

/** May parameters move the ends of steps? */
export function endsReadParameters(code: ProblemCode, integrand?: Program): boolean {
  return narrowIn(code, integrand).some(({ readsParameters }) => readsParameters);
}

/**
 * The longest step by default: a part of the span where the right-hand side, or the condition of an event, changes with time otherwise than at times that are
 * found, or cannot be read.
 */
function longestStep(code: ProblemCode, p: Float64Array, tspan: Span, integrand?: Program): number | undefined {
  const programs = systemOf(code) && [code.rhsProgram(), ...(integrand ? [integrand] : [])];
  const isSeen = (program: Program): boolean => !lookAt(program).changes && isResolved(program, p, tspan);
  // A condition of an event may be met between two looks at a long step.
  const isFollowed = code.events.every(({ when }) => !when || (when.isReadable && !lookAt(when.program()).changes));
  if (programs?.every(isSeen) && isFollowed) return undefined;
  const span = Math.abs(tspan[1] - tspan[0]);
  const period = Math.min(...(programs ?? []).map((program) => lookAt(program).period?.at(p, tspan) ?? Infinity));
  return Math.min(span / LEAST_STEPS, Math.max(period / STEPS_OF_PERIOD, span / MOST_STEPS));
}

/** The narrow inputs of whatever is solved for, looked for, or integrated. */
function narrowIn(code: ProblemCode, integrand: Program | undefined): ForSpans<number[]>[] {
  if (!systemOf(code)) return [];
  const conditions = code.events.flatMap(({ when }) => (when?.isReadable ? [when.program()] : []));
  const programs = [code.rhsProgram(), ...(integrand ? [integrand] : []), ...conditions];
  return programs.flatMap((program) => lookAt(program).narrow ?? []);
}

interface Look {
  /** Does it change with the time otherwise than at times that can be found? */
  readonly changes: boolean;
  /** The shortest period of its sines of the time. */
  readonly period?: ForSpans<number>;
  /** The ends of steps for its inputs. */
  readonly narrow?: ForSpans<number[]>;
}

const lookAt = memo((program: Program): Look => {
  if (!changesWithTime(program)) return { changes: false };
  const [angles, inputs] = [anglesOf(program), inputsOf(program)];
  return {
    changes: true,
    period: angles && new ForSpans(angles, (p, tspan) => shortestPeriod(angles, p, tspan)),
    narrow: inputs && new ForSpans(inputs, (p, tspan, longest, looks) => narrowEnds(program, inputs, p, tspan, longest, looks)),
  };
});

function narrowEnds(program: Program, inputs: Program, p: Float64Array, tspan: Span, maxStep: number, looks?: number): number[] {
  const longest = Math.min(maxStep, Math.abs(tspan[1] - tspan[0]) / LEAST_STEPS);
  const jumps = crossingsIn(program, p, tspan).map(({ t }) => t);
  return narrowTimes({ ...inputSamples(inputs, p), tspan, jumps }, longest, looks);
}
