/** A solution as a picture. */
import { componentNames, type Layout } from "../src/arrays/layout.ts";
import { fieldFigure } from "./field.ts";
import { fieldsOf } from "./fields.ts";
import type { Figure } from "./figure.ts";
import { formatNumber } from "./numbers.ts";
import { seriesFigure, type Moments } from "./series.ts";

/** Saved states, flat, one a time. */
export interface SavedStates {
  readonly t: Float64Array;
  readonly states: readonly Float64Array[];
  readonly switches?: readonly Moments[];
}

/** A state that holds fields is drawn as it ends, any other over time, with lines where decisions switched. Throws MissingPackage. */
export async function solutionFigure({ t, states, switches = [] }: SavedStates, layout: Layout, title: string): Promise<Figure> {
  const fields = fieldsOf(layout, states[states.length - 1]);
  return fields.length
    ? fieldFigure(fields, `${title} at t = ${formatNumber(t[t.length - 1])}`)
    : seriesFigure(
        { t, u: states, names: componentNames(layout, "u"), switches: switches.map(({ text, times }) => ({ text, times })) },
        title,
      );
}
