/** Signs of life: the page ends a worker from which it hears nothing for too long. */
import { OWN_CODE } from "../shared/patience.ts";

/** Milliseconds for what the library does at once; code of the model that could hang is compiled then, and has a budget of operations. */
const LIBRARY = 8000;
/** Both take longer for longer texts, by so many milliseconds a line. */
const LIBRARY_BY_LINE = 2;
const OWN_CODE_BY_LINE = 0.3;
const EVERY = 100;

/** Tells the page that the worker lives, and how long to wait for the next sign, in milliseconds. */
export type Alive = (patience: number) => void;

/** For reading and compiling a model, and for steps of it. */
export function libraryPatience(text: string): number {
  return LIBRARY + LIBRARY_BY_LINE * linesOf(text);
}

/** For the model's own code, which may never come back. */
export function ownPatience(text: string): number {
  return OWN_CODE + OWN_CODE_BY_LINE * linesOf(text);
}

/** Signs while the library works on: solves tell of themselves much more often than the page needs to hear it. */
export function alivePeriodically(alive: Alive, text: string): () => void {
  const patience = libraryPatience(text);
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < EVERY) return;
    last = now;
    alive(patience);
  };
}

function linesOf(text: string): number {
  return text.split("\n").length;
}
