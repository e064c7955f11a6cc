/** What calls of the library take, for statistics to tell. */

let compilations = 0;

export function countCompilation(): void {
  compilations++;
}

export interface Spent {
  readonly seconds: number;
  /** Modules, or functions of JavaScript, compiled. */
  readonly compilations: number;
}

/** Gives what was spent since. */
export function startTally(): () => Spent {
  const [started, before] = [performance.now(), compilations];
  return () => ({ seconds: (performance.now() - started) / 1e3, compilations: compilations - before });
}
