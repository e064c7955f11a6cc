/** Dual numbers through the solver, as a value. */
import { forwardMethod } from "../sensitivity/adjoints/forward/method.ts";

export const dualAdjoint = forwardMethod("dual", "all");
