/** The operators of JavaScript for values of any kind, with numbers traced or not. Rewritten functions call them by name. */
import { OdegradError } from "../../core/errors.ts";
import { codeOf, FIRST_TRACED, SECOND_TRACED } from "../numbers/codes.ts";
import { tape, Traced, type Numeric } from "../numbers/tape.ts";
import { binary, comparison, unary } from "../numbers/operations.ts";
import { numberOfText } from "../numbers/text.ts";
import { original } from "./originals.ts";

type Binary = (x: unknown, y: unknown) => unknown;

/** What JavaScript makes of an operand of arithmetic. A number and a bigint do not mix: it throws its own error. */
export function toNumeric(x: unknown): Numeric {
  if (typeof x === "number" || x instanceof Traced) return x;
  const value = primitive(x, "number");
  if (value instanceof Traced) return value;
  return typeof value === "string" ? numberOfText(Number(value)) : +(value as number);
}

/** What JavaScript makes of an object where a number, or text, is wanted; the methods of the object may give a traced number. */
export function primitive(x: unknown, hint: "number" | "default"): unknown {
  if ((typeof x !== "object" && typeof x !== "function") || x === null || x instanceof Traced) return x;
  const own = (x as { [Symbol.toPrimitive]?: (hint: string) => unknown })[Symbol.toPrimitive];
  if (own) return own.call(x, hint);
  for (const name of ["valueOf", "toString"] as const) {
    const value: unknown = typeof x[name] === "function" ? x[name]() : x;
    if (value instanceof Traced || (typeof value !== "object" && typeof value !== "function") || value === null) return value;
  }
  return x;
}

function areNumbers(x: unknown, y: unknown): boolean {
  return typeof x === "number" && typeof y === "number";
}

// The commonest operators spell out their commonest operands, so that the engine sees one operation in each.

export function add(x: unknown, y: unknown): unknown {
  if (x instanceof Traced && y instanceof Traced) {
    const i = tape.indexOf(x);
    const j = tape.indexOf(y);
    return tape.push(codes.add, i, j, tape.value[i] + tape.value[j]);
  }
  return areNumbers(x, y) ? (x as number) + (y as number) : addOther(x, y);
}

export function sub(x: unknown, y: unknown): unknown {
  if (x instanceof Traced && y instanceof Traced) {
    const i = tape.indexOf(x);
    const j = tape.indexOf(y);
    return tape.push(codes.sub, i, j, tape.value[i] - tape.value[j]);
  }
  return areNumbers(x, y) ? (x as number) - (y as number) : subOther(x, y);
}

export function mul(x: unknown, y: unknown): unknown {
  if (x instanceof Traced && y instanceof Traced) {
    const i = tape.indexOf(x);
    const j = tape.indexOf(y);
    return tape.push(codes.mul, i, j, tape.value[i] * tape.value[j]);
  }
  return areNumbers(x, y) ? (x as number) * (y as number) : mulOther(x, y);
}

export function div(x: unknown, y: unknown): unknown {
  if (x instanceof Traced && y instanceof Traced) {
    const i = tape.indexOf(x);
    const j = tape.indexOf(y);
    return tape.push(codes.div, i, j, tape.value[i] / tape.value[j]);
  }
  return areNumbers(x, y) ? (x as number) / (y as number) : divOther(x, y);
}

const codes = {
  add: codeOf("add") + FIRST_TRACED + SECOND_TRACED,
  sub: codeOf("sub") + FIRST_TRACED + SECOND_TRACED,
  mul: codeOf("mul") + FIRST_TRACED + SECOND_TRACED,
  div: codeOf("div") + FIRST_TRACED + SECOND_TRACED,
  neg: codeOf("neg") + FIRST_TRACED,
};

/** `native` is the operator itself, for operands that are not traced: they may be bigints, or what makes NaN. */
function arithmetic(trace: (x: Numeric, y: Numeric) => unknown, native: Binary): Binary {
  return (x, y) => {
    if (isNumber(x) && isNumber(y)) return typeof x === "number" && typeof y === "number" ? native(x, y) : trace(x, y);
    const [a, b] = [operand(x), operand(y)];
    return a instanceof Traced || b instanceof Traced ? trace(toNumeric(a), toNumeric(b)) : native(a, b);
  };
}

/** Text is a number here. */
function operand(x: unknown): unknown {
  const value = primitive(x, "number");
  return typeof value === "string" ? numberOfText(Number(value)) : value;
}

const addNumbers = arithmetic(binary("add"), (x, y) => (x as number) + (y as number));

/** Beside text, `+` makes text. */
function addOther(x: unknown, y: unknown): unknown {
  if (isNumber(x) && isNumber(y)) return addNumbers(x, y);
  const [a, b] = [primitive(x, "default"), primitive(y, "default")];
  return typeof a === "string" || typeof b === "string" ? `${a as string}${b as string}` : addNumbers(a, b);
}

const subOther = arithmetic(binary("sub"), (x, y) => (x as number) - (y as number));
const mulOther = arithmetic(binary("mul"), (x, y) => (x as number) * (y as number));
const divOther = arithmetic(binary("div"), (x, y) => (x as number) / (y as number));
export const rem = arithmetic(binary("rem"), (x, y) => (x as number) % (y as number));
export const pow = arithmetic(binary("pow"), (x, y) => (x as number) ** (y as number));

