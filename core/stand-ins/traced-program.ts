/** In place of recording functions that cannot be read: they solve, and have no derivatives. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Whole from "../../src/tape/traced-program.ts";

export const isTraceable = (_error: unknown): _error is never => false;

export const tracedProgram: typeof Whole.tracedProgram = () => {
  throw new NotInCore("Differentiating a function that cannot be read", "Write it so that it can be");
};
