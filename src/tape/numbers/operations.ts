/** Operations on numbers, traced or not. */
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { codeOf, CONSTANT, FIRST_TRACED, SECOND_TRACED } from "./codes.ts";
import { tape, type Numeric } from "./tape.ts";

/** An operation of one number, for numbers traced or not. */
export function unary(name: ScalarOperationName): (x: Numeric) => Numeric {
  const { value } = scalarOperations[name];
  const code = codeOf(name) + FIRST_TRACED;
  return (x) => {
    if (typeof x === "number") return value(x);
    const i = tape.indexOf(x);
    return tape.push(code, i, 0, value(tape.value[i]));
  };
}

/** An operation of two numbers, for numbers traced or not. */
export function binary(name: ScalarOperationName): (x: Numeric, y: Numeric) => Numeric {
  const { value } = scalarOperations[name];
  const code = codeOf(name);
  return (x, y) => {
    if (typeof x === "number" && typeof y === "number") return value(x, y);
    const traced = (typeof x === "number" ? 0 : FIRST_TRACED) + (typeof y === "number" ? 0 : SECOND_TRACED);
    const [i, j] = [indexOf(x), indexOf(y)];
    return tape.push(code + traced, i, j, value(tape.value[i], tape.value[j]));
  };
}

function indexOf(x: Numeric): number {
  return tape.indexOf(typeof x === "number" ? tape.push(CONSTANT, 0, 0, x) : x);
}

/** A decision: what the function does from here on holds while the comparison comes out like this. */
export function comparison(name: ScalarOperationName): (x: Numeric, y: Numeric) => boolean {
  const compare = binary(name);
  return (x, y) => {
    const outcome = compare(x, y);
    return Boolean(typeof outcome === "number" ? outcome : tape.valueOf(outcome));
  };
}