export const or32 = arithmetic(binary("i32.or"), (x, y) => (x as number) | (y as number));
export const and32 = arithmetic(binary("i32.and"), (x, y) => (x as number) & (y as number));
export const xor32 = arithmetic(binary("i32.xor"), (x, y) => (x as number) ^ (y as number));
export const shl = arithmetic(binary("i32.shl"), (x, y) => (x as number) << (y as number));
export const shr = arithmetic(binary("i32.shr"), (x, y) => (x as number) >> (y as number));
export const ushr = arithmetic(unsignedShift, (x, y) => (x as number) >>> (y as number));

const flooring = unary("floor");

function unsignedShift(x: Numeric, y: Numeric): unknown {
  const bits = or32(x, 0);
  const unsigned = lt(bits, 0) ? add(bits, 2 ** 32) : bits;
  return flooring(div(unsigned, 2 ** ((key(y) as number) & 31)) as Numeric);
}

const less = relation(comparison("lt"), (x, y) => (x as number) < (y as number));
const atMost = relation(comparison("le"), (x, y) => (x as number) <= (y as number));
const greater = relation(comparison("gt"), (x, y) => (x as number) > (y as number));
const atLeast = relation(comparison("ge"), (x, y) => (x as number) >= (y as number));

/** Two texts are compared as such. */
function relation(trace: (x: Numeric, y: Numeric) => unknown, native: Binary): Binary {
  const ofNumbers = arithmetic(trace, native);
  return (x, y) => {
    if (isNumber(x) && isNumber(y)) return ofNumbers(x, y);
    const [a, b] = [primitive(x, "number"), primitive(y, "number")];
    return typeof a === "string" && typeof b === "string" ? native(a, b) : ofNumbers(a, b);
  };
}

export function lt(x: unknown, y: unknown): unknown {
  return areNumbers(x, y) ? (x as number) < (y as number) : less(x, y);
}

export function le(x: unknown, y: unknown): unknown {
  return areNumbers(x, y) ? (x as number) <= (y as number) : atMost(x, y);
}

export function gt(x: unknown, y: unknown): unknown {
  return areNumbers(x, y) ? (x as number) > (y as number) : greater(x, y);
}

export function ge(x: unknown, y: unknown): unknown {
  return areNumbers(x, y) ? (x as number) >= (y as number) : atLeast(x, y);
}

const isEqual = comparison("eq");

function isNumber(x: unknown): x is Numeric {
  return typeof x === "number" || x instanceof Traced;
}

/** `===` */
export function same(x: unknown, y: unknown): boolean {
  if (x instanceof Traced || y instanceof Traced) return isNumber(x) && isNumber(y) && isEqual(x, y);
  return x === y || (typeof x === "function" && original(x) === original(y));
}

/** `Object.is` */
export function identical(x: unknown, y: unknown): boolean {
  if (!(x instanceof Traced || y instanceof Traced)) return Object.is(x, y);
  if (!isNumber(x) || !isNumber(y)) return false;
  if (!same(x, y)) return !same(x, x) && !same(y, y);
  // Of the two zeros, which compare equal, division tells.
  return truthy(x) || same(div(1, x), div(1, y));
}

/** `==` */
export function equal(x: unknown, y: unknown): boolean {
  const nullish = x === null || x === undefined || y === null || y === undefined;
  const areObjects = typeof x === "object" && typeof y === "object";
  if (!nullish && (!areObjects || x instanceof Traced || y instanceof Traced)) {
    const [a, b] = [primitive(x, "default"), primitive(y, "default")];
    if (a instanceof Traced || b instanceof Traced) return isEqual(toNumeric(a), toNumeric(b));
    if (typeof a === "string" ? typeof b === "number" : typeof a === "number" && typeof b === "string")
      return same(toNumeric(a), toNumeric(b));
  }
  // eslint-disable-next-line eqeqeq
  return x == y || (typeof x === "function" && original(x) === original(y));
}

/** `+x` */
export function number(x: unknown): unknown {
  return toNumeric(x);
}

/** What `x++` gives: a number, or a bigint. */
export function numeric(x: unknown): unknown {
  return typeof x === "bigint" ? x : toNumeric(x);
}

/** What `x++` makes of x, or `x--`. */
export function step(x: unknown, by: 1 | -1): unknown {
  if (typeof x === "number") return x + by;
  return typeof x === "bigint" ? x + BigInt(by) : add(toNumeric(x), by);
}

export function neg(x: unknown): unknown {
  const value = typeof x === "number" ? x : operand(x);
  if (!(value instanceof Traced)) return -(value as number);
  const i = tape.indexOf(value);
  return tape.push(codes.neg, i, 0, -tape.value[i]);
}

export function not32(x: unknown): unknown {
  const value = operand(x);
  return value instanceof Traced ? xor32(value, -1) : ~(value as number);
}

export function typeOf(x: unknown): string {
  return x instanceof Traced ? "number" : typeof x;
}

const absolute = unary("abs");

/** Is a value true as a condition? Neither 0 nor NaN is. */
export function truthy(x: unknown): boolean {
  return x instanceof Traced ? (gt(absolute(x), 0) as boolean) : Boolean(x);
}

/** `x && y()` */
export function and(x: unknown, y: () => unknown): unknown {
  return truthy(x) ? y() : x;
}

/** `x || y()` */
export function or(x: unknown, y: () => unknown): unknown {
  return truthy(x) ? x : y();
}

/** A key of an object, an index, the subject of a `switch`: one certain value. */
export function key(x: unknown): unknown {
  return x instanceof Traced ? tape.keyOf(x) : x;
}

/** The first: `x++` gives what x was. */
export function first(x: unknown, _next: unknown): unknown {
  return x;
}

/** A `catch` of the user's is not for what the tape has to say. */
export function rethrow(error: unknown): void {
  if (error instanceof OdegradError) throw error;
}
