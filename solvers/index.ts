/** Solving: methods and `solve`. */
export { bs3 } from "./methods/bs3.ts";
export { dop853 } from "./methods/dop853.ts";
export { dp5 } from "./methods/dp5.ts";
export { explicitRK, type ButcherTableau } from "./methods/explicit-rk.ts";
export { euler } from "./methods/euler.ts";
export { heun } from "./methods/heun.ts";
export { implicitEuler } from "./methods/implicit-euler.ts";
export { implicitMidpoint } from "./methods/implicit-midpoint.ts";
export { kahanLi8 } from "./methods/kahan-li8.ts";
export { kenCarp3 } from "./methods/ken-carp3.ts";
export { kenCarp4 } from "./methods/ken-carp4.ts";
export { fbdf } from "./methods/fbdf.ts";
export { kenCarp5 } from "./methods/ken-carp5.ts";
export { kvaerno3 } from "./methods/kvaerno3.ts";
export { kvaerno5 } from "./methods/kvaerno5.ts";
export { midpoint } from "./methods/midpoint.ts";
export { radauIIA3 } from "./methods/radau-iia3.ts";
export { radauIIA5 } from "./methods/radau-iia5.ts";
export { radauIIA9 } from "./methods/radau-iia9.ts";
export { ralston } from "./methods/ralston.ts";
export { rk4 } from "./methods/rk4.ts";
export { rkc } from "./methods/rkc.ts";
export { rock2 } from "./methods/rock2.ts";
export { rock4 } from "./methods/rock4.ts";
export { rodas3 } from "./methods/rodas3.ts";
export { rodas4 } from "./methods/rodas4.ts";
export { rodas4P } from "./methods/rodas4p.ts";
export { rodas5 } from "./methods/rodas5.ts";
export { rodas5P } from "./methods/rodas5p.ts";
export { rosenbrock23 } from "./methods/rosenbrock23.ts";
export { ssprk33 } from "./methods/ssprk33.ts";
export { ssprk43 } from "./methods/ssprk43.ts";
export { trapezoid } from "./methods/trapezoid.ts";
export { trbdf2 } from "./methods/trbdf2.ts";
export { tsit5 } from "./methods/tsit5.ts";
export { vcabm } from "./methods/vcabm.ts";
export { velocityVerlet } from "./methods/velocity-verlet.ts";
export { vern6 } from "./methods/vern6.ts";
export { vern7 } from "./methods/vern7.ts";
export { vern8 } from "./methods/vern8.ts";
export { vern9 } from "./methods/vern9.ts";
export { gmres, type Gmres, type GmresOptions, type NewtonOptions } from "./newton/krylov.ts";
export type { ExplicitMethod } from "./families/explicit/tableau.ts";
export type { Family, Method } from "./step/method.ts";
export type { RadauMethod } from "./families/radau/tableau.ts";
export type { RosenbrockMethod } from "./families/rosenbrock/tableau.ts";
export type { AdamsMethod } from "./families/adams/tableau.ts";
export type { BdfMethod } from "./families/bdf/tableau.ts";
export type { SdirkMethod } from "./families/sdirk/tableau.ts";
export type { SymplecticMethod } from "./families/symplectic/tableau.ts";
export type { StabilizedMethod } from "./families/stabilized/tableau.ts";
export { integral, pi, pid, predictive, type ControllerOptions, type Filter, type StepController } from "./step/controllers.ts";
export { methodNamed, methods, type MethodName } from "./methods/index.ts";
export type { Progress } from "./step-loop/request.ts";
export type { SavedComponents } from "./solution/components.ts";
export { Solution, type SolutionRecord, type SolutionStatistics } from "./solution/solution.ts";
export { solutionFromJson, type SavedSolution } from "./solution/saved.ts";
export { solve, type SolveOptions } from "./solve/solve.ts";
export {
  steadyState,
  type Complex,
  type SteadyProgress,
  type SteadyState,
  type SteadyStateOptions,
  type SteadyStatistics,
} from "./steady/steady-state.ts";
export type { StepOptions } from "./solve/step-options.ts";
export * from "./batch/index.ts";
