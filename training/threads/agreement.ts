/** That a worker serves the problem and the data that it is asked about. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import { identityOf, type Identity } from "../checkpoints/identity.ts";
import { BadData } from "../data/errors.ts";
import type { Observations } from "../data/observations.ts";
import { BadPrediction } from "../objective/errors.ts";
import { modelOf, type Model, type ModelOptions } from "../objective/model.ts";
import { levenbergMarquardt } from "../optimisers/levenberg-marquardt.ts";

/** What problem, data and options are, and their misfit at the start. */
export interface Agreement {
  readonly identity: Identity;
  /** Infinity where there is none. */
  readonly value: number;
}

/** Of the misfit. */
const ALIKE = 1e-9;

export function agreementOf(
  problem: OdeProblem,
  data: Observations | readonly Observations[],
  options: ModelOptions,
  { misfit, free, experiments: all }: Model = modelOf("serveFit", problem, data, options),
): Agreement {
  // Minifiers may write the observables' text anew for a worker; their numbers are compared.
  const experiments = all.map(({ series, ...rest }) => {
    return { ...rest, series: series.map((one) => ({ ...one, of: undefined })) };
  });
  const identity = identityOf(experiments, free, levenbergMarquardt(), options);
  try {
    return { identity, value: misfit.compared(free.start).value };
  } catch (error) {
    if (error instanceof SolveFailed || error instanceof BadPrediction) return { identity, value: Infinity };
    throw error;
  }
}

/** Throws {@link BadData} where what is served is another one. */
export function requireAgreement(here: Agreement, asked: Agreement): void {
  const other = Object.keys(asked.identity).find((key) => here.identity[key] !== asked.identity[key]);
  const isSame = here.value === asked.value || Math.abs(here.value - asked.value) <= ALIKE * Math.abs(asked.value);
  if (other === undefined && isSame) return;
  const [what, own, wanted] =
    other === undefined ? ["misfit at the start", here.value, asked.value] : [other, here.identity[other], asked.identity[other]];
  throw new BadData(
    `serveFit: the module of the worker serves another problem or other data: ${what} there: ${own}; here: ${wanted}. Import both from that module.`,
  );
}
