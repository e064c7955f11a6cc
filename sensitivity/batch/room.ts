/**
 * Room for the steps of a batch's gradients, which their way back needs: each trajectory gets as much as it takes. All are tried with
 * a little at first; of those with more steps it is counted, without keeping any, how many they take, so that what fails takes no room.
 */
import type { ProblemCode } from "../../src/problem/code.ts";
import { BatchTooLarge } from "../../src/core/errors.ts";
import type { Members } from "./members.ts";

/** Steps that there is room for at first. */
const FIRST = 64;
/** From one room to the next; a kernel is made for each. */
const GROWTH = 2;
/** The largest that the next batch of a problem begins with. */
const MOST_REMEMBERED = 4096;

/** How much room most trajectories of a problem needed. */
const remembered = new WeakMap<object, number>();

export interface Attempt {
  /** Runs trajectories with room for so many tries of steps; returns those that need more. Throws {@link BatchTooLarge}. */
  readonly run: (members: Members, room: number) => Promise<Members>;
  /** Tries of steps that each takes; 0 where it fails. */
  readonly count: (members: Members) => Promise<Float64Array>;
  /** For those that there is no memory for. */
  readonly giveUp: (members: Members) => void;
}

/** Runs all trajectories of a problem, `most` tries of steps at most for each. */
export async function makeRoom(code: ProblemCode, all: Members, most: number, attempt: Attempt): Promise<void> {
  const { run, count, giveUp } = attempt;
  const first = remembered.get(code.identity) ?? FIRST;
  let left: Members;
  try {
    left = await run(all, first);
  } catch (error) {
    // Another device may have less.
    if (!(error instanceof BatchTooLarge) || !remembered.delete(code.identity)) throw error;
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
    remembered.set(code.identity, Math.min(room, MOST_REMEMBERED));
  }
}
