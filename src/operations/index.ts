/** The table of array operations. */
import { binaryOperations, unaryOperations } from "./elementwise.ts";
import { convolutions } from "./convolutions.ts";
import { interpolation } from "./interpolate.ts";
import { linearSolving } from "./linear-solve.ts";
import type { ArrayOperation } from "./operation.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { rolling } from "./roll.ts";
import { structure } from "./structure.ts";

export type { ArrayOperation, Numeric } from "./operation.ts";
export type { Operand, View } from "./view.ts";

/** Every operation, with its own plain type. */
export const operationTable = {
  ...unaryOperations,
  ...binaryOperations,
  ...reductions,
  ...products,
  ...structure,
  ...convolutions,
  ...linearSolving,
  ...rolling,
  ...interpolation,
};

/** Every operation, by name. Look names up with Object.hasOwn. */
export const arrayOperations: Readonly<Record<string, ArrayOperation>> = operationTable;
