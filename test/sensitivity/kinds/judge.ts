/** What the library makes of a model with nothing said. */
import { OdegradError } from "../../../src/core/errors.ts";
import { gradient } from "../../../sensitivity/gradient.ts";
import { expected, stated, type Model } from "./model.ts";

export interface Judgement {
  /** Wrong is by more than 1 % without a word. */
  readonly verdict: "right" | "told" | "refused" | "wrong";
  /** Relative, in natural units, of the gradient. */
  readonly error: number;
  readonly text: string;
}

const allowed = 0.01;
/** A gradient below this part of the model's size is held to an error of a hundred tolerances of that size. */
const negligible = 1e-2;

export function judge(model: Model): Judgement {
  const { problem, loss, text } = stated(model);
  const right = expected(model);
  const { wrt, units, parts } = model;
  const scales = { p: units.p, u0: parts.flatMap(({ u0 }, k) => u0.map(() => units.u[k])) };
  let result;
  try {
    result = gradient(problem, { loss, wrt: [...wrt] });
  } catch (error) {
    if (!(error instanceof OdegradError)) throw error;
    return { verdict: "refused", error: NaN, text: `${text}\n${error.name}: ${error.message}` };
  }
  const found = wrt.flatMap((input) => Array.from(result.flat[input]!, (x, j) => (x * scales[input][j]) / units.loss));
  const wanted = wrt.flatMap((input) => right[input]);
  const size = Math.max(Math.hypot(...wanted), negligible * right.size);
  const gap = Math.hypot(...found.map((x, j) => x - wanted[j]));
  const error = gap === 0 ? 0 : gap / size;
  const { warnings } = result;
  const verdict = error <= allowed ? "right" : warnings.length > 0 ? "told" : "wrong";
  const names = parts.map(({ name }) => name).join("; ");
  return {
    verdict,
    error,
    text: [
      names,
      text,
      `by ${wrt.join(", ")}: ${result.plan.summary}, ${result.stats.forward.steps} steps`,
      `found, in natural units:  ${shown(found)}`,
      `right:                    ${shown(wanted)}`,
      `error ${error.toExponential(1)}${warnings.map((warning) => `\n${warning}`).join("")}`,
    ].join("\n"),
  };
}

function shown(values: readonly number[]): string {
  return values.map((x) => x.toPrecision(6)).join(", ");
}
