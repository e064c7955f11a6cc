/**
 * The times at which a function that runs by itself takes another course, as far as constants and parameters tell. A recording knows
 * the decisions that were met; the first of them that changes with the time says until when it holds, and behind that the function is
 * recorded again, for it may meet other decisions there.
 */
import { memo } from "../core/memo.ts";
import type { ProblemCode } from "../problem/code.ts";
import { OdegradError } from "../core/errors.ts";
import { findCrossings, type Crossing } from "../analysis/switching/crossings.ts";
import { sliceOf, type Slice } from "../analysis/switching/slice.ts";
import { jumping } from "../analysis/switching/outcomes.ts";
import { recent } from "../core/recent.ts";
import { CONSTANT, nameOf, operationOf } from "./numbers/codes.ts";
import { valueProgram } from "./program.ts";
import { isSame, kept, type Recording } from "./recording.ts";
import { OperatorRecorder, signatureOf } from "./operator-recorder.ts";

/** Behind a crossing the function is recorded so much later, relative to the larger of the time and the span. */
const BEHIND = 2 ** -44;
/** Recordings at most. */
const MOST = 4000;

export interface TracedCrossings {
  /** In the order of the span. */
  readonly crossings: readonly Crossing[];
  /** Why not all of them are known, in words. */
  readonly unseen?: string;
  /** Do decisions, or operations that jump, depend on the state? Where none does, the course is the same at all states. */
  readonly decidesOnState: boolean;
}

/** What follows the courses of one right-hand side. */
interface Followed {
  readonly recorder: OperatorRecorder;
  /** Those that were met, by what was recorded, and what of them decides by the time: solves at other parameters meet them again. */
  readonly courses: { readonly recording: Recording; readonly slice: Slice | undefined; readonly decidesOnState: boolean }[];
  readonly generation: number;
  readonly found: { readonly p: Float64Array; readonly span: readonly [number, number]; readonly result: TracedCrossings }[];
}

/** At the state where the problem starts: what lies behind decisions on other states is not met. */
export function tracedCrossings(code: ProblemCode, p: Float64Array, span: readonly [number, number]): TracedCrossings {
  if (code.operators.rhs.isSplit)
    return { crossings: [], unseen: "it is in parts, which run by themselves", decidesOnState: true };
  if (code.changed) return { crossings: [], unseen: "Events change its parameters.", decidesOnState: true };
  const cache = followedOf(code);
  if (cache.followed?.generation !== code.generation) cache.followed = undefined;
  try {
    cache.followed ??= {
      recorder: new OperatorRecorder(code.operators.rhs),
      courses: [],
      generation: code.generation,
      found: [],
    };
  } catch (error) {
    return { crossings: [], unseen: reasonOf(error), decidesOnState: true };
  }
  const { followed } = cache;
  return recent(
    followed.found,
    (one) => one.span[0] === span[0] && one.span[1] === span[1] && one.p.every((x, j) => x === p[j]),
    () => ({ p: p.slice(), span: [span[0], span[1]] as const, result: found(code, followed, p, span) }),
  ).result;
}

const followedOf = memo((_code: ProblemCode): { followed?: Followed } => ({}), { by: (code) => [code.identity] });

function found(code: ProblemCode, followed: Followed, p: Float64Array, span: readonly [number, number]): TracedCrossings {
  const met = { crossings: [] as Crossing[], decidesOnState: false };
  const before = code.content();
  try {
    const unseen = follow(code, followed, p, span, met);
    return { ...met, unseen };
  } catch (error) {
    return { ...met, unseen: reasonOf(error) };
  } finally {
    code.keepRecorded(before);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof OdegradError)) throw error;
  return error.message.split("\n")[0];
}

/** Returns why it could not go on, in words. */
function follow(
  code: ProblemCode,
  { recorder, courses }: Followed,
  p: Float64Array,
  [t0, t1]: readonly [number, number],
  into: { readonly crossings: Crossing[]; decidesOnState: boolean },
): string | undefined {
  const { u0 } = code.from;
  const direction = t1 < t0 ? -1 : 1;
  const behind = (t: number): number => t + direction * BEHIND * Math.max(Math.abs(t), Math.abs(t1 - t0));
  const signature = signatureOf(code.operators.rhs);
  let course: (typeof courses)[number] | undefined;
  let ahead: readonly Crossing[] = [];
  let now = behind(t0);
  for (let count = 0; direction * (t1 - now) > 0; count++) {
    if (count === MOST) return `it takes another course more than ${MOST} times, the last of them at t = ${now}`;
    const recording = recorder.record([u0, p, now]);
    if (!course || !isSame(course.recording, recording)) {
      course = recent(
        courses,
        (one) => isSame(one.recording, recording),
        () => ({
          recording: kept(recording),
          slice: sliceOf(valueProgram(recording, signature)),
          decidesOnState: decidesOn(recording, u0.length),
        }),
      );
      into.decidesOnState ||= course.decidesOnState;
      const { crossings = [], unresolved } = course.slice ? findCrossings(course.slice, p, [now, t1]) : {};
      if (unresolved?.size) return "it changes too often with what is curved in time";
      ahead = crossings.filter(({ t }) => direction * (t - now) > 0);
    }
    const next = ahead.find(({ t }) => direction * (t - now) > 0);
    if (!next) return undefined;
    const after = behind(next.t);
    into.crossings.push(...ahead.filter(({ t }) => direction * (t - now) > 0 && direction * (after - t) > 0));
    now = after;
  }
  return undefined;
}

/** On any of so many first inputs. What was derived elsewhere may have decided there. */
function decidesOn({ entries: { count, isLinearised, code, left, right }, inputs }: Recording, first: number): boolean {
  if (isLinearised) return true;
  const depends = new Uint8Array(count).fill(1, 0, first);
  for (let k = inputs; k < count; k++) {
    if (code[k] === CONSTANT) continue;
    const { args, result } = operationOf(code[k]);
    if (!depends[left[k]] && !(args.length > 1 && depends[right[k]])) continue;
    if (result === "bool" || jumping.has(nameOf(code[k]))) return true;
    depends[k] = 1;
  }
  return false;
}
