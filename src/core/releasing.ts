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
