/** What a build plugin knows of a function beside its text: the values of the names that it captures. */

/** By name; called each time the values are asked for, so that what changed is seen. */
export type CapturedNames = () => Readonly<Record<string, unknown>>;

const handedOver = new WeakMap<object, CapturedNames>();

/**
 * Hands over the values of the names that a function captures, for where it is read: `captured((u) => [-k * u[0]], () => ({ k }))`. The
 * function itself is returned, and runs as it did. What `names` gives may hold more than is read, and getters, of which only those of names
 * that the function uses are called; what throws, as of a name that is not initialised yet, is a name that is not known. It is for build
 * plugins: who writes by hand passes `constants`.
 */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- as any function is given
export function captured<F extends Function>(fn: F, names: CapturedNames): F {
  handedOver.set(fn, names);
  return fn;
}

/** What was handed over with a function. */
export function handedOverWith(fn: object): CapturedNames | undefined {
  return handedOver.get(fn);
}
