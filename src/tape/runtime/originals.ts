/** What stands for an object of the engine is, to the functions that compare it, that object. */
const originals = new WeakMap<object, object>();

export function standingFor<T extends object>(standIn: T, native: object): T {
  originals.set(standIn, native);
  return standIn;
}

export function original(value: unknown): unknown {
  return typeof value === "function" ? (originals.get(value) ?? value) : value;
}
