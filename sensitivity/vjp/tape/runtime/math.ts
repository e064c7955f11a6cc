/** `Math`, `Number` and their kin for numbers traced or not. */
import { Untraceable } from "../../../../src/errors.ts";
import { scalarOperations } from "../../../../src/program/operations/scalar.ts";
import { operationNames } from "../codes.ts";
import { binary, Traced, unary, type Numeric } from "../tape.ts";
import { gt, le, number, or32, same } from "./operators.ts";

type Function = (...args: unknown[]) => unknown;

/** Runs the engine's own function where nothing is traced. */
function tracing(native: (...args: never[]) => unknown, trace: (...args: Numeric[]) => unknown): Function {
  return (...args) => {
    if (!args.some((arg) => arg instanceof Traced)) return (native as Function)(...args);
    return trace(...args.map((arg) => number(arg) as Numeric));
  };
}

const absolute = unary("abs");
const hypotenuse = binary("hypot");

/** The functions of `Math` that the operations table has, by their own names. */
const fromTable = Object.fromEntries(
  operationNames.flatMap((name): [string, Function][] => {
    if (!(name in Math)) return [];
    const native = (Math as unknown as Record<string, Function>)[name];
    if (scalarOperations[name].args.length === 1) return [[name, tracing(native, unary(name))]];
    const operation = binary(name);
    // min and max take any number of arguments.
    return [[name, tracing(native, (first, ...rest) => rest.reduce(operation, first))]];
  }),
);

const multiplied = binary("i32.mul");
const leadingZeros = unary("i32.clz");

export const math: unknown = Object.freeze({
  ...membersOf(Math),
  ...fromTable,
  hypot: tracing(Math.hypot, (first, ...rest) => (rest.length ? rest.reduce(hypotenuse, first) : absolute(first))),
  imul: tracing(Math.imul, (x, y) => multiplied(or32(x, 0) as Numeric, or32(y, 0) as Numeric)),
  clz32: tracing(Math.clz32, (x) => leadingZeros(or32(x, 0) as Numeric)),
  random: (): never => {
    throw new Untraceable(
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

export const finite = tracing(isFinite, isFiniteNumber);
export const notANumber = tracing(isNaN, isNaNNumber);

const numberMembers: Readonly<Record<string, unknown>> = {
  isFinite: tracing(Number.isFinite, isFiniteNumber),
  isNaN: tracing(Number.isNaN, isNaNNumber),
  isInteger: tracing(Number.isInteger, isInteger),
  isSafeInteger: tracing(Number.isSafeInteger, (x) => isInteger(x) && !gt(absolute(x), Number.MAX_SAFE_INTEGER)),
};

/** The engine's own, but for what is called on numbers. */
export const numberConstructor = new Proxy(Number, {
  apply: (native, _this, args: unknown[]) => (args[0] instanceof Traced ? args[0] : native(...args)),
  get: (native, name) =>
    typeof name === "string" && Object.hasOwn(numberMembers, name) ? numberMembers[name] : Reflect.get(native, name),
});
