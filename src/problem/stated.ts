/** The code of a problem from the functions that its author states. */
import { advisedOnOrder } from "./argument-order.ts";
import type { Layout } from "../arrays/layout.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { ProblemCode, type EventOperators } from "./code.ts";
import type { MassMatrix } from "./mass-matrix.ts";
import { Operator, type AsEquation, type Equation, type OperatorOptions } from "./operator.ts";
import { operators } from "./operators.ts";
import type { CheckedEvent } from "./events.ts";
import { timesAt, timesLayout, timesWithin } from "./event-times.ts";
import { ownOperator } from "./own-operators.ts";
import type { Inputs, PlainFunction } from "./plain-operator.ts";
import { eventPointsFrom, pointsFrom, type Start, type TriedPoint } from "./points.ts";
import { splitOperator, type Split } from "./split.ts";

/** The functions of a problem. */
export interface ProblemFunctions {
  /** The right-hand side, or the residual. */
  readonly rhs: PlainFunction | Split;
  readonly events?: readonly CheckedEvent[];
  /** The initial state as a function of the parameters. */
  readonly u0?: PlainFunction;
  /** In place. */
  readonly preconditioner?: PlainFunction;
  /** The author's own. */
  readonly derivatives?: Derivatives;
}

export interface Stated {
  /** The user's. */
  readonly layout: { readonly u: Layout; readonly p: Layout };
  readonly constants?: unknown;
  /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. Each part has its own form. */
  readonly inPlace: boolean;
  readonly name: string;
  /** M of M u' = rhs; by default the identity. */
  readonly mass?: MassMatrix;
  /** Where the functions can be called; by default anywhere. */
  readonly start?: Start;
  /** Of `rhs` that is a residual, what makes a right-hand side of it (see residual-equation.ts); problems without one go without that. */
  readonly asEquation?: AsEquation;
}

/** Throws ReadError where a residual cannot be read. */
export function codeOf(functions: ProblemFunctions, stated: Stated): ProblemCode {
  const { preconditioner, derivatives, u0 } = functions;
  const { constants } = stated;
  const at = stated.start ?? { u0: ones(stated.layout.u), p: ones(stated.layout.p), tspan: [0, 1] as const };
  // The author's derivatives see the constants themselves.
  const shared = { constants, data: derivatives ? undefined : ("arrays" as const) };
  const { rhs, mass, from } = equationOf(functions.rhs, stated, shared, at);
  const spaces = rhs.spaces;
  const ofEvents = { ...shared, spaces: { u: spaces.u, p: spaces.p } };
  const events = functions.events ?? [];
  return new ProblemCode(
    {
      rhs,
      u0: u0 && startOperator({ ...shared, spaces, fn: u0, name: "u0", points: () => pointsFrom(at).map(({ p }) => [p]) }),
      preconditioner:
        preconditioner &&
        new Operator(operators.preconditioner, {
          ...shared,
          spaces,
          fn: preconditioner,
          name: "preconditioner",
          inPlace: true,
          // Of a step that is as long as the time span, about.
          points: () => pointsFrom(at).map(({ u, p, t }) => [ones(spaces.u), u, p, t, 1 / (at.tspan[1] - at.tspan[0])]),
        }),
    },
    derivatives,
    from,
    events.map((event, k) => eventOperators(event, events.length === 1 ? "events" : `events[${k}]`, ofEvents, from)),
    mass,
  );
}

function startOperator(given: OperatorOptions): Operator {
  return ownOperator(given) ?? new Operator(operators.u0, given);
}

type Shared = Pick<OperatorOptions, "constants" | "data">;

function equationOf(
  stated: PlainFunction | Split,
  { layout, inPlace, name, mass, asEquation }: Stated,
  shared: Shared,
  at: Start,
): Equation {
  const given = { ...shared, name, spaces: layout };
  if (asEquation) return asEquation({ ...given, fn: stated as PlainFunction, inPlace }, at);
  const ofRhs = { ...given, points: () => inputsOf(pointsFrom(at)) };
  const rhs =
    typeof stated === "function"
      ? new Operator(operators.rhs, { ...ofRhs, fn: stated, inPlace, advised: inPlace ? undefined : advisedOnOrder })
      : splitOperator(stated, ofRhs);
  return { rhs, mass, from: at };
}

/** As those of (u, p, t) take them. */
export function inputsOf(points: ReturnType<typeof pointsFrom>): Inputs[] {
  return points.map(({ u, p, t }) => [u, p, t]);
}

function eventOperators(
  event: CheckedEvent,
  name: string,
  shared: Shared & Pick<OperatorOptions, "spaces">,
  from: Start,
): EventOperators {
  const { spaces, constants } = shared;
  const { at, when, apply } = event;
  const operator = <K extends "times" | "when" | "apply">(key: K, fn: PlainFunction, options: Partial<OperatorOptions>) =>
    new Operator(operators[key], {
      ...shared,
      fn,
      name: `${name}.${key === "times" ? "at" : key}`,
      points: () => [],
      ...options,
    });
  const layoutOfTimes = (fn: PlainFunction): Layout => timesLayout(fn, `${name}.at`, spaces.p, from.p, constants);
  const times =
    typeof at === "function"
      ? operator("times", at as PlainFunction, {
          spaces: { ...spaces, times: layoutOfTimes(at as PlainFunction) },
          points: () => pointsFrom(from).map(({ p }) => [p]),
        })
      : undefined;
  const tried = (): readonly TriedPoint[] => {
    const given = timesAt(event, { name, times }, from.p);
    return eventPointsFrom(from, given && timesWithin(given, from.tspan));
  };
  return {
    name,
    times,
    when: when && operator("when", when as PlainFunction, { points: () => inputsOf(tried()) }),
    apply:
      apply &&
      operator("apply", apply as PlainFunction, { points: () => tried().map(({ u, p, t, index }) => [u, p, t, index!]) }),
  };
}

function ones({ size }: Layout): Float64Array {
  return new Float64Array(size).fill(1);
}
