/** Kinds of values that options have. */
import { BadOption, BadTolerance } from "../errors.ts";
import type { Check } from "./check.ts";
import { requireList } from "./lists.ts";
import { shown } from "./shown.ts";

export { shown };

/** Looked at where it is used, against the problem's shapes. */
export const anything: Check = () => {};

export const boolean: Check = (value, what) => {
  if (typeof value !== "boolean") throw new BadOption(`${what} is ${shown(value)}, but must be true or false.`);
};

export const callable: Check = (value, what) => {
  if (typeof value !== "function") throw new BadOption(`${what} is ${shown(value)}, but must be a function.`);
  // The prototype of classes and of the engine's constructors, and of them alone, cannot be replaced.
  if (Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false) {
    throw new BadOption(`${what} is the class ${value.name}, but must be a function that is called without \`new\`.`);
  }
};

export const list: Check = (value, what) => {
  if (!Array.isArray(value)) throw new BadOption(`${what} is ${shown(value)}, but must be an array.`);
};

/** An array whose elements are of a kind. */
export function listOf(check: Check): Check {
  return (value, what) => {
    list(value, what);
    (value as readonly unknown[]).forEach((element, i) => check(element, `${what}[${i}]`));
  };
}

/** An array of numbers of any kind, or what is like one. */
export const numbers: Check = (value, what) => {
  requireList(value, what, BadOption);
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== "number") throw new BadOption(`${what}[${i}] is ${shown(value[i])}, but must be a number.`);
  }
};

export const text: Check = (value, what) => {
  if (typeof value !== "string") throw new BadOption(`${what} is ${shown(value)}, but must be a name, as a string.`);
};

export const signal: Check = (value, what) => {
  if (typeof value === "object" && value !== null && "aborted" in value) return;
  throw new BadOption(
    `${what} is ${shown(value)}, but must be an AbortSignal: that of an AbortController, or AbortSignal.timeout(ms).`,
  );
};

export const number: Check = (value, what) => {
  if (typeof value !== "number") throw new BadOption(`${what} is ${shown(value)}, but must be a number.`);
};

export const finite: Check = (value, what) => {
  if (!Number.isFinite(value)) throw new BadOption(`${what} is ${shown(value)}, but must be a finite number.`);
};

/** A positive whole number, or Infinity. */
export const count: Check = (value, what) => {
  if (value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a positive whole number, or Infinity.`);
};

/** Of seeds, and of what there cannot be endlessly many of. */
export const whole: Check = (value, what) => {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a whole number from 1 to 2147483647.`);
};

/** Both ends excluded. */
export const fraction: Check = (value, what) => {
  if (typeof value === "number" && value > 0 && value < 1) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a number between 0 and 1: 0.95.`);
};

export const notNegative: Check = (value, what) => {
  if (Number.isFinite(value) && (value as number) >= 0) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a finite number, 0 or more.`);
};

/** Infinity is one. */
export const positive: Check = (value, what) => {
  if (typeof value === "number" && value > 0) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a positive number.`);
};

export const positiveFinite: Check = (value, what) => {
  if (Number.isFinite(value) && (value as number) > 0) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a positive, finite number.`);
};

/** Throws BadTolerance. */
export const tolerance: Check = (value, what) => {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw new BadTolerance(`${what} is ${shown(value)}, but must be a positive number: 1e-6 asks for about six digits.`);
};

export function oneOf(...names: readonly string[]): Check {
  return (value, what) => {
    if (names.includes(value as string)) return;
    throw new BadOption(`${what} is ${shown(value)}. It may be ${names.map((name) => `"${name}"`).join(" or ")}.`);
  };
}
