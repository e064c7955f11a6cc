/** Right-hand sides that fail because they return a value, though they write du, or take their arguments in another order. */
import { pack } from "../arrays/pack.ts";
import { view } from "../arrays/view.ts";
import { ifItCanBe } from "../operations/calling.ts";
import type { ProblemCode } from "./code.ts";
import { ReadError, UnreadableFunction } from "../core/errors.ts";

/** The error, of a function that was called out of place, with what to do where calls in another order do what this one does not. */
export function advisedOnOrder(error: unknown, code: ProblemCode): unknown {
  if (!(error instanceof ReadError) || error instanceof UnreadableFunction) return error;
  const advice = adviceOn(code);
  if (!advice) return error;
  return error.withRemedy(`${error.remedy} It was taken as rhs(u, p, t, constants), for it returns a value${advice}`);
}

function adviceOn({ functions: { rhs }, layout, output, constants, from }: ProblemCode): string | undefined {
  const [u, p, [t]] = [from.u0.slice(), from.p.slice(), from.tspan];
  const state = [view(layout.u, u, "u"), view(layout.p, p, "p")];
  const rest = constants === undefined ? [] : [constants];
  const du = new Float64Array(output.size).fill(NaN);
  ifItCanBe(() => rhs(view(output, du, "du"), ...state, t, ...rest));
  if (du.some(Number.isFinite)) return "; to write du, return nothing.";
  const value = new Float64Array(output.size).fill(NaN);
  ifItCanBe(() => pack(output, rhs(t, ...state, ...rest), "du", value));
  return value.every(Number.isFinite) ? "; called as rhs(t, u, p) it gives numbers, but the order is (u, p, t)." : undefined;
}
