/** What a function can keep from one call to the next: in its constants, and in the objects that it captures. */
import { RememberedConstants } from "../core/remembered.ts";
import { ProblemCode } from "./code.ts";
import { Operator } from "./operator.ts";
import { objectsCaptured } from "../read/constants/captured-objects.ts";
import { hasText } from "../read/syntax/source.ts";

/** The objects that a function can keep something in: those it captures, and its constants. */
export function keptBy({ stated, constants }: Operator): object {
  const functions = (typeof stated === "function" ? [stated] : Object.values(stated as object)).filter(
    (fn) => typeof fn === "function",
  );
  return Object.assign({}, ...functions.map(objectsCaptured), constants) as object;
}

export function remembering(kept: object): RememberedConstants {
  return new RememberedConstants(
    kept,
    (object) => object instanceof ProblemCode || object instanceof Operator || isOfEngine(object),
  );
}

/** Dates, promises, what is of a page or of the system; but for collections. */
function isOfEngine(object: object): boolean {
  const { constructor } = object;
  if (typeof constructor !== "function" || hasText(constructor) || ArrayBuffer.isView(object)) return false;
  return ![Object, Array, Map, Set].some((one) => one === constructor);
}
