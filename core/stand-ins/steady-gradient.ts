/** In place of gradients of steady states. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Whole from "../../sensitivity/steady-gradient.ts";

export const steadyGradient: typeof Whole.steadyGradient = () => {
  throw new NotInCore("A loss of a steady state", "Take the state at the end of a long span: { final }");
};
