/** The code of a problem from the functions that its author states. */
import { advisedOnOrder } from "./argument-order.ts";
import type { Layout } from "../arrays/layout.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { ProblemCode } from "./code.ts";
import { Operator } from "./operator.ts";
import { operators } from "./operators.ts";
import type { PlainFunction } from "./plain-operator.ts";
import { eventPointsFrom, pointsFrom, type Start } from "./points.ts";

/** The functions of a problem. */
export interface ProblemFunctions {
  readonly rhs: PlainFunction;
  /** apply(u, p, t, constants), which changes u in place. */
  readonly apply?: PlainFunction;
  /** The author's own. */
  readonly derivatives?: Derivatives;
}

export interface Stated {
  readonly layout: { readonly u: Layout; readonly p: Layout };
  readonly constants?: unknown;
  /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. */
  readonly inPlace: boolean;
  readonly name: string;
  /** Where the functions can be called; by default anywhere. */
  readonly start?: Start;
}

export function codeOf({ rhs, apply, derivatives }: ProblemFunctions, stated: Stated): ProblemCode {
  const { layout, constants, inPlace, name, start } = stated;
  const at = start ?? { u0: ones(layout.u), p: ones(layout.p), tspan: [0, 1] };
  const inputsOf = (points: ReturnType<typeof pointsFrom>) => points.map(({ u, p, t }) => [u, p, t]);
  // The author's derivatives see the constants themselves.
  const shared = { spaces: layout, constants, data: derivatives ? undefined : ("arrays" as const) };
  return new ProblemCode(
    {
      rhs: new Operator(operators.rhs, {
        ...shared,
        fn: rhs,
        name,
        inPlace,
        points: () => inputsOf(pointsFrom(at)),
        advised: inPlace ? undefined : advisedOnOrder,
      }),
      ...(apply && {
        apply: new Operator(operators.apply, {
          ...shared,
          fn: apply,
          name: "events.apply",
          points: () => inputsOf(eventPointsFrom(at)),
        }),
      }),
    },
    derivatives,
    at,
  );
}

function ones({ size }: Layout): Float64Array {
  return new Float64Array(size).fill(1);
}
