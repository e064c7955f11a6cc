/** Kinds of values that options have. */
import { describe } from "../arrays/values.ts";
import { BadOption, BadTolerance } from "../errors.ts";
import type { Check } from "./check.ts";

/** Looked at where it is used, against the problem's shapes. */
export const anything: Check = () => {};

export const boolean: Check = (value, what) => {
  if (typeof value !== "boolean") throw new BadOption(`${what} is ${shown(value)}, but must be true or false.`);
};

export const callable: Check = (value, what) => {
  if (typeof value !== "function") throw new BadOption(`${what} is ${shown(value)}, but must be a function.`);
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

/** A positive whole number, or Infinity. */
export const count: Check = (value, what) => {
  if (value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a positive whole number, or Infinity.`);
};

/** Infinity is one. */
export const positive: Check = (value, what) => {
  if (typeof value === "number" && value > 0) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a positive number.`);
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

/** Numbers and strings as they are, others by their kind. */
export function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? JSON.stringify(value) : describe(value);
}
