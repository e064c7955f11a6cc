/** The continuous adjoint with Gauss's quadrature, as a value. */
import { continuousAdjoints, continuousMethod } from "../sensitivity/adjoints/continuous/methods.ts";

export const gaussAdjoint = continuousMethod(continuousAdjoints.gauss);
