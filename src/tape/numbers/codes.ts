/** What an entry of a tape is, as one number: an input, a constant, or an operation of the table and which arguments are traced. */
import { scalarOperations, type ScalarOperation, type ScalarOperationName } from "../../ir/scalar-operations.ts";

export const INPUT = 0;
export const CONSTANT = 1;
const FIRST_OPERATION = 2;

/** Added to an operation's code where its first, second argument is traced and not a constant. */
export const FIRST_TRACED = 1;
export const SECOND_TRACED = 2;
const VARIANTS = 4;

export const operationNames = Object.keys(scalarOperations) as readonly ScalarOperationName[];

const rows = new Map(operationNames.map((name, row) => [name, row]));

export function codeOf(name: ScalarOperationName): number {
  return FIRST_OPERATION + VARIANTS * rows.get(name)!;
}

/** Of the code of an operation, whichever arguments are traced. */
export function nameOf(code: number): ScalarOperationName {
  return operationNames[Math.floor((code - FIRST_OPERATION) / VARIANTS)];
}

export function operationOf(code: number): ScalarOperation {
  return scalarOperations[nameOf(code)];
}
