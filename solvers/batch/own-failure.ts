/** Errors that one trajectory's numbers bring about. */
import { FunctionThrew, NonFinite, ResidualNotZero, TooManySwitches } from "../../src/core/errors.ts";
import { BadEvents } from "../../src/problem/errors.ts";
import { BadSaveTimes } from "../solution/errors.ts";
import { InconsistentInitialValues, IndexTooHigh } from "../systems/errors.ts";

/** All else is wrong with what is asked for, or where it is done: no trajectory could be solved. */
const KINDS = [
  NonFinite,
  FunctionThrew,
  ResidualNotZero,
  TooManySwitches,
  BadEvents,
  BadSaveTimes,
  InconsistentInitialValues,
  IndexTooHigh,
];

/** May others be solved where this was thrown? Where it is thrown of all, it is of what was asked for. */
export function isOfOne(error: unknown): error is Error {
  return KINDS.some((Kind) => error instanceof Kind);
}
