/** Functions that are no text to be read: they bring the operator with them that a problem has of them. */
import type { Operator, OperatorOptions } from "./operator.ts";

type Maker = (given: OperatorOptions) => Operator;

const makers = new WeakMap<object, Maker>();

/** The function, of which problems have the operator that this makes. */
export function withOperator<F extends object>(fn: F, make: Maker): F {
  makers.set(fn, make);
  return fn;
}

/** Undefined of any other function. */
export function ownOperator(given: OperatorOptions): Operator | undefined {
  return makers.get(given.fn)?.(given);
}
