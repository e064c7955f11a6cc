/** A gradient as a picture. */
import { componentNames, type Layout } from "../src/arrays/layout.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { barsFigure, type Bar } from "./bars.ts";
import { fieldFigure } from "./field.ts";
import { fieldsOf } from "./fields.ts";
import type { Figure } from "./figure.ts";

/** What is drawn of a gradient: derivatives by parameters and initial state, flat, and by the ends of the time span. */
export interface Derivatives {
  readonly flat: { readonly p?: Float64Array; readonly u0?: Float64Array };
  readonly gradient: { readonly t0?: number; readonly t1?: number };
}

export type DifferentiatedProblem = Pick<OdeProblem, "name" | "layout">;

/** Every component of the gradient, by its whole name: "p.a", "u0.prey", "u0[3]", "t1". */
export function gradientComponents({ layout }: DifferentiatedProblem, { flat, gradient: { t0, t1 } }: Derivatives): Bar[] {
  const named = (what: string, of: Layout, values: ArrayLike<number> | undefined): Bar[] =>
    values
      ? componentNames(of, "").map((name, i) => ({ name: what + (of.kind === "struct" ? `.${name}` : name), value: values[i] }))
      : [];
  return [
    ...named("p", layout.p, flat.p),
    ...named("u0", layout.u, flat.u0),
    ...(t0 === undefined ? [] : [{ name: "t0", value: t0 }]),
    ...(t1 === undefined ? [] : [{ name: "t1", value: t1 }]),
  ];
}

/** A gradient by fields is drawn as fields, any other as bars. Throws MissingPackage. */
export async function gradientFigure(problem: DifferentiatedProblem, derivatives: Derivatives): Promise<Figure> {
  const title = `${problem.name}: gradient of the loss`;
  const { p, u0 } = derivatives.flat;
  const fields = [...(u0 ? fieldsOf(problem.layout.u, u0, "u0") : []), ...(p ? fieldsOf(problem.layout.p, p, "p") : [])];
  return fields.length
    ? fieldFigure(fields, title)
    : barsFigure(gradientComponents(problem, derivatives), title, "derivative of the loss");
}
