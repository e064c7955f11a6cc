/** In place of the table of adjoint methods, which are handed in. */
export const adjointMethods = {};
export const STEADY_ADJOINT = "steadyState";
