/**
 * Decides which integers that a loop carries stay integers: those that 32 bits hold whatever they become, and that are never -0.
 */
import type { Value } from "../../ir/ir.ts";
import { mayBeMinusZero } from "../../ir/minus-zero.ts";
import type { Cell } from "../state/cells.ts";
import { isMoving, reachAfter, reachOf, type Reach } from "../values/reach.ts";
import { nonNegatives } from "./non-negative.ts";

/** In the iteration that is read. */
export interface CarriedInteger {
  readonly key: Cell | string;
  /** Among all that is carried. */
  readonly position: number;
  readonly phi: Value;
  readonly first: Value;
  readonly next: Value;
}

export interface IntegerCheck {
  /** Where the others may be, in any iteration and after the loop. */
  readonly reach: Reach | undefined;
  /** Those that are found to become any integer. */
  readonly unbounded: readonly CarriedInteger["key"][];
  /** Those that may not stay integers. */
  readonly floats: readonly CarriedInteger["key"][];
}

/** `unbounded`: those that are known to become any integer. */
export function checkIntegers(
  integers: readonly CarriedInteger[],
  unbounded: ReadonlySet<CarriedInteger["key"]>,
  maxTripCount: number | undefined,
): IntegerCheck {
  const bounded = integers.filter(({ key }) => !unbounded.has(key));
  const isCounter = ({ first, next }: CarriedInteger): boolean => Boolean(reachOf(first) && reachOf(next));
  const counters = bounded.filter(isCounter);
  const reach = reachAfter({ counters, maxTripCount });
  const tooFar = reach ? [] : counters.filter(({ phi, next }) => isMoving(next, phi));
  const keysOf = (some: readonly CarriedInteger[]): CarriedInteger["key"][] => some.map(({ key }) => key);
  return {
    reach,
    unbounded: keysOf(bounded.filter((integer) => !isCounter(integer))),
    floats: keysOf([...tooFar, ...signedZeros(integers)]),
  };
}

function signedZeros(integers: readonly CarriedInteger[]): readonly CarriedInteger[] {
  if (!integers.some(({ next }) => mayBeMinusZero(next))) return [];
  const fromZeroUp = integers.filter(({ first }) => first.min >= 0);
  const isNonNegative = nonNegatives(new Map(fromZeroUp.map(({ phi, next }) => [phi, next])));
  return integers.filter(({ next }) => mayBeMinusZero(next, isNonNegative));
}
