/** Right-hand sides that fail because they return a value, though they write du, or take their arguments in another order. */
import { pack } from "../arrays/pack.ts";
import { view } from "../arrays/view.ts";
import { ifItCanBe } from "../operations/calling.ts";
import { EndlessLoop, ReadError } from "../core/errors.ts";
import { mayLoopForever } from "../read/syntax/endless-loops.ts";
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

function adviceOn(rhs: PlainOperator): string | undefined {
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
