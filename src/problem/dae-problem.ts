/** Problems that are stated by a residual, F(u', u, p, t) = 0. */
import { layoutOf } from "../arrays/layout.ts";
import { packFinite } from "../arrays/pack.ts";
import { listing } from "./captured.ts";
import { checkOptions, type Checks } from "../core/options/check.ts";
import { anything, callable, oneOf, text } from "../core/options/kinds.ts";
import { checkTimeSpan, timeSpan } from "../core/options/time-span.ts";
import { BadProblem } from "./errors.ts";
import { checkedEvents, eventsCheck } from "./events.ts";
import { isInPlace } from "./in-place.ts";
import type { PlainFunction } from "./plain-operator.ts";
import { startingDerivative } from "./problem.ts";
import type { DaeProblemSpec, OdeProblem } from "./specification.ts";
import { residualEquation } from "./residual-equation.ts";
import { codeOf } from "./stated.ts";

const specChecks: Checks<DaeProblemSpec<unknown, unknown, unknown>> = {
  residual: callable,
  u0: anything,
  du0: anything,
  tspan: timeSpan,
  p: anything,
  constants: anything,
  events: eventsCheck,
  initialise: oneOf("algebraic"),
  name: text,
};

/**
 * States an initial value problem of differential-algebraic equations, F(u', u, p, t) = 0, of index one. It is solved, and differentiated,
 * as one that `odeProblem` makes is, by an implicit method that takes mass matrices: the BDF of fbdf, as in
 * IDA, radauIIA5, or the default, rodas5P. Which derivatives the residual depends on, and how, is found in its text: their number is solved for
 * beside the state. The iteration matrix is made of ∂F/∂u and ∂F/∂u', with the entries that are not zero.
 *
 * Throws as `odeProblem` does; and ReadError where the residual cannot be read.
 *
 * @example
 * const circuit = daeProblem({
 *   residual(r, du, u, p, t) {
 *     r.charge = du.charge - u.current;
 *     r.current = u.charge / p.capacity + p.resistance * u.current - Math.sin(t);
 *   },
 *   u0: { charge: 0, current: 0 },
 *   tspan: [0, 10],
 *   p: { capacity: 1, resistance: 2 },
 * });
 */
export function daeProblem<U, P = number[], C = unknown>(spec: DaeProblemSpec<U, P, C>): OdeProblem<U, P, C> {
  if (typeof spec === "function") throw new BadProblem(`daeProblem: give more than the residual: ${EXAMPLE}.`);
  checkOptions(spec, specChecks, "daeProblem");
  if (spec.residual === undefined) throw new BadProblem(`daeProblem: there is no residual. Give one: ${EXAMPLE}.`);
  const residual = spec.residual as PlainFunction;
  const { u0, du0, tspan, p = [] as P, constants = undefined as C, name = residual.name || "residual", initialise } = spec;
  const layout = { u: layoutOf(u0, "u0"), p: layoutOf(p, "p") };
  const state = packFinite(layout.u, u0, "u0");
  const parameters = packFinite(layout.p, p, "p");
  checkTimeSpan(tspan);
  const derivative = startingDerivative(layout.u, du0);
  const inPlace = isInPlace(residual, name, layout, state, parameters, tspan[0], constants, derivative);
  const events = spec.events && checkedEvents(spec.events, layout.u);
  const start = { u0: state, p: parameters, tspan };
  const code = codeOf(
    { rhs: residual, events },
    { layout, constants, inPlace, name, start, asEquation: residualEquation(derivative) },
  );
  return listing({
    name,
    rhs: residual,
    residual,
    u0,
    ...(du0 !== undefined && { du0 }),
    p,
    tspan,
    constants,
    events,
    initialise,
    layout: code.layout,
    inPlace,
    code,
  });
}

const EXAMPLE = "daeProblem({ residual(r, du, u, p, t) { … }, u0, tspan, p })";
