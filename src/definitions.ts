/** Functions that carry their own derivatives into the functions that call them. */

export type AnyFunction = (...args: never[]) => unknown;
export type PlainCall = (...args: unknown[]) => unknown;

/** What is known of a function beside its text. */
export interface Definition {
  readonly fn: PlainCall;
  readonly name: string;
  /** The function's last argument, where there are any. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /**
   * vjp(v, ...args, constants): v in the shape of the result; gives the gradient in the shape of the argument, or, of several
   * arguments, a list of gradients.
   */
  readonly vjp?: PlainCall;
  /** jvp(dx, ...args, constants): the tangent of the result; dx is the tangent of the argument, or a list of several. */
  readonly jvp?: PlainCall;
  /** residual(y, ...args, constants), zero where y is the function's result; y and residual are vectors of one size, or numbers. */
  readonly residual?: PlainCall;
}

const definitions = new WeakMap<object, Definition>();

/** Makes a function that is called without the constants, and known by its definition where it is read. */
export function define(definition: Definition): PlainCall {
  const { fn, constants } = definition;
  const callable = (...args: unknown[]): unknown => (constants === undefined ? fn(...args) : fn(...args, constants));
  definitions.set(callable, definition);
  return callable;
}

export function definitionOf(fn: object): Definition | undefined {
  return definitions.get(fn);
}
