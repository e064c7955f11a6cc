/** The code of a problem from the functions that its author states. */
import { advisedOnOrder } from "./argument-order.ts";
import type { Layout } from "../arrays/layout.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { ProblemCode } from "./code.ts";
import type { MassMatrix } from "./mass-matrix.ts";
import { Operator } from "./operator.ts";
import { operators } from "./operators.ts";
import { timesWithin, type CheckedEvent } from "./events.ts";
import type { Inputs, PlainFunction } from "./plain-operator.ts";
import { eventPointsFrom, pointsFrom, type Start, type TriedPoint } from "./points.ts";
import { splitOperator, type Split } from "./split.ts";

/** The functions of a problem. */
export interface ProblemFunctions {
  readonly rhs: PlainFunction | Split;
  readonly events?: readonly CheckedEvent[];
  /** In place. */
  readonly preconditioner?: PlainFunction;
  /** The author's own. */
  readonly derivatives?: Derivatives;
}

export interface Stated {
  readonly layout: { readonly u: Layout; readonly p: Layout };
  readonly constants?: unknown;
  /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. Each part has its own form. */
  readonly inPlace: boolean;
  readonly name: string;
  /** M of M u' = rhs; by default the identity. */
  readonly mass?: MassMatrix;
  /** Where the functions can be called; by default anywhere. */
  readonly start?: Start;
}

export function codeOf({ rhs, events = [], preconditioner, derivatives }: ProblemFunctions, stated: Stated): ProblemCode {
  const { layout, constants, inPlace, name, start, mass } = stated;
  const at = start ?? { u0: ones(layout.u), p: ones(layout.p), tspan: [0, 1] };
  const inputsOf = (points: ReturnType<typeof pointsFrom>) => points.map(({ u, p, t }) => [u, p, t]);
  // The author's derivatives see the constants themselves.
  const shared = { spaces: layout, constants, data: derivatives ? undefined : ("arrays" as const) };
  const ofRhs = { ...shared, name, points: () => inputsOf(pointsFrom(at)) };
  return new ProblemCode(
    {
      rhs:
        typeof rhs === "function"
          ? new Operator(operators.rhs, { ...ofRhs, fn: rhs, inPlace, advised: inPlace ? undefined : advisedOnOrder })
          : splitOperator(rhs, ofRhs),
      preconditioner:
        preconditioner &&
        new Operator(operators.preconditioner, {
          ...shared,
          fn: preconditioner,
          name: "preconditioner",
          inPlace: true,
          // Of a step that is as long as the time span, about.
          points: () => pointsFrom(at).map(({ u, p, t }) => [ones(layout.u), u, p, t, 1 / (at.tspan[1] - at.tspan[0])]),
        }),
    },
    derivatives,
    at,
    events.map(({ when, apply, at: times }, k) => {
      const event = events.length === 1 ? "events" : `events[${k}]`;
      const tried = (): readonly TriedPoint[] => eventPointsFrom(at, times && timesWithin(times, at.tspan));
      const points = {
        when: () => inputsOf(tried()),
        apply: (): Inputs[] => tried().map(({ u, p, t, index }) => [u, p, t, index!]),
      };
      const operator = (key: "when" | "apply", fn: CheckedEvent["apply"]): Operator | undefined =>
        fn && new Operator(operators[key], { ...shared, fn: fn as PlainFunction, name: `${event}.${key}`, points: points[key] });
      return { name: event, when: operator("when", when), apply: operator("apply", apply) };
    }),
    mass,
  );
}

function ones({ size }: Layout): Float64Array {
  return new Float64Array(size).fill(1);
}
