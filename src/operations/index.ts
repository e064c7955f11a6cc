/** The table of array operations. */
import { binaryOperations, unaryOperations } from "./elementwise.ts";
import { convolutions } from "./convolutions.ts";
import { interpolate } from "./interpolate.ts";
import { linearSolve } from "./linear-solve.ts";
import type { ArrayOperation } from "./operation.ts";
import { overridable } from "./override.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { roll } from "./roll.ts";
import { structure } from "./structure.ts";

export type { ArrayOperation, Numeric } from "./operation.ts";
export type { Operand, View } from "./view.ts";

/** Every operation, with its own plain type. */
export const operationTable = overridable({
  ...unaryOperations,
  ...binaryOperations,
  ...reductions,
  ...products,
  ...structure,
  ...convolutions,
  linearSolve,
  roll,
  interpolate,
});

/** Every operation, by name. Look names up with Object.hasOwn. */
export const arrayOperations: Readonly<Record<string, ArrayOperation>> = operationTable;

const byFunction = new Map<unknown, ArrayOperation>(
  Object.values(arrayOperations).map((operation) => [operation.plain, operation]),
);

/** The operation that a function is the plain form of. */
export function arrayOperationOf(fn: unknown): ArrayOperation | undefined {
  return byFunction.get(fn);
}
