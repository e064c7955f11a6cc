/** The methods, by name. */
import { UnknownSolver } from "../step/errors.ts";
import { bs3 } from "./bs3.ts";
import { dop853 } from "./dop853.ts";
import { dp5 } from "./dp5.ts";
import { euler } from "./euler.ts";
import { fbdf } from "./fbdf.ts";
import { heun } from "./heun.ts";
import { implicitEuler } from "./implicit-euler.ts";
import { implicitMidpoint } from "./implicit-midpoint.ts";
import { kahanLi8 } from "./kahan-li8.ts";
import { kenCarp3 } from "./ken-carp3.ts";
import { kenCarp4 } from "./ken-carp4.ts";
import { kenCarp5 } from "./ken-carp5.ts";
import { kvaerno3 } from "./kvaerno3.ts";
import { kvaerno5 } from "./kvaerno5.ts";
import { midpoint } from "./midpoint.ts";
import { radauIIA3 } from "./radau-iia3.ts";
import { radauIIA5 } from "./radau-iia5.ts";
import { radauIIA9 } from "./radau-iia9.ts";
import { ralston } from "./ralston.ts";
import { rk4 } from "./rk4.ts";
import { rkc } from "./rkc.ts";
import { rock2 } from "./rock2.ts";
import { rock4 } from "./rock4.ts";
import { rodas3 } from "./rodas3.ts";
import { rodas4 } from "./rodas4.ts";
import { rodas4P } from "./rodas4p.ts";
import { rodas5 } from "./rodas5.ts";
import { rodas5P } from "./rodas5p.ts";
import { rosenbrock23 } from "./rosenbrock23.ts";
import { ssprk33 } from "./ssprk33.ts";
import { ssprk43 } from "./ssprk43.ts";
import { trapezoid } from "./trapezoid.ts";
import { trbdf2 } from "./trbdf2.ts";
import { tsit5 } from "./tsit5.ts";
import { vcabm } from "./vcabm.ts";
import { velocityVerlet } from "./velocity-verlet.ts";
import { vern6 } from "./vern6.ts";
import { vern7 } from "./vern7.ts";
import { vern8 } from "./vern8.ts";
import { vern9 } from "./vern9.ts";
import type { Method } from "../step/method.ts";

/** Constructors; those of fixed step need `dt`. */
export const methods = {
  euler,
  midpoint,
  heun,
  ralston,
  ssprk33,
  ssprk43,
  rk4,
  bs3,
  dp5,
  tsit5,
  vern6,
  vern7,
  vern8,
  vern9,
  dop853,
  vcabm,
  rkc,
  rock2,
  rock4,
  rosenbrock23,
  rodas3,
  rodas4,
  rodas4P,
  rodas5,
  rodas5P,
  implicitEuler,
  implicitMidpoint,
  trapezoid,
  trbdf2,
  kvaerno3,
  kvaerno5,
  kenCarp3,
  kenCarp4,
  kenCarp5,
  radauIIA3,
  radauIIA5,
  radauIIA9,
  fbdf,
  velocityVerlet,
  kahanLi8,
} as const;

export type MethodName = keyof typeof methods;

/** The method of a name, as on a command line. Throws {@link UnknownSolver}, and MissingStepSize for a method that needs `dt`. */
export function methodNamed(name: string, options: { readonly dt?: number } = {}): Method {
  if (typeof name !== "string" || !Object.hasOwn(methods, name)) throw new UnknownSolver(name, Object.keys(methods));
  return (methods[name as MethodName] as (options: { readonly dt?: number }) => Method)(options);
}
