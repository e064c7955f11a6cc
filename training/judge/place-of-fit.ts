/** Where a fit is on the scales of a model that is stated anew. */
import type { Misfit } from "../objective/misfit.ts";
import { badStart } from "../objective/model.ts";
import type { LeastSquares } from "../optimisers/optimiser.ts";
import { BadParameter } from "../parameters/errors.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { Fit } from "./fit-result.ts";

/** Of the largest prediction of its name: predictions that differ by less are of one fit. */
const ALIKE = 1e-3;

/** Throws {@link BadParameter} where the fit is one of other parameters, data or values of what is not fitted. */
export async function placeOfFit(
  verb: string,
  misfit: Misfit,
  free: FreeParameters,
  best: Fit,
): Promise<{ readonly x: Float64Array } & LeastSquares> {
  if (!Array.isArray(best?.parameters) || !Array.isArray(best.residuals)) {
    throw new BadParameter(`${verb}: what was fitted is no Fit. Give what \`fit\` returned, or \`best\` of \`multiStart\`.`);
  }
  const named = (list: readonly { readonly of: string; readonly name: string }[]): string =>
    list.map(({ of, name }) => (of === "p" ? name : `${name} (initial)`)).join(", ");
  if (named(best.parameters) !== named(free.list)) {
    throw new BadParameter(
      `${verb}: the fit is one of ${named(best.parameters)}, but free are ${named(free.list)}. Give the \`parameters\` and \`initial\` that \`fit\` was given.`,
    );
  }
  const x = free.placeOf(best.parameters.map(({ value }) => value));
  const at = await misfit.leastSquares(x);
  if (at.value === Infinity) throw badStart(misfit.attempts.failure);
  const { observations } = misfit.compared(x);
  const sizes = new Map<string, number>();
  for (const { name, predicted } of observations) sizes.set(name, Math.max(sizes.get(name) ?? 0, Math.abs(predicted)));
  const isSame =
    observations.length === best.residuals.length &&
    observations.every(({ name, observed, predicted }, i) => {
      const other = best.residuals[i];
      return (
        other.name === name && other.observed === observed && Math.abs(other.predicted - predicted) <= ALIKE * sizes.get(name)!
      );
    });
  if (isSame) return { x, ...at };
  throw new BadParameter(
    `${verb}: the fit does not predict what the model predicts at its parameters. Give the problem, the data and the options that \`fit\` was given.`,
  );
}
