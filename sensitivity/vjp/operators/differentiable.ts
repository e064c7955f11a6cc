/** Functions with what differentiation has to know of them besides their text: shapes, constants, rules of their own. */
import { UnsupportedValue } from "../../../src/core/errors.ts";
import { checkOptions, object, type Checks } from "../../../src/core/options/check.ts";
import { anything, boolean, callable, list, listOf, oneOf, text } from "../../../src/core/options/kinds.ts";
import type { ArrayValue } from "../../../src/core/array-values.ts";
import {
  define,
  definitionOf as definedAs,
  type AnyFunction,
  type ArgumentActivity,
  type Definition,
  type PlainCall,
} from "../../../src/operations/definitions.ts";

/** A gradient or a tangent of a value of type T. Any kind of array will do for an array of its shape. */
type Direction<T> = T extends number ? number : T extends ArrayValue ? ArrayValue : T;
/** The tangent of one argument, or a list of those of several. */
type Directions<Args extends readonly unknown[]> = Args extends readonly [infer X]
  ? Direction<X>
  : { readonly [K in keyof Args]: Direction<Args[K]> };
type Gradients<Args extends readonly unknown[]> = Args extends readonly [infer X]
  ? Direction<X>
  : readonly Direction<Args[number]>[];
type Some = number | ArrayValue | readonly (number | ArrayValue)[];

/**
 * Rules for calls in which just these arguments are differentiated. Gradients and tangents are those of the active arguments alone: one by
 * itself, or several as a list.
 */
export interface ActivityRule<F extends AnyFunction> {
  /** Whether each argument is "active" or "constant". */
  readonly of: readonly ArgumentActivity[];
  readonly vjp?: (v: ReturnType<F>, ...args: Parameters<F>) => Some;
  // Which arguments are active is known to the author, not to the type.
  readonly jvp?: (dx: never, ...args: Parameters<F>) => Some;
}

/** What `differentiable` takes besides the function. */
export interface DifferentiableOptions<F extends AnyFunction, Args extends readonly unknown[]> {
  /** A value like each argument: calls with other shapes are then errors. By default any shapes are taken. */
  readonly inputs?: Args;
  /**
   * The function's own rule in place of the derived one, for all arguments active: (∂f/∂x)ᵀ v in the shape of x, or a list of those for
   * several arguments; what a call does not need goes unused. The constants come last. Arguments are numbers and arrays.
   */
  readonly vjp?: (v: ReturnType<F>, ...args: Parameters<F>) => Gradients<Args>;
  /**
   * The rule of forward mode: ∂f/∂x dx, in the shape of the result; dx is a list where there are several arguments. Where only one of the
   * two rules is given, the other is its transpose.
   */
  readonly jvp?: (dx: Directions<Args>, ...args: Parameters<F>) => Direction<ReturnType<F>>;
  /** Cheaper rules for calls in which some arguments are constant; other calls take `vjp` and `jvp`. */
  readonly activity?: readonly ActivityRule<F>[];
  /**
   * False for rules that differ from the function's derivative on purpose (clipped gradients). Otherwise they are compared when they are
   * first used, unless the derivative is zero everywhere (a straight-through estimator): a rule that is wrong everywhere throws
   * DerivativeMismatch.
   */
  readonly check?: boolean;
  /** The name in messages; by default the function's own. */
  readonly name?: string;
}

const ruleChecks: Checks<ActivityRule<AnyFunction>> = { of: listOf(oneOf("active", "constant")), vjp: callable, jvp: callable };

const checks: Checks<DifferentiableOptions<AnyFunction, readonly unknown[]> & { readonly constants: unknown }> = {
  inputs: list,
  vjp: callable,
  jvp: callable,
  activity: listOf(object(ruleChecks, "of")),
  check: boolean,
  name: text,
  constants: anything,
};

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;
type WithoutLast<T extends readonly unknown[]> = T extends readonly [...infer Rest, unknown] ? Rest : never;

/**
 * Makes a function that can be called plainly, without its constants, handed to `gradientOf`, `jacobian`, `jvp`, `vjp`, … (where only what
 * depends on its first argument is differentiated), and called inside right-hand sides and losses that get it as a constant.
 *
 * @param fn - The function. Its last argument is its constants, where it has some.
 * @param options - Its constants, the shapes it takes, and rules in place of derived ones.
 * @returns The function of all arguments but the constants.
 * @throws UnsupportedValue where there are rules for some activities and none for all others.
 * @example
 * const clipped = differentiable((x: number) => x, { vjp: (v) => Math.min(1, v), check: false });
 */
export function differentiable<F extends AnyFunction>(
  fn: F,
  options: DifferentiableOptions<F, WithoutLast<Parameters<F>>> & {
    /** What else the function reads, its last argument. It is compiled in and never differentiated. */
    readonly constants: Last<Parameters<F>>;
  },
): (...args: WithoutLast<Parameters<F>>) => ReturnType<F>;
export function differentiable<F extends AnyFunction>(
  fn: F,
  options?: DifferentiableOptions<F, Parameters<F>>,
): (...args: Parameters<F>) => ReturnType<F>;
export function differentiable(fn: AnyFunction, options: object = {}): unknown {
  callable(fn, "differentiable: its function");
  checkOptions(options, checks, "differentiable");
  const definition: Definition = { name: nameOf(fn), ...options, fn: fn as PlainCall };
  const { inputs, activity = [] } = definition;
  if (activity.some(({ of }) => of.length !== (inputs?.length ?? Math.max(1, of.length)))) {
    throw new UnsupportedValue(
      `differentiable(${definition.name}): each rule of \`activity\` is \`of\` as many arguments as there are.`,
    );
  }
  if (activity.some(({ vjp, jvp }) => !vjp && !jvp)) {
    throw new UnsupportedValue(
      `differentiable(${definition.name}): a rule of \`activity\` has no \`vjp\` and no \`jvp\`. Give one of them.`,
    );
  }
  if (activity.length && !definition.vjp && !definition.jvp) {
    throw new UnsupportedValue(
      `differentiable(${definition.name}): there are rules for some activities, and none for the others. ` +
        `Give vjp or jvp too, for all arguments active.`,
    );
  }
  return define(definition);
}

/** What is known of any function. */
export function definitionOf(fn: AnyFunction): Definition {
  return definedAs(fn) ?? { fn: fn as PlainCall, name: nameOf(fn) };
}

function nameOf(fn: AnyFunction): string {
  return fn.name || "f";
}
