/** Right-hand sides that fail because they return a value, though they write du, or take their arguments in another order. */
import { pack } from "../arrays/pack.ts";
import { view } from "../arrays/view.ts";
import { ifItCanBe } from "../operations/calling.ts";
import { EndlessLoop, ReadError } from "../core/errors.ts";
import { mayLoopForever } from "../read/syntax/endless-loops.ts";
import { BadProblem } from "./errors.ts";
import { hasText } from "../read/syntax/source.ts";
import { UnreadableFunction } from "../read/syntax/errors.ts";
import type { PlainOperator } from "./plain-operator.ts";

/** The error, of a function that was called out of place, with what to do where calls in another order do what this one does not. */
export function advisedOnOrder(error: unknown, rhs: PlainOperator): unknown {
  if (!(error instanceof ReadError) || error instanceof UnreadableFunction || error instanceof EndlessLoop) return error;
  // It is called with other arguments than it is for, and a call cannot be stopped.
  if (mayLoopForever(rhs.fn)) return error;
  const advice = adviceOn(rhs);
  if (!advice) return error;
  return error.withRemedy(`${error.remedy} It was taken as rhs(u, p, t, constants), for it returns a value${advice}`);
}

/** Where p is empty: is what it takes in the place of p a number, such as the time? Throws {@link BadProblem}. */
export function requireOrder(rhs: PlainOperator): void {
  // Without a text nobody knows whether a call with another argument comes back.
  if (hasParameters(rhs) || !hasText(rhs.fn) || mayLoopForever(rhs.fn)) return;
  if (takesNumberForP(rhs)) throw new BadProblem(`${rhs.name}: ${forNumber(rhs)}`);
}

function hasParameters(rhs: PlainOperator): boolean {
  return rhs.layoutOf({ space: "p" }).size > 0;
}

function forNumber({ inPlace }: PlainOperator): string {
  const order = inPlace ? "(du, u, p, t)" : "(u, p, t)";
  return (
    `its argument behind u is used as a number, as the time is, but that is p, which this problem does not have. The order is ` +
    `${order}: write rhs: ${order} => …, though p is not used.`
  );
}

/** Of two numbers it gives other values, and p is empty. */
function takesNumberForP(rhs: PlainOperator): boolean {
  if (hasParameters(rhs)) return false;
  const [one, another] = [0.3, 1.7].map((number) =>
    ifItCanBe(() => {
      const { args, value } = rhs.frameAt(rhs.points()[0]);
      args[rhs.inPlace ? 2 : 1] = number;
      const returned = rhs.fn(...args);
      return rhs.inPlace ? value : pack(rhs.output.layout, returned, "du", value);
    }),
  );
  if (!one || !another || ![...one, ...another].every(Number.isFinite)) return false;
  return one.some((x, i) => x !== another[i]);
}

function adviceOn(rhs: PlainOperator): string | undefined {
  if (takesNumberForP(rhs)) return `; ${forNumber(rhs)}`;
  const output = rhs.output.layout;
  const { args } = rhs.frameAt(rhs.points()[0]);
  const du = new Float64Array(output.size).fill(NaN);
  ifItCanBe(() => rhs.fn(view(output, du, "du"), ...args));
  if (du.some(Number.isFinite)) return "; to write du, return nothing.";
  const value = new Float64Array(output.size).fill(NaN);
  const [u, p, t, ...constants] = args;
  ifItCanBe(() => pack(output, rhs.fn(t, u, p, ...constants), "du", value));
  return value.every(Number.isFinite) ? "; called as rhs(t, u, p) it gives numbers, but the order is (u, p, t)." : undefined;
}
