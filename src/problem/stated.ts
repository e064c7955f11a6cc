/** The code of a problem from the functions that its author states. */
import { advisedOnOrder } from "./argument-order.ts";
import type { Layout } from "../arrays/layout.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { ProblemCode, type EventOperators } from "./code.ts";
import type { MassMatrix } from "./mass-matrix.ts";
import { Operator, type AsEquation, type Equation, type OperatorOptions } from "./operator.ts";
import { operators } from "./operators.ts";
import { timesWithin, type CheckedEvent } from "./events.ts";
import type { Inputs, PlainFunction } from "./plain-operator.ts";
import { eventPointsFrom, pointsFrom, type Start, type TriedPoint } from "./points.ts";
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
  /** Of `rhs` that is a residual, what makes a right-hand side of it (see residual-equation.ts); problems without one go without that. */
  readonly asEquation?: AsEquation;
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
