/** Signs of life: the page ends a worker from which it hears nothing for too long. */

/** For what the library does at once, where code of the model that could hang is compiled and has a budget of operations. */
const LIBRARY = 8000;
/** Reading and compiling take longer for longer texts. */
const PER_LINE = 2;

/** Tells the page that the worker lives, and how long to wait for the next sign, in milliseconds. */
export type Alive = (patience: number) => void;

/** For reading and compiling a model, and for steps of it. */
export function libraryPatience(text: string): number {
  return LIBRARY + PER_LINE * text.split("\n").length;
}
