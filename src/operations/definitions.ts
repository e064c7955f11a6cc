/** Functions that carry what their text does not tell, such as their own derivatives, into the functions that call them. */
import { listenerNow, listening } from "./listen.ts";
import { APPLY, ownerAmong } from "./override.ts";
import { checkResidual } from "./residual.ts";

export type AnyFunction = (...args: never[]) => unknown;
export type PlainCall = (...args: unknown[]) => unknown;

/** Derivatives that the author gives. Where only one is given, the other is its transpose. */
export interface OwnRules {
  /**
   * vjp(v, ...args, constants): v in the shape of the result; gives the gradient in the shape of the argument, or, of several
   * arguments, a list of gradients.
   */
  readonly vjp?: PlainCall;
  /** jvp(dx, ...args, constants): the tangent of the result; dx is the tangent of the argument, or a list of several. */
  readonly jvp?: PlainCall;
}

export type ArgumentActivity = "active" | "constant";

/** Rules for calls in which just these arguments are differentiated: gradients and tangents are of those alone. */
export interface ActivityRules extends OwnRules {
  /** One for each argument. */
  readonly of: readonly ArgumentActivity[];
}

/** The function is made of another by an operator: see sensitivity/vjp/operators. */
export interface DerivativeOperator {
  readonly kind: "derivative" | "gradientOf" | "jacobian" | "jvp" | "vjp" | "hessianVectorProduct" | "hessian";
  readonly of: AnyFunction;
}

/** What is known of a function beside its text. */
export interface Definition extends OwnRules {
  readonly fn: PlainCall;
  readonly name: string;
  /** The function's last argument, where there are any. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** Values like the arguments, one each, where calls with other shapes are errors. */
  readonly inputs?: readonly unknown[];
  /** For some activities; `vjp` and `jvp` are for all others. */
  readonly activity?: readonly ActivityRules[];
  /** False where the rules differ from the function's derivative on purpose. */
  readonly check?: boolean;
  /** residual(y, ...args, constants), zero where y is the function's result; y and residual are vectors of one size, or numbers. */
  readonly residual?: PlainCall;
  readonly operator?: DerivativeOperator;
}

const definitions = new WeakMap<object, Definition>();

/** Makes a function that is called without the constants, and known by its definition where it is read. */
export function define(definition: Definition): PlainCall {
  const own = hasOwnDerivative(definition);
  const callable = (...args: unknown[]): unknown => {
    const listener = listenerNow();
    if (listener) {
      const call = (): unknown => callPlainly(definition, args);
      // What an operator calls besides its function is its own affair.
      return listener.heard(callable, args, definition.operator ? () => listening(undefined, call) : call);
    }
    const owner = own ? ownerAmong(args) : undefined;
    return owner ? owner[APPLY](definition, args) : callPlainly(definition, args);
  };
  definitions.set(callable, definition);
  return callable;
}

export function definitionOf(fn: object): Definition | undefined {
  return definitions.get(fn);
}

/** Calls the function itself. Throws ResidualNotZero where it is no solution of the equations that it is said to solve. */
export function callPlainly(definition: Definition, args: readonly unknown[]): unknown {
  const { fn, constants, residual } = definition;
  const own = constants === undefined ? [] : [constants];
  const value = fn(...args, ...own);
  if (residual) checkResidual(definition, value, (y) => residual(y, ...args, ...own));
  return value;
}

/** Are its derivatives not those of its text? */
export function hasOwnDerivative({ vjp, jvp, residual, operator }: Definition): boolean {
  return Boolean(vjp ?? jvp ?? residual ?? operator);
}
