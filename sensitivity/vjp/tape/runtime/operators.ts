/** The operators of JavaScript for values of any kind, with numbers traced or not. Rewritten functions call them by name. */
import { Untraceable } from "../../../../src/errors.ts";
import { codeOf, FIRST_TRACED, SECOND_TRACED } from "../codes.ts";
import { binary, comparison, pinned, tape, Traced, unary, type Numeric } from "../tape.ts";

type Binary = (x: unknown, y: unknown) => unknown;

/** What JavaScript makes of an operand of arithmetic. */
function toNumeric(x: unknown): Numeric {
  return typeof x === "number" || x instanceof Traced ? x : Number(x);
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

export function neg(x: unknown): unknown {
  if (!(x instanceof Traced)) return -(x as number);
  const i = tape.indexOf(x);
  return tape.push(codes.neg, i, 0, -tape.value[i]);
}

const codes = {
  add: codeOf("add") + FIRST_TRACED + SECOND_TRACED,
  sub: codeOf("sub") + FIRST_TRACED + SECOND_TRACED,
  mul: codeOf("mul") + FIRST_TRACED + SECOND_TRACED,
  div: codeOf("div") + FIRST_TRACED + SECOND_TRACED,
  neg: codeOf("neg") + FIRST_TRACED,
};

/** `native` is the operator itself, for operands that are not traced: they may be strings, dates, objects with valueOf. */
function arithmetic(trace: (x: Numeric, y: Numeric) => unknown, native: Binary): Binary {
  return (x, y) => (x instanceof Traced || y instanceof Traced ? trace(toNumeric(x), toNumeric(y)) : native(x, y));
}

const addNumbers = arithmetic(binary("add"), (x, y) => (x as number) + (y as number));

/** Beside text, `+` makes text. */
function addOther(x: unknown, y: unknown): unknown {
  const isText = (typeof x === "string" && y instanceof Traced) || (typeof y === "string" && x instanceof Traced);
  return isText ? `${x as string}${y as string}` : addNumbers(x, y);
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

const less = arithmetic(comparison("lt"), (x, y) => (x as number) < (y as number));
const atMost = arithmetic(comparison("le"), (x, y) => (x as number) <= (y as number));
const greater = arithmetic(comparison("gt"), (x, y) => (x as number) > (y as number));
const atLeast = arithmetic(comparison("ge"), (x, y) => (x as number) >= (y as number));

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
  return x === y;
}

/** `==` */
export function equal(x: unknown, y: unknown): boolean {
  const nullish = x === null || x === undefined || y === null || y === undefined;
  if (!nullish && (x instanceof Traced || y instanceof Traced)) return isEqual(toNumeric(x), toNumeric(y));
  // eslint-disable-next-line eqeqeq
  return x == y;
}

/** `+x` */
export function number(x: unknown): unknown {
  return x instanceof Traced ? x : +(x as number);
}

export function not32(x: unknown): unknown {
  return x instanceof Traced ? xor32(x, -1) : ~(x as number);
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
  return x instanceof Traced ? pinned(x) : x;
}

/** The first: `x++` gives what x was. */
export function first(x: unknown, _next: unknown): unknown {
  return x;
}

type Bag = Record<PropertyKey, unknown>;

/** `object[name] = change(object[name])`; gives the new value. */
export function update(object: unknown, name: PropertyKey, change: (old: unknown) => unknown): unknown {
  return ((object as Bag)[name] = change((object as Bag)[name]));
}

/** The same; gives the old value. */
export function updateAfter(object: unknown, name: PropertyKey, change: (old: unknown) => unknown): unknown {
  const old = number((object as Bag)[name]);
  (object as Bag)[name] = change(old);
  return old;
}

/** A `catch` of the user's is not for what the tape has to say. */
export function rethrow(error: unknown): void {
  if (error instanceof Untraceable) throw error;
}
