/** Initial states that are steady states, of the same problem or of another one. */
import { unpack } from "../../src/arrays/pack.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything, callable, count, tolerance } from "../../src/core/options/kinds.ts";
import { ownLayout } from "../../src/arrays/layout.ts";
import { packFinite } from "../../src/arrays/pack.ts";
import { withOperator } from "../../src/problem/own-operators.ts";
import { requireProblem, type OdeProblem } from "../../src/problem/problem.ts";
import { restAt, type SteadyStartOptions } from "./rest.ts";
import { SteadyStart } from "./steady-start.ts";

export type { SteadyStartOptions } from "./rest.ts";

const checks: Checks<SteadyStartOptions> = {
  parameters: callable,
  state: callable,
  constants: anything,
  rtol: tolerance,
  maxSteps: count,
};

/**
 * The initial state of a problem that begins at a steady state: that of a cell before its treatment, of a reactor before its feed changes. It
 * is a function of the parameters, found by `steadyState` wherever a solve begins, and derivatives by p go through it by the implicit function
 * theorem: of first and second order, in `gradient`, `hessian`, `sensitivities`, `fit` and batches. With conservation laws it has the totals
 * that the problem's own u0 has, which may depend on p, too.
 *
 * @param problem - The problem that is at rest: it does not depend on t, and has no events and no mass matrix. Its u0 says in which basin.
 * @param options - How parameters and states of the two problems belong together, where they differ.
 * @returns What is to be given as `u0` of the problem that begins there.
 * @throws UnknownOption and BadOption. Problems that begin there throw BadProblem where shapes differ, and what `steadyState` throws;
 * derivatives DegenerateSteadyState where the steady state is one of many side by side.
 * @example
 * const atRest = fromSteadyState(untreated); // with a name of its own, by which TypeScript infers the state
 * const treated = odeProblem({ u0: atRest, rhs, p: untreated.p, tspan: [0, 10] });
 */
export function fromSteadyState<U, P>(
  problem: OdeProblem<U, P>,
  options?: Pick<SteadyStartOptions, "rtol" | "maxSteps">,
): (p: P) => U;
export function fromSteadyState<U, P, P2, C = undefined>(
  problem: OdeProblem<U, P>,
  options: SteadyStartOptions<U, P, U, P2, C> & { readonly parameters: (p: P2, constants: C) => P; readonly state?: undefined },
): (p: P2) => U;
export function fromSteadyState<U, P, U2, P2 = P, C = undefined>(
  problem: OdeProblem<U, P>,
  options: SteadyStartOptions<U, P, U2, P2, C> & { readonly state: (u: U, p: P2, constants: C) => U2 },
): (p: P2) => U2;
export function fromSteadyState(problem: OdeProblem, options: SteadyStartOptions = {}): (p: unknown) => unknown {
  requireProblem(problem, "fromSteadyState");
  checkOptions(options, checks, "fromSteadyState");
  const rest = { problem, options };
  const u0 = (p: unknown): unknown => {
    const { parameters, state, constants } = options;
    const ofRest = parameters ? parameters(p, constants) : p;
    const { u: layout, p: ofP } = problem.layout;
    const flat = restAt(rest, packFinite(ofP, ofRest, "p")).u;
    const u = unpack(ownLayout(layout), flat.slice());
    return state ? state(u, p, constants) : u;
  };
  return withOperator(u0, (given) => new SteadyStart(rest, given));
}
