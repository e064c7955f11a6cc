/** Values of the options, as the command line writes them. */
import { PRECISIONS, type Precision } from "../../src/devices/device.ts";
import { BadOptionValue } from "../messages/errors.ts";

function number(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new BadOptionValue(option, text, "a number");
    return value;
  };
}

export function positive(option: string): (text: string) => number {
  const read = number(option);
  return (text) => {
    const value = read(text);
    if (value <= 0) throw new BadOptionValue(option, text, "a positive number");
    return value;
  };
}

/** Relative errors: 1 would be no digit at all. */
export function relative(option: string): (text: string) => number {
  const read = positive(option);
  return (text) => {
    const value = read(text);
    if (value >= 1) throw new BadOptionValue(option, text, "a positive number below 1; 1e-6 asks for about six digits");
    return value;
  };
}

/** A whole number from `least` on, to `most` where that is given. */
export function wholeNumber(option: string, least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least || value > most)
      throw new BadOptionValue(option, text, `a whole number, ${most === Infinity ? `${least} or more` : `${least} to ${most}`}`);
    return value;
  };
}

export function precision(text: string): Precision {
  const known = PRECISIONS.find((name) => name === text);
  if (!known) throw new BadOptionValue("--precision", text, "f32, f32x2 or f64");
  return known;
}

/** "0,10" */
export function tspan(text: string): [number, number] {
  const times = text.split(",").map(number("--tspan"));
  if (times.length !== 2 || times[0] === times[1]) throw new BadOptionValue("--tspan", text, `two different times as "a,b"`);
  return [times[0], times[1]];
}

/** "0.1", the distance between saved times, or "1,2,5", the times. */
export function saveat(text: string): number | number[] {
  const times = text.split(",").map(number("--saveat"));
  return times.length === 1 ? times[0] : times;
}

/** "5,6" */
export function stops(text: string): number[] {
  return text.split(",").map(number("--stops"));
}

/** "prey,predator"; commas in brackets are of one name, "u[1,2]". */
export function names(option: string): (text: string) => string[] {
  return (text) => {
    const found = text.split(/,(?![^[]*\])/).map((name) => name.trim());
    if (found.includes("")) throw new BadOptionValue(option, text, "names of components, such as prey,predator");
    return found;
  };
}

const wrtNames = ["p", "u0", "t0", "t1"] as const;
export type WrtName = (typeof wrtNames)[number];

/** "p,u0" */
export function wrt(text: string): WrtName[] {
  const names = text.split(",").map((part) => wrtNames.find((name) => name === part));
  if (names.includes(undefined) || new Set(names).size < names.length)
    throw new BadOptionValue("--wrt", text, `some of ${wrtNames.join(", ")}, each once, such as p,u0`);
  return names as WrtName[];
}

/** "n=8", added to those before it; what is not JSON is a string. */
export function setting(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new BadOptionValue("--set", text, `name=value`);
  return { ...before, [name]: parsed(value) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
