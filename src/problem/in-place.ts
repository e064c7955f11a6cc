/** Does a right-hand side write its derivative where it is told to, or return it? */
import type { Layout } from "../arrays/layout.ts";
import { view } from "../arrays/view.ts";
import { FunctionThrew, ReadError, UnsupportedValue } from "../core/errors.ts";
import { returnsValue } from "../read/index.ts";
import type { PlainFunction } from "./plain-operator.ts";

/**
 * By the function's text; where that does not tell, or cannot be read, by calling it. Throws {@link FunctionThrew}, and UnsupportedValue
 * where it would have to change a number in place.
 */
export function isInPlace(...[rhs, name, layout, u, ...others]: Call): boolean {
  const inPlace = writes(rhs, name, layout, u, ...others);
  if (inPlace && layout.u.kind === "scalar") {
    throw new UnsupportedValue(
      `u0 is a number, which ${name} cannot change in place. Return the derivative, or make u0 an array: [${u[0]}].`,
    );
  }
  return inPlace;
}

type Call = [
  rhs: PlainFunction,
  name: string,
  layout: { readonly u: Layout; readonly p: Layout },
  u: Float64Array,
  p: Float64Array,
  t: number,
  constants: unknown,
];

function writes(...[rhs, name, layout, u, p, t, constants]: Call): boolean {
  let isText = true;
  try {
    const returns = returnsValue(rhs);
    if (returns !== undefined) return !returns;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    isText = false;
  }
  const seen = (): unknown[] => [view(layout.u, u.slice(), "u"), view(layout.p, p.slice(), "p"), t, constants];
  // Only in place are there five parameters.
  const outOfPlace = outcome(() => (rhs.length > 4 ? undefined : rhs(...seen())));
  if ("value" in outOfPlace && outOfPlace.value !== undefined) return false;
  const inPlace = outcome(() => rhs(view(layout.u, new Float64Array(u.length), "du"), ...seen()));
  if ("value" in inPlace) return inPlace.value === undefined;
  // Reading says better what is wrong.
  if (isText) return false;
  // Out of place, it was given du for u, u for p and so on; if it throws with the right ones too, the fault lies elsewhere.
  const takesDu = "value" in outOfPlace || rhs.length > (constants === undefined ? 3 : 4);
  throw new FunctionThrew(name, `at t = ${t}`, takesDu ? inPlace.error : outOfPlace.error);
}

function outcome(call: () => unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}
