/** What the tables hold, for tests that run over all of it, or over one of each kind. */
import { adjointMethods } from "../sensitivity/adjoints/index.ts";
import type { MethodTraits } from "../sensitivity/adjoints/shared/method.ts";
import type { Capabilities } from "../sensitivity/vjp/backend.ts";
import { vjpBackends } from "../sensitivity/vjp/backends/index.ts";
import type { families } from "../solvers/methods/families.ts";
import type { Method } from "../solvers/step/method.ts";
import { fbdf, kvaerno3, methodNamed, methods, radauIIA5, rodas5P, tsit5, vcabm, type MethodName } from "../solvers/index.ts";

export const methodNames = Object.keys(methods) as readonly MethodName[];

/** Whether a method's steps are of one length, which it has to be given. */
export const needsStep = (name: MethodName): boolean => methods[name].length > 0;

export const methodBy = (name: MethodName, dt: number): Method => methodNamed(name, needsStep(name) ? { dt } : undefined);

/** Those that take any right-hand side. */
export const everyMethod = (dt: number): readonly Method[] => allMethods(dt).filter(({ family }) => !family.alternates);

/** Those that take a right-hand side of position and velocity. */
export const alternatingMethods = (dt: number): readonly Method[] => allMethods(dt).filter(({ family }) => family.alternates);

const allMethods = (dt: number): readonly Method[] => methodNames.map((name) => methodBy(name, dt));

/** Those that control their errors. */
export const adaptiveMethods = methodNames.filter((name) => !needsStep(name)).map((name) => methodNamed(name));

export const implicitMethods = adaptiveMethods.filter(({ family }) => family.implicit);

/**
 * A family that is new does not type-check before it is here. Order 2 is too low for the answers that tests ask for at their tolerances:
 * the stabilized families have tests of their own, and so have the symplectic ones, which take no other right-hand sides than those in halves.
 */
const representatives: Readonly<Record<keyof typeof families, Method | undefined>> = {
  explicit: tsit5(),
  rosenbrock: rodas5P(),
  sdirk: kvaerno3(),
  radau: radauIIA5(),
  adams: vcabm(),
  bdf: fbdf(),
  stabilized: undefined,
  rock: undefined,
  symplectic: undefined,
};

/** What is the same for all methods of a family is tested with one of them. */
export const oneOfEachFamily: readonly Method[] = Object.values(representatives).filter((method) => method !== undefined);

/** The names of the adjoint methods, or of those with such traits. */
export function adjointsThat(has: (traits: MethodTraits) => boolean = () => true): string[] {
  return Object.values(adjointMethods).flatMap(({ name, traits }) => (has(traits) ? [name] : []));
}

/** One of each family that an adjoint method goes back with. */
export function solversOf(adjoint: string): readonly Method[] {
  const { stiff } = adjointMethods[adjoint as keyof typeof adjointMethods].traits;
  return oneOfEachFamily.filter(({ family }) => stiff || !family.implicit);
}

/** Each adjoint method with one of each family that it takes; the solver's name for the test's. */
export const eachWay = adjointsThat().flatMap((adjoint) =>
  solversOf(adjoint).map((solver) => [adjoint, solver.name, solver] as const),
);

/** The names of the backends that take functions without derivatives of their own, or of those with such capabilities. */
export function backendsThat(can: (capabilities: Capabilities) => boolean = () => true): string[] {
  return Object.values(vjpBackends).flatMap(({ name, capabilities }) =>
    !capabilities.needsDerivatives && can(capabilities) ? [name] : [],
  );
}
