/** Does a function write its value where it is told to, or return it? */
import type { Layout } from "../arrays/layout.ts";
import { view } from "../arrays/view.ts";
import { FunctionThrew, ReadError, UnsupportedValue } from "../core/errors.ts";
import { returnsValue } from "../read/index.ts";
import type { PlainFunction } from "./plain-operator.ts";

/**
 * Of a right-hand side, or of a residual, which takes the derivative `du`, as {@link writesInPlace}. Throws {@link FunctionThrew}, and
 * UnsupportedValue where it would have to change a number in place.
 */
export function isInPlace(...[fn, name, layout, u, p, t, constants, du]: Call): boolean {
  const inPlace = writesInPlace(fn, name, {
    inputs: () => [
      ...(du ? [view(layout.u, du.slice(), "du")] : []),
      view(layout.u, u.slice(), "u"),
      view(layout.p, p.slice(), "p"),
      t,
    ],
    value: () => view(layout.u, new Float64Array(u.length), du ? "r" : "du"),
    constants,
    t,
  });
  if (inPlace && layout.u.kind === "scalar") {
    throw new UnsupportedValue(
      `u0 is a number, which ${name} cannot change in place. Return the ${du ? "residual" : "derivative"}, or make u0 an array: [${u[0]}].`,
    );
  }
  return inPlace;
}

type Call = [
  fn: PlainFunction,
  name: string,
  layout: { readonly u: Layout; readonly p: Layout },
  u: Float64Array,
  p: Float64Array,
  t: number,
  constants: unknown,
  du?: Float64Array,
];

/**
 * By the function's text; where that does not tell, or cannot be read, by calling it with what it takes, its constants last, and before
 * that, in place, with where its value goes. Throws {@link FunctionThrew}.
 */
function writesInPlace(fn: PlainFunction, name: string, { inputs, value, constants, t }: Tried): boolean {
  let isText = true;
  try {
    const returns = returnsValue(fn);
    if (returns !== undefined) return !returns;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    isText = false;
  }
  const seen = (): unknown[] => [...inputs(), constants];
  const { length } = seen();
  // Only in place are there more parameters.
  const outOfPlace = outcome(() => (fn.length > length ? undefined : fn(...seen())));
  if ("value" in outOfPlace && outOfPlace.value !== undefined) return false;
  const inPlace = outcome(() => fn(value(), ...seen()));
  if ("value" in inPlace) return inPlace.value === undefined;
  // Reading says better what is wrong.
  if (isText) return false;
  // Out of place, it was given du for u, u for p and so on; if it throws with the right ones too, the fault lies elsewhere.
  const takesDu = "value" in outOfPlace || fn.length > (constants === undefined ? length - 1 : length);
  throw new FunctionThrew(name, `at t = ${t}`, takesDu ? inPlace.error : outOfPlace.error);
}

/** Makes arguments. */
interface Tried {
  readonly inputs: () => unknown[];
  readonly value: () => unknown;
  readonly constants: unknown;
  /** For messages. */
  readonly t: number;
}

function outcome(call: () => unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}
