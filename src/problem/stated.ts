/** The code of a problem from the functions that its author states. */
import { advisedOnOrder } from "./argument-order.ts";
import type { Layout } from "../arrays/layout.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { ProblemCode, type EventOperators } from "./code.ts";
import { derivativeForm } from "./derivative-form.ts";
import type { MassMatrix } from "./mass-matrix.ts";
import { Operator, type OperatorOptions } from "./operator.ts";
import { operators } from "./operators.ts";
import { timesWithin, type CheckedEvent } from "./events.ts";
import type { Inputs, PlainFunction } from "./plain-operator.ts";
import { eventPointsFrom, pointsFrom, type Start, type TriedPoint } from "./points.ts";
import { derivativesIn, massOfDerivatives, ResidualOperator } from "./residual-operator.ts";
import { splitOperator, type Split } from "./split.ts";

/** The functions of a problem. */
export interface ProblemFunctions {
  /** The right-hand side, or the residual. */
  readonly rhs: PlainFunction | Split;
  readonly events?: readonly CheckedEvent[];
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
  /** Is `rhs` a residual? Then about what the derivative of the state is at the start. */
  readonly derivative?: Float64Array;
}

/** Throws ReadError where a residual cannot be read. */
export function codeOf(functions: ProblemFunctions, stated: Stated): ProblemCode {
  const { preconditioner, derivatives } = functions;
  const { constants } = stated;
  const at = stated.start ?? { u0: ones(stated.layout.u), p: ones(stated.layout.p), tspan: [0, 1] as const };
  // The author's derivatives see the constants themselves.
  const shared = { constants, data: derivatives ? undefined : ("arrays" as const) };
  const { rhs, mass, from } = equationOf(functions.rhs, stated, shared, at);
  const spaces = rhs.spaces;
  return new ProblemCode(
    {
      rhs,
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
    eventsOf(functions.events ?? [], { ...shared, spaces: { u: spaces.u, p: spaces.p } }, from),
    mass,
  );
}

type Shared = Pick<OperatorOptions, "constants" | "data">;

interface Equation {
  readonly rhs: Operator;
  readonly mass?: MassMatrix;
  /** Where it can be called. */
  readonly from: Start;
}

function equationOf(
  stated: PlainFunction | Split,
  { layout, inPlace, name, mass, derivative }: Stated,
  shared: Shared,
  at: Start,
): Equation {
  const given = { ...shared, name, spaces: layout };
  if (!derivative) {
    const ofRhs = { ...given, points: () => inputsOf(pointsFrom(at)) };
    const rhs =
      typeof stated === "function"
        ? new Operator(operators.rhs, { ...ofRhs, fn: stated, inPlace, advised: inPlace ? undefined : advisedOnOrder })
        : splitOperator(stated, ofRhs);
    return { rhs, mass, from: at };
  }
  const points = (): Inputs[] => pointsFrom(at).map(({ u, p, t }) => [derivative, u, p, t]);
  const residual = new Operator(operators.residual, { ...given, fn: stated as PlainFunction, inPlace, points });
  const form = derivativeForm(residual.program(), at, derivative);
  const u0 = Float64Array.from([...at.u0, ...derivativesIn(form, derivative)]);
  const from = { ...at, u0 };
  const rhs = new ResidualOperator(residual, form, () => inputsOf(pointsFrom(from)));
  return { rhs, mass: massOfDerivatives(at.u0.length, form), from };
}

function inputsOf(points: ReturnType<typeof pointsFrom>): Inputs[] {
  return points.map(({ u, p, t }) => [u, p, t]);
}

function eventsOf(
  events: readonly CheckedEvent[],
  shared: Shared & Pick<OperatorOptions, "spaces">,
  at: Start,
): EventOperators[] {
  return events.map(({ when, apply, at: times }, k) => {
    const event = events.length === 1 ? "events" : `events[${k}]`;
    const tried = (): readonly TriedPoint[] => eventPointsFrom(at, times && timesWithin(times, at.tspan));
    const points = {
      when: () => inputsOf(tried()),
      apply: (): Inputs[] => tried().map(({ u, p, t, index }) => [u, p, t, index!]),
    };
    const operator = (key: "when" | "apply", fn: CheckedEvent["apply"]): Operator | undefined =>
      fn && new Operator(operators[key], { ...shared, fn: fn as PlainFunction, name: `${event}.${key}`, points: points[key] });
    return { name: event, when: operator("when", when), apply: operator("apply", apply) };
  });
}

function ones({ size }: Layout): Float64Array {
  return new Float64Array(size).fill(1);
}
