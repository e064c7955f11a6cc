/** Lends, until `use` returns, what can serve one at a time: an idle one, or where all are in use a new one. */
export function lend<T, R>(idle: T[], make: () => T, use: (lent: T) => R): R {
  const lent = idle.pop() ?? make();
  try {
    return use(lent);
  } finally {
    idle.push(lent);
  }
}
