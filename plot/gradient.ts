/** A gradient as a picture. */
import { componentNames } from "../src/arrays/layout.ts";
import type { OdeProblem } from "../src/problem.ts";
import { barsFigure, type Bar } from "./bars.ts";
import { fieldFigure, fieldsOf } from "./field.ts";
import type { Figure } from "./figure.ts";

/** What is drawn of a gradient: derivatives by parameters and initial state, flat, and by the ends of the time span. */
export interface Derivatives {
  readonly flat: { readonly p?: Float64Array; readonly u0?: Float64Array };
  readonly gradient: { readonly t0?: number; readonly t1?: number };
}

type Problem = Pick<OdeProblem, "name" | "layout">;

/** Every component of the gradient, those by the initial state named "u0.prey", "u0[3]". */
export function gradientComponents({ layout }: Problem, { flat, gradient: { t0, t1 } }: Derivatives): Bar[] {
  const named = (names: string[], values: ArrayLike<number> | undefined): Bar[] =>
    values ? names.map((name, i) => ({ name, value: values[i] })) : [];
  const stateNames = componentNames(layout.u, "").map((name) => (layout.u.kind === "struct" ? `u0.${name}` : `u0${name}`));
  return [
    ...named(componentNames(layout.p, "p"), flat.p),
    ...named(stateNames, flat.u0),
    ...(t0 === undefined ? [] : [{ name: "t0", value: t0 }]),
    ...(t1 === undefined ? [] : [{ name: "t1", value: t1 }]),
  ];
}

/** A gradient by fields is drawn as fields, any other as bars. Throws MissingPackage. */
export async function gradientFigure(problem: Problem, derivatives: Derivatives): Promise<Figure> {
  const title = `${problem.name}: gradient of the loss`;
  const { p, u0 } = derivatives.flat;
  const fields = [...(u0 ? fieldsOf(problem.layout.u, u0) : []), ...(p ? fieldsOf(problem.layout.p, p) : [])];
  return fields.length
    ? fieldFigure(fields, title)
    : barsFigure(gradientComponents(problem, derivatives), title, "derivative of the loss");
}
