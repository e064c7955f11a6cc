/** The times at which a problem's right-hand side becomes another one, found in its text before it is solved. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { recent } from "../../src/core/recent.ts";
import { dependence } from "../../src/analysis/dependence.ts";
import { jumping } from "../../src/analysis/switching/outcomes.ts";
import type { SourceLocation } from "../../src/core/source-location.ts";
import { walk, type Let, type Program } from "../../src/ir/ir.ts";
import { findCrossings, type Crossing, type Found } from "../../src/analysis/switching/crossings.ts";
import { anglesOf, shortestPeriod } from "../../src/analysis/switching/periods.ts";
import { sliceOf, type Slice } from "../../src/analysis/switching/slice.ts";
import { changesWithTime } from "../../src/analysis/switching/smooth.ts";
import { versionOf } from "../../src/ir/tables.ts";
import { tracedCrossings } from "../../src/tape/crossings.ts";
import { systemOf } from "../systems/problem-system.ts";
import { written } from "./switches.ts";

interface Look {
  readonly slice: Slice | undefined;
  /** Otherwise than at times that can be found. */
  readonly changesWithTime: boolean;
  /** Do parameters move the times? */
  readonly readsParameters: boolean;
  /** What its sines of the time are taken of; whether parameters move that; and how long the shortest period was, the latest first. */
  readonly angles: Program | undefined;
  readonly anglesReadParameters: boolean;
  readonly periods: {
    readonly p: Float64Array;
    readonly tspan: readonly [number, number];
    readonly version: number;
    readonly period: number;
  }[];
  /** The latest first. */
  readonly found: (Found & { readonly p: Float64Array; readonly tspan: readonly [number, number]; readonly version: number })[];
}

/** Solves that alternate between a few values find them here. */
const KEPT = 4;

/** Steps that what changes with time is looked at by, at least. */
const LEAST_STEPS = 50;

/** Steps of a period at least: an input of longer ones may look as if it rested. But no more than so many steps for its sake. */
const STEPS_OF_PERIOD = 8;
const MOST_STEPS = 2 ** 17;

/** In the order of integration; of a function that cannot be read by its tape, as far as that goes. Throws TooManySwitches. */
export function crossingsOf(code: ProblemCode, p: Float64Array, tspan: readonly [number, number]): readonly Crossing[] {
  return systemOf(code) ? crossingsIn(code.rhsProgram(), p, tspan) : tracedCrossings(code, p, tspan).crossings;
}

