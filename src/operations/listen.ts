/** Calls of the library's own functions, heard by who wants to know which function a name stands for. */

/** A function of the library: an array operation, or what is known of a function made by `differentiable`. */
export type Callee = object;

export interface Listener {
  /** Stands for the call: gives what `call` gives. */
  heard(callee: Callee, args: readonly unknown[], call: () => unknown): unknown;
}

let listener: Listener | undefined;

/** Runs with a listener, or with none. */
export function listening<T>(to: Listener | undefined, run: () => T): T {
  const before = listener;
  listener = to;
  try {
    return run();
  } finally {
    listener = before;
  }
}

/** Who listens. */
export function listenerNow(): Listener | undefined {
  return listener;
}
