/** The times at which a problem's right-hand side becomes another one, found in its text before it is solved. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { dependence } from "../../src/analysis/dependence.ts";
import { jumping } from "../../src/analysis/switching/outcomes.ts";
import type { SourceLocation } from "../../src/core/source-location.ts";
import type { Let, Program } from "../../src/ir/ir.ts";
import { findCrossings, type Crossing, type Found } from "../../src/analysis/switching/crossings.ts";
import { sliceOf, type Slice } from "../../src/analysis/switching/slice.ts";
import { tracedCrossings } from "../../src/tape/crossings.ts";
import { ForSpans, type Span } from "./for-spans.ts";
import { systemOf } from "../systems/problem-system.ts";
import { written } from "./switches.ts";

interface Look {
  readonly slice: Slice;
  readonly found: ForSpans<Found>;
}

/** In the order of integration; of a function that cannot be read by its tape, as far as that goes. Throws TooManySwitches. */
export function crossingsOf(code: ProblemCode, p: Float64Array, tspan: Span): readonly Crossing[] {
  return systemOf(code) ? crossingsIn(code.rhsProgram(), p, tspan) : tracedCrossings(code, p, tspan).crossings;
}

/** A warning where the times at which a function switches are not all known: it cannot be read, or does so too often. */
export function unseenSwitching(code: ProblemCode, p: Float64Array, tspan: Span): string[] {
  if (systemOf(code)) {
    return jumpsIn(code.rhsProgram(), p, tspan).flatMap(({ source }) => {
      if (!source) return [];
      const { function: name, line, text } = written(source, code.name);
      return (
        `${name}, line ${line}: \`${text}\` switches with the time too often for all its times to be known. What acts for a short time may be ` +
        "stepped over: limit the steps by `maxStep`, or take a shorter tspan, several one after the other."
      );
    });
  }
  const { unseen } = tracedCrossings(code, p, tspan);
  if (unseen === undefined) return [];
  return [
    `The times at which ${code.name} switches are not known, if it does: ${unseen} What acts for a short time may be stepped over: ` +
      "name such times in `stops`, or limit the steps by `maxStep`.",
  ];
}

/** May a function that cannot be read become another one where the state crosses something? */
export function maySwitchWithState(code: ProblemCode, p: Float64Array, tspan: Span): boolean {
  if (systemOf(code)) return false;
  const { unseen, decidesOnState } = tracedCrossings(code, p, tspan);
  return unseen !== undefined || decidesOnState;
}

/** Of a program (…, input u[n], input p[np], scalar t). */
export function crossingsIn(program: Program, p: Float64Array, tspan: Span): readonly Crossing[] {
  return findIn(program, p, tspan).crossings;
}

/** May parameters move the times at which a right-hand side switches, of whatever trajectory? */
export function timesReadParameters(code: ProblemCode): boolean {
  return systemOf(code) === undefined || lookAt(code.rhsProgram())?.found.readsParameters === true;
}

/** Decisions of the time that parameters move, and that switch too often for their times to be known: where they stand. */
export function unresolvedIn(program: Program, p: Float64Array, tspan: Span): SourceLocation[] {
  const jumps = jumpsIn(program, p, tspan);
  if (jumps.length === 0) return [];
  const { values } = dependence(lookAt(program)!.slice.program, ["p"]);
  return jumps.flatMap(({ args, source }) => (source && args.some((arg) => values.has(arg)) ? [source] : []));
}

/** Decisions of the time, other than kinks, that switch too often for their times to be known. */
function jumpsIn(program: Program, p: Float64Array, tspan: Span): Let[] {
  return [...findIn(program, p, tspan).unresolved].filter(({ operation }) => jumping.has(operation));
}

const NONE: Found = { crossings: [], unresolved: new Set() };

function findIn(program: Program, p: Float64Array, tspan: Span): Found {
  return lookAt(program)?.found.at(p, tspan) ?? NONE;
}

/** Are all the times known at which a program's decisions of the time turn out otherwise? */
export function isResolved(program: Program, p: Float64Array, tspan: Span): boolean {
  return findIn(program, p, tspan).unresolved.size === 0;
}

/** Undefined where nothing is decided by the time. */
const lookAt = memo((program: Program): Look | undefined => {
  const slice = sliceOf(program);
  return slice && { slice, found: new ForSpans(slice.program, (p, tspan) => findCrossings(slice, p, tspan)) };
});

/** All the times at which a solve stops: those found, and those asked for. */
export function stopTimes(found: readonly Pick<Crossing, "t">[], asked: ArrayLike<number> = []): Float64Array | undefined {
  if (found.length + asked.length === 0) return undefined;
  return Float64Array.from([...found.map(({ t }) => t), ...Array.from(asked)]);
}