/** A warning where the times at which a function switches are not all known: it cannot be read, or does so too often. */
export function unseenSwitching(code: ProblemCode, p: Float64Array, tspan: readonly [number, number]): string[] {
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
export function maySwitchWithState(code: ProblemCode, p: Float64Array, tspan: readonly [number, number]): boolean {
  if (systemOf(code)) return false;
  const { unseen, decidesOnState } = tracedCrossings(code, p, tspan);
  return unseen !== undefined || decidesOnState;
}

/**
 * The longest step by default: a part of the span where the right-hand side, or the condition of an event, changes with time otherwise than at times that are
 * found, or cannot be read. A step that is longer than an input lasts does not see it, whatever the tolerance.
 */
export function longestStep(
  code: ProblemCode,
  p: Float64Array,
  tspan: readonly [number, number],
  integrand?: Program,
): number | undefined {
  const isSeen = (program: Program): boolean =>
    !lookAt(program).changesWithTime && findIn(program, p, tspan).unresolved.size === 0;
  const programs = systemOf(code) && [code.rhsProgram(), ...(integrand ? [integrand] : [])];
  // A condition of an event may be met between two looks at a long step.
  const isFollowed = code.events.every(({ when }) => !when || (when.isReadable && !lookAt(when.program()).changesWithTime));
  if (programs?.every(isSeen) && isFollowed) return undefined;
  const span = Math.abs(tspan[1] - tspan[0]);
  const period = Math.min(...(programs ?? []).map((program) => periodIn(program, p, tspan)));
  return Math.min(span / LEAST_STEPS, Math.max(period / STEPS_OF_PERIOD, span / MOST_STEPS));
}

/** The shortest period of the sines of the time in a program; Infinity where it has none. */
function periodIn(program: Program, p: Float64Array, tspan: readonly [number, number]): number {
  const { angles, anglesReadParameters, periods } = lookAt(program);
  if (!angles) return Infinity;
  const version = versionOf(angles);
  const isSame = (one: (typeof periods)[number]): boolean =>
    one.version === version &&
    one.tspan[0] === tspan[0] &&
    one.tspan[1] === tspan[1] &&
    (!anglesReadParameters || one.p.every((x, j) => x === p[j]));
  const find = (): (typeof periods)[number] => {
    return { p: p.slice(), tspan: [tspan[0], tspan[1]], version, period: shortestPeriod(angles, p, tspan) };
  };
  return recent(periods, isSame, find, KEPT).period;
}

/** Of a program (…, input u[n], input p[np], scalar t). */
export function crossingsIn(program: Program, p: Float64Array, tspan: readonly [number, number]): readonly Crossing[] {
  return findIn(program, p, tspan).crossings;
}

/** May parameters move the times at which a right-hand side switches, of whatever trajectory? */
export function timesReadParameters(code: ProblemCode): boolean {
  return systemOf(code) === undefined || lookAt(code.rhsProgram()).readsParameters;
}

/** Decisions of the time that parameters move, and that switch too often for their times to be known: where they stand. */
export function unresolvedIn(program: Program, p: Float64Array, tspan: readonly [number, number]): SourceLocation[] {
  const jumps = jumpsIn(program, p, tspan);
  if (jumps.length === 0) return [];
  const { values } = dependence(lookAt(program).slice!.program, ["p"]);
  return jumps.flatMap(({ args, source }) => (source && args.some((arg) => values.has(arg)) ? [source] : []));
}

/** Decisions of the time, other than kinks, that switch too often for their times to be known. */
function jumpsIn(program: Program, p: Float64Array, tspan: readonly [number, number]): Let[] {
  return [...findIn(program, p, tspan).unresolved].filter(({ operation }) => jumping.has(operation));
}

const NONE: Found = { crossings: [], unresolved: new Set() };

function findIn(program: Program, p: Float64Array, tspan: readonly [number, number]): Found {
  const { slice, readsParameters, found } = lookAt(program);
  if (!slice) return NONE;
  const version = versionOf(slice.program);
  const isSame = (one: (typeof found)[number]): boolean =>
    one.version === version &&
    one.tspan[0] === tspan[0] &&
    one.tspan[1] === tspan[1] &&
    (!readsParameters || one.p.every((x, j) => x === p[j]));
  const find = (): (typeof found)[number] => {
    return { p: p.slice(), tspan: [tspan[0], tspan[1]], version, ...findCrossings(slice, p, tspan) };
  };
  return recent(found, isSame, find, KEPT);
}

const lookAt = memo((program: Program): Look => {
  const slice = sliceOf(program);
  const readsParameters = slice !== undefined && readsP(slice.program);
  const changes = changesWithTime(program);
  const angles = changes ? anglesOf(program) : undefined;
  const anglesReadParameters = angles !== undefined && readsP(angles);
  return { slice, changesWithTime: changes, readsParameters, angles, anglesReadParameters, periods: [], found: [] };
});

function readsP({ body }: Program): boolean {
  return walk(body).some((i) => i.kind === "load" && i.array.name === "p");
}

/** All the times at which a solve stops: those found, and those asked for. */
export function stopTimes(found: readonly Pick<Crossing, "t">[], asked: ArrayLike<number> = []): Float64Array | undefined {
  if (found.length + asked.length === 0) return undefined;
  return Float64Array.from([...found.map(({ t }) => t), ...Array.from(asked)]);
}
