/**
 * Room for the steps of a batch's gradients, which the reverse sweep needs: each trajectory gets as much as it takes. All are tried
 * with a little room at first. Those with more steps are solved once without keeping any, to count them, so that a trajectory that
 * fails takes no room.
 */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { BatchTooLarge } from "../../src/devices/errors.ts";
import type { Members } from "./members.ts";

/** The number of steps that there is room for at first. */
const FIRST = 64;
/** The factor by which the room grows; a kernel is made for each size. */
const GROWTH = 2;
/** The largest room that the next batch of a problem begins with. */
const LARGEST_FIRST = 4096;

/** The room that most trajectories of a problem needed, and the next batch begins with. */
const roomFor = memo((_code: ProblemCode) => ({ first: FIRST }), { by: (code) => [code.identity] });

/** What is done with trajectories. */
export interface Attempt {
  /** Runs trajectories with room for so many tries of steps; returns those that need more. Throws {@link BatchTooLarge}. */
  readonly run: (members: Members, room: number) => Promise<Members>;
  /** Counts the tries of steps that each trajectory takes; 0 where it fails. */
  readonly count: (members: Members) => Promise<Float64Array>;
  /** Leaves out trajectories that there is no memory for. */
  readonly giveUp: (members: Members) => void;
}

/** Runs all trajectories of a problem, each with at most `most` tries of steps. */
export async function makeRoom(code: ProblemCode, all: Members, most: number, attempt: Attempt): Promise<void> {
  const { run, count, giveUp } = attempt;
  const known = roomFor(code);
  const { first } = known;
  let left: Members;
  try {
    left = await run(all, first);
  } catch (error) {
    // Another device may have less.
    if (!(error instanceof BatchTooLarge) || first === FIRST) throw error;
    known.first = FIRST;
    return makeRoom(code, all, most, attempt);
  }
  if (first >= most || left.length === 0) return;
  const tries = await count(left);
  let room = first;
  const needs = new Map(left.map((m, k) => [m, tries[k]]));
  for (left = left.filter((m) => needs.get(m)! > 0); left.length > 0 && room < most;) {
    room *= GROWTH;
    const fitting = left.filter((m) => needs.get(m)! <= room);
    if (fitting.length === 0) continue;
    const rest = left.filter((m) => needs.get(m)! > room);
    try {
      left = [...rest, ...(await run(fitting, room))].sort((a, b) => a - b);
    } catch (error) {
      if (!(error instanceof BatchTooLarge)) throw error;
      return giveUp(left);
    }
    known.first = Math.min(room, LARGEST_FIRST);
  }
}
