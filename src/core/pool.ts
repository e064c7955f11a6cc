/**
 * The one pool of things that serve one at a time: memory with programs over it, prepared solvers, ways back. What `use` left in the
 * middle of its work, by a throw, is not lent again.
 */

/** Lends, until `use` returns, an idle one, or where all are in use a new one: a call within a call gets its own. */
export function lend<T, R>(idle: T[], make: () => T, use: (lent: T) => R): R {
  const lent = idle.pop() ?? make();
  const result = use(lent);
  idle.push(lent);
  return result;
}

/**
 * As {@link lend}, until what `use` promises is there: calls at the same time get each their own. One is kept where nobody wants
 * them any more, if `isKept`; a hundred calls at once leave no hundred behind.
 */
export async function lendAwhile<T, R>(
  idle: T[],
  make: () => T,
  use: (lent: T) => Promise<R>,
  isKept: (lent: T) => boolean,
): Promise<R> {
  const lent = idle.pop() ?? make();
  const result = await use(lent);
  if (idle.length === 0 && isKept(lent)) idle.push(lent);
  return result;
}

/** Releases once what `use` returns, or promises, is there, or it throws. */
export function releasing<R>(release: () => void, use: () => R): R {
  let result: R | undefined;
  try {
    result = use();
  } finally {
    if (!(result instanceof Promise)) release();
  }
  return result instanceof Promise ? (result.finally(release) as R) : result;
}
