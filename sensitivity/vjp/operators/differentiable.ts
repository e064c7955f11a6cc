/** Functions with what differentiation needs to know of them beside their text. */
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

/** A gradient or a tangent of a value of type T; arrays of one shape are as good as one another. */
type Direction<T> = T extends number ? number : T extends ArrayValue ? ArrayValue : T;
/** Of one argument by itself, of several a list. */
type Directions<Args extends readonly unknown[]> = Args extends readonly [infer X]
  ? Direction<X>
  : { readonly [K in keyof Args]: Direction<Args[K]> };
type Gradients<Args extends readonly unknown[]> = Args extends readonly [infer X]
  ? Direction<X>
  : readonly Direction<Args[number]>[];
type Some = number | ArrayValue | readonly (number | ArrayValue)[];

/**
 * Rules for calls in which just these arguments are differentiated. Gradients and tangents are of the active arguments alone: of
 * one by itself, of several as a list.
 */
export interface ActivityRule<F extends AnyFunction> {
  /** "active" or "constant" for each argument. */
  readonly of: readonly ArgumentActivity[];
  readonly vjp?: (v: ReturnType<F>, ...args: Parameters<F>) => Some;
  // Which arguments are active is known to the author, not to the type.
  readonly jvp?: (dx: never, ...args: Parameters<F>) => Some;
}

export interface DifferentiableOptions<F extends AnyFunction, Args extends readonly unknown[]> {
  /** Values like the arguments, one each: calls with other shapes are then errors. Default: whatever shapes a call has. */
  readonly inputs?: Args;
  /**
   * The function's own rule in place of the derived one, for all arguments active: (∂f/∂x)ᵀ v in the shape of x, or of several
   * arguments a list of those; what a call does not need goes unused. The constants come last. Arguments are numbers and arrays.
   */
  readonly vjp?: (v: ReturnType<F>, ...args: Parameters<F>) => Gradients<Args>;
  /** Likewise ∂f/∂x dx, in the shape of the result; dx is a list where there are several arguments. Without one of both, it is the other's transpose. */
  readonly jvp?: (dx: Directions<Args>, ...args: Parameters<F>) => Direction<ReturnType<F>>;
  /** Cheaper rules for calls in which some arguments are constant; other calls take `vjp` and `jvp`. */
  readonly activity?: readonly ActivityRule<F>[];
  /**
   * False for rules that differ from the function's derivative on purpose (clipped gradients). Otherwise they are compared when first
   * used, unless that is zero everywhere (a straight-through estimator): a rule that is wrong everywhere throws DerivativeMismatch.
   */
  readonly check?: boolean;
  /** For messages; default the function's own name. */
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
 * A function that can be called plainly, without its constants, handed to `gradientOf`, `jacobian`, `jvp`, `vjp`, … (where only
 * what depends on its first argument is differentiated), and called inside right-hand sides and losses that get it as a constant.
 * Throws UnsupportedValue where there are rules for some activities and none for all others.
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
  callable(fn, "differentiable: its function");
  checkOptions(options, checks, "differentiable");
  const definition: Definition = { name: nameOf(fn), ...options, fn: fn as PlainCall };
  const { inputs, activity = [] } = definition;
  if (activity.some(({ of }) => of.length !== (inputs?.length ?? Math.max(1, of.length)))) {
    throw new UnsupportedValue(
      `differentiable(${definition.name}): each rule of \`activity\` is \`of\` as many arguments as there are.`,
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

/** Of any function. */
export function definitionOf(fn: AnyFunction): Definition {
  return definedAs(fn) ?? { fn: fn as PlainCall, name: nameOf(fn) };
}

function nameOf(fn: AnyFunction): string {
  return fn.name || "f";
}
