/** Functions with what the operators of differentiation need to know of them beside their text. */

type AnyFunction = (...args: never[]) => unknown;

export interface DifferentiableOptions<F extends AnyFunction, Args extends readonly unknown[]> {
  /** Values like the arguments, one each: calls with other shapes are then errors. Default: whatever shapes a call has. */
  readonly inputs?: Args;
  /** The function's own rule in place of the derived one: (∂f/∂x)ᵀ v in the shape of x. The constants come last. */
  readonly vjp?: (v: ReturnType<F>, ...args: Parameters<F>) => Parameters<F>[0];
  /** Likewise ∂f/∂x dx, in the shape of the result. */
  readonly jvp?: (dx: Parameters<F>[0], ...args: Parameters<F>) => ReturnType<F>;
  /** For messages; default the function's own name. */
  readonly name?: string;
}

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;
type WithoutLast<T extends readonly unknown[]> = T extends readonly [...infer Rest, unknown] ? Rest : never;

/** What is known of a function. */
export interface Definition {
  readonly fn: (...args: unknown[]) => unknown;
  readonly name: string;
  readonly inputs?: readonly unknown[];
  readonly constants?: unknown;
  readonly vjp?: (...args: unknown[]) => unknown;
  readonly jvp?: (...args: unknown[]) => unknown;
}

const definitions = new WeakMap<AnyFunction, Definition>();

/**
 * A function that can be called plainly, without its constants, and handed to `gradientOf`, `jacobian`, `jvp`, `vjp`, …
 * Only what depends on its first argument is differentiated. Rules of its own are taken as they are, unchecked.
 */
export function differentiable<F extends AnyFunction>(
  fn: F,
  options: DifferentiableOptions<F, WithoutLast<Parameters<F>>> & {
    /** What else the function reads, its last argument. Compiled in, never differentiated. */
    readonly constants: Last<Parameters<F>>;
  },
): (...args: WithoutLast<Parameters<F>>) => ReturnType<F>;
export function differentiable<F extends AnyFunction>(
  fn: F,
  options?: DifferentiableOptions<F, Parameters<F>>,
): (...args: Parameters<F>) => ReturnType<F>;
export function differentiable(fn: AnyFunction, options: object = {}): unknown {
  const definition = { name: nameOf(fn), ...options, fn } as Definition;
  const callable = (...args: unknown[]): unknown => call(definition, args);
  definitions.set(callable, definition);
  return callable;
}

/** Of any function. */
export function definitionOf(fn: AnyFunction): Definition {
  return definitions.get(fn) ?? { fn: fn as Definition["fn"], name: nameOf(fn) };
}

/** Calls the function itself. */
export function call({ fn, constants }: Definition, args: readonly unknown[]): unknown {
  return constants === undefined ? fn(...args) : fn(...args, constants);
}

function nameOf(fn: AnyFunction): string {
  return fn.name || "f";
}
