/** `Math`, `Number` and their kin for numbers traced or not. */
import { scalarOperations } from "../../ir/scalar-operations.ts";
import { operationNames } from "../numbers/codes.ts";
import { refuse } from "../numbers/refusal.ts";
import { tape, Traced, type Numeric } from "../numbers/tape.ts";
import { binary, unary } from "../numbers/operations.ts";
import { numberOfText } from "../numbers/text.ts";
import { standingFor } from "./originals.ts";
import { add, gt, le, or32, primitive, same, toNumeric } from "./operators.ts";

type Function = (...args: unknown[]) => unknown;

/**
 * Runs the engine's own function where all is plain numbers. Of the arguments, the first `most` count: callbacks of lists get more.
 */
function tracing(native: (...args: never[]) => unknown, trace: (...args: Numeric[]) => unknown, most = Infinity): Function {
  return (...args) => {
    const given = args.length > most ? args.slice(0, most) : args;
    if (given.every((arg) => typeof arg === "number")) return (native as Function)(...given);
    const numbers = given.map(toNumeric);
    return numbers.some((arg) => arg instanceof Traced) ? trace(...numbers) : (native as Function)(...numbers);
  };
}

/** Likewise for what asks first whether it is a number at all. */
function ofNumber(native: (x: unknown) => boolean, trace: (x: Traced) => unknown): Function {
  return (x) => (x instanceof Traced ? trace(x) : native(x));
}

const absolute = unary("abs");
const hypotenuse = binary("hypot");

/** The functions of `Math` that the operations table has, by their own names. */
const fromTable = Object.fromEntries(
  operationNames.flatMap((name): [string, Function][] => {
    if (!(name in Math)) return [];
    const native = (Math as unknown as Record<string, Function>)[name];
    if (scalarOperations[name].args.length === 1) return [[name, tracing(native, unary(name), 1)]];
    const operation = binary(name);
    // min and max take any number of arguments.
    const most = name === "min" || name === "max" ? Infinity : 2;
    return [[name, tracing(native, (first, ...rest) => rest.reduce(operation, first), most)]];
  }),
);

const multiplied = binary("i32.mul");
const leadingZeros = unary("i32.clz");

export const math: unknown = Object.freeze({
  ...membersOf(Math),
  ...fromTable,
  hypot: tracing(Math.hypot, (first, ...rest) => (rest.length ? rest.reduce(hypotenuse, first) : absolute(first))),
  imul: tracing(Math.imul, (x, y) => multiplied(or32(x, 0) as Numeric, or32(y, 0) as Numeric), 2),
  clz32: tracing(Math.clz32, (x) => leadingZeros(or32(x, 0) as Numeric), 1),
  random: (): never => {
    return refuse(
      "`Math.random` has another value at every call, so it has no derivative. Draw the random numbers before solving and pass them in `constants`.",
    );
  },
});

/** They are not enumerable. */
function membersOf(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.getOwnPropertyNames(object).map((name) => [name, (object as Record<string, unknown>)[name]]));
}

const truncated = unary("trunc");

const isFiniteNumber = (x: Numeric): unknown => le(absolute(x), Number.MAX_VALUE);
const isNaNNumber = (x: Numeric): boolean => !same(x, x);
const isInteger = (x: Numeric): boolean => Boolean(isFiniteNumber(x)) && same(truncated(x), x);

export const finite = tracing(isFinite, isFiniteNumber, 1);
export const notANumber = tracing(isNaN, isNaNNumber, 1);

/** What the engine reads of text is, of a traced number, that number; of text, the number that the text was made of. */
export function parseFloating(text: unknown): unknown {
  if (text instanceof Traced) return tape.valueOf(text) === 0 ? add(text, 0) : text;
  return numberOfText(Number.parseFloat(text as string));
}

/** Of a number whose text is its digits, the integer in front of the point. */
export function parseInteger(text: unknown, radix?: unknown): unknown {
  const base = (radix instanceof Traced ? tape.pin(radix) : radix) as number | undefined;
  if (text instanceof Traced) return Number.parseInt(String(tape.keyOf(text)), base);
  return numberOfText(Number.parseInt(text as string, base));
}

const numberMembers: Readonly<Record<string, unknown>> = {
  isFinite: ofNumber(Number.isFinite, isFiniteNumber),
  isNaN: ofNumber(Number.isNaN, isNaNNumber),
  isInteger: ofNumber(Number.isInteger, isInteger),
  isSafeInteger: ofNumber(Number.isSafeInteger, (x) => isInteger(x) && !gt(absolute(x), Number.MAX_SAFE_INTEGER)),
  parseFloat: parseFloating,
  parseInt: parseInteger,
};

/** The engine's own, but for what is called on numbers. */
export const numberConstructor = standingFor(
  new Proxy(Number, {
    apply(native, _this, args: unknown[]) {
      const value = args.length ? primitive(args[0], "number") : 0;
      return typeof value === "bigint" ? native(value) : toNumeric(value);
    },
    get: (native, name) =>
      typeof name === "string" && Object.hasOwn(numberMembers, name) ? numberMembers[name] : Reflect.get(native, name),
  }),
  Number,
);
