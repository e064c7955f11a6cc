/** What a build plugin knows of a function beside what the engine tells: the values of the names that it captures, and its text before it was minified. */

/** By name; called each time the values are asked for, so that what changed is seen. */
export type CapturedNames = () => Readonly<Record<string, unknown>>;

/** A function as it was written, in JavaScript. */
export interface WrittenText {
  readonly text: string;
  /** Its syntax tree, see src/read/syntax/tree.ts. */
  readonly tree?: string;
}

interface HandedOver {
  readonly names: CapturedNames;
  readonly written?: WrittenText;
}

const handedOver = new WeakMap<object, HandedOver>();

/**
 * Hands over the values of the names that a function captures, for where it is read: `captured((u) => [-k * u[0]], () => ({ k }))`. The
 * function itself is returned, and runs as it did. What `names` gives may hold more than is read, and getters, of which only those of names
 * that the function uses are called; what throws, as of a name that is not initialised yet, is a name that is not known. `text` is read
 * instead of the function's own where that is not as it was written, and `tree` is the text's syntax tree. It is for build plugins: who
 * writes by hand passes `constants`.
 */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- as any function is given
export function captured<F extends Function>(fn: F, names: CapturedNames, text?: string, tree?: string): F {
  handedOver.set(fn, { names, written: text === undefined ? undefined : { text, tree } });
  return fn;
}

/** The names that were handed over with a function. */
export function handedOverWith(fn: object): CapturedNames | undefined {
  return handedOver.get(fn)?.names;
}

/** The text that was handed over with a function. */
export function writtenTextOf(fn: object): WrittenText | undefined {
  return handedOver.get(fn)?.written;
}
