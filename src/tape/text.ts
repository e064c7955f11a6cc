/**
 * Text that was made of traced numbers, and numbers made of text again. The engine's text of a number gives that number when it
 * is read, so a number that is read is the traced one of its value. That this is no coincidence shows at another point, where
 * the same must be read: see Recorder.
 */
import { refuse } from "./refusal.ts";
import { binary, pinned, tape, Traced, type Numeric } from "./tape.ts";

/** By their values, the traced numbers of which text was made; null where there are several of one value. */
const origins = new Map<number, Traced | null>();
let isTextMade = false;
/** Where on the tape what was read is, as text; or a value that is not of the tape. */
let read: (string | number)[] = [];

export function forgetText(): void {
  if (!isTextMade) return;
  origins.clear();
  isTextMade = false;
  read = [];
}

/** All numbers that were read since text was made of traced ones. */
export function numbersRead(): readonly (string | number)[] {
  return read;
}

/** The number itself, as a key of an object or of a collection, or the text that gives it when read. */
export function keyOf(x: Traced): number {
  isTextMade = true;
  const value = pinned(x);
  const known = origins.get(value);
  if (known === undefined) origins.set(value, x);
  else if (known && Traced.positionOf(known) !== Traced.positionOf(x)) origins.set(value, null);
  return value;
}

/** Any text of it. */
export function textOf(x: Traced, write: (value: number) => string): string {
  return write(keyOf(x));
}

/** A number that the engine made of text. */
export function numberOfText(value: number): Numeric {
  if (!isTextMade) return value;
  const origin = origins.get(value);
  if (origin === null) {
    return refuse(
      `the text ${value} is made a number, and several numbers that depend on the inputs have that text. Keep the numbers themselves.`,
    );
  }
  read.push(origin ? String(tape.indexOf(origin)) : value);
  // Text has no -0.
  return origin && value === 0 ? add(origin, 0) : (origin ?? value);
}

const add: (x: Numeric, y: Numeric) => Numeric = (x, y) => (sum ??= binary("add"))(x, y);
let sum: typeof add | undefined;
