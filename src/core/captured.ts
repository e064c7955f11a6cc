/** What is known of a function beside what the engine tells of it: the values of the names that it captures, and its text as it was written. */

/** By name; called each time the values are asked for, so that what changed is seen. */
export type CapturedNames = () => Readonly<Record<string, unknown>>;

/** A function as it was written, in JavaScript; or as it can be written, of one that `bind` made, which has no text. */
export interface WrittenText {
  readonly text: string;
  readonly isOfBound?: true;
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
 * instead of the function's own where that is not as it was written. It is for build plugins: who writes by hand passes `constants`.
 */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- as any function is given
export function captured<F extends Function>(fn: F, names: CapturedNames, text?: string): F {
  handOver(fn, names, text === undefined ? undefined : { text });
  return fn;
}

export function handOver(fn: object, names: CapturedNames, written?: WrittenText): void {
  handedOver.set(fn, { names, written });
}

/** What a function was made of by `bind`. */
export interface Bound {
  readonly target: unknown;
  /** What `this` is in it. */
  readonly self: unknown;
  /** Those that come before the others. */
  readonly args: readonly unknown[];
}

const partsOfBound = new WeakMap<object, Bound>();

/**
 * `bound(target, "bind", self, ...args)` is `target.bind(self, ...args)`, and keeps what it was made of, which the engine does not tell in
 * pages. It is for build plugins, as {@link captured}.
 */
export function bound(target: object, method: "bind", self: unknown, ...args: unknown[]): unknown {
  const { [method]: bind } = target as { readonly bind: (...all: unknown[]) => unknown };
  const made = bind.call(target, self, ...args);
  if (bind === Function.prototype.bind) partsOfBound.set(made as object, { target, self, args });
  return made;
}

export function partsKept(fn: object): Bound | undefined {
  return partsOfBound.get(fn);
}

/** The names that were handed over with a function. */
export function handedOverWith(fn: object): CapturedNames | undefined {
  return handedOver.get(fn)?.names;
}

/** The text that was handed over with a function. */
export function writtenTextOf(fn: object): WrittenText | undefined {
  return handedOver.get(fn)?.written;
}

/** Is its text one that a build plugin handed over? */
export function hasTextOfPlugin(fn: object): boolean {
  const written = writtenTextOf(fn);
  return written !== undefined && !written.isOfBound;
}
