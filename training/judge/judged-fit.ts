/** A fit with its standard errors, residuals and warnings. */
import { ownLayouts } from "../../src/arrays/layout.ts";
import { pack, unpack } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Course } from "../objective/descent.ts";
import type { Misfit } from "../objective/misfit.ts";
import type { Iterate, LeastSquares } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { FitResidual } from "../objective/fit-residual.ts";
import { FEWEST } from "../data/noise.ts";
import { Fit, type FittedParameter } from "./fit-result.ts";
import { spreadOf } from "./fitted-spread.ts";
import { endsOfScales } from "./ends-of-scales.ts";
import { reasonOf } from "../objective/model.ts";
import { robustly } from "./robust.ts";
import { uncertaintyOf } from "./uncertainty.ts";
import { notDetermined } from "./unseen.ts";
import { counted } from "../../src/core/in-words.ts";

export async function judgedFit<U, P>(
  problem: OdeProblem,
  misfit: Misfit,
  free: FreeParameters,
  { x, converged = false, heldOut }: Iterate,
  course: Course,
  evaluations = misfit.attempts.count,
): Promise<Fit<U, P>> {
  const { observations, sigma, noise, value } = misfit.compared(x);
  const values = free.valuesAt(x);
  const inside = [...x.keys()].filter((j) => x[j] > free.lower[j] && x[j] < free.upper[j]);
  const areTooMany = inside.length > observations.length;
  const none = { covariance: new Float64Array(x.length ** 2).fill(NaN), unseen: [] };
  const least = areTooMany ? undefined : await misfit.leastSquares(x);
  const at = least && least.value < Infinity ? least : undefined;
  const { covariance, unseen } = at ? ofInside(robustly(at, observations, noise, x.length), inside, x.length) : none;
  const slopes = free.slopesAt(values);
  const degreesOfFreedom = misfit.fitsAllSigma ? Math.max(0, observations.length - inside.length) : Infinity;
  const errors = slopes.map(
    (slope, j) => Math.abs(slope) * Math.sqrt(covariance[j * x.length + j] * spreadOf(observations.length, degreesOfFreedom)),
  );
  const parameters = free.list.map(({ name, of }, j): FittedParameter => {
    const bound = inside.includes(j) ? undefined : x[j] <= free.lower[j] ? "lower" : "upper";
    return { name, of, value: values[j], standardError: errors[j], ...(bound && { atBound: bound }) };
  });
  const layout = ownLayouts(problem.layout);
  const start = problem.code.operators.u0;
  const point = free.put(values, { u0: pack(layout.u, problem.u0, "u0"), p: pack(layout.p, problem.p, "p"), start });
  return new Fit<U, P>({
    p: unpack<P>(layout.p, point.p),
    u0: unpack<U>(layout.u, point.u0),
    parameters,
    correlation: correlationOf(covariance, slopes),
    value,
    sigma,
    noise,
    degreesOfFreedom,
    residuals: observations,
    converged,
    course,
    evaluations,
    ...(heldOut !== undefined && { heldOut }),
    warnings: [
      ...warningsOf(parameters, unseen, converged, course),
      ...(at ? endsOfScales(free, x, at) : []),
      ...(least && !at
        ? [`There are no standard errors, for want of derivatives at the best fit. ${reasonOf(misfit.attempts.failure)}`]
        : []),
      ...(areTooMany
        ? [
            `${counted(observations.length, "observation")} cannot determine ${counted(inside.length, "parameter")}, which have no standard errors.`,
          ]
        : []),
      ...(inside.length > 0 ? unexpected(noise, observations) : []),
      ...unspread(misfit.fittedSigma, observations, inside.length),
    ],
  });
}

/** Of counts of which the model expects none: the information on an expectation grows beyond all bounds as that vanishes. */
function unexpected(noise: Fit["noise"], observations: readonly FitResidual[]): string[] {
  return Object.keys(noise).flatMap((name) => {
    const own = observations.filter((one) => one.name === name);
    if (noise[name].noise !== "poisson" || own.some(({ predicted }) => predicted > FEWEST)) return [];
    return [
      `All counts of "${name}" are 0, and the model expects none: standard errors say nothing. Give bounds, and look at \`profile\`.`,
    ];
  });
}

/** Of what is observed so seldom that the parameters can meet it all, and its fitted standard deviation is what solves leave over. */
function unspread(fitted: readonly string[], observations: readonly FitResidual[], k: number): string[] {
  return fitted.flatMap((name) => {
    const count = observations.filter((one) => one.name === name).length;
    if (count > k) return [];
    return [
      `"${name}" has ${counted(count, "observation")}, no more than there are parameters (${k}), and may be met exactly: a standard deviation ` +
        `cannot be fitted to that. Give one: sigma: { ${name}: … }.`,
    ];
  });
}

/** Of the parameters that are at no bound; NaN in the rows and columns of the others. */
function ofInside(
  { residuals, jacobian }: LeastSquares,
  inside: readonly number[],
  k: number,
): { covariance: Float64Array; unseen: Float64Array[] } {
  const m = residuals.length;
  const part = new Float64Array(m * inside.length);
  for (let i = 0; i < m; i++) inside.forEach((j, c) => (part[i * inside.length + c] = jacobian[i * k + j]));
  const of = uncertaintyOf(residuals, part, inside.length);
  const covariance = new Float64Array(k * k).fill(NaN);
  inside.forEach((i, a) => inside.forEach((j, b) => (covariance[i * k + j] = of.covariance[a * inside.length + b])));
  const unseen = of.unseen.map((weights) => {
    const whole = new Float64Array(k);
    inside.forEach((j, c) => (whole[j] = weights[c]));
    return whole;
  });
  return { covariance, unseen };
}

function correlationOf(covariance: Float64Array, slopes: Float64Array): Float64Array {
  const k = slopes.length;
  return covariance.map((value, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    return (Math.sign(slopes[i] * slopes[j]) * value) / Math.sqrt(covariance[i * k + i] * covariance[j * k + j]);
  });
}

function warningsOf(
  parameters: readonly FittedParameter[],
  unseen: readonly Float64Array[],
  converged: boolean,
  { ended }: Course,
): string[] {
  const atBounds = parameters.filter(({ atBound }) => atBound);
  return [
    ...(converged ? [] : [`It did not come to a minimum: ${ended}${ended.endsWith(".") ? "" : "."}`]),
    ...atBounds.map(({ name, atBound, value }) => `${name} is at its ${atBound} bound, ${value}.`),
    ...notDetermined(
      parameters.map(({ name }) => name),
      unseen,
    ),
  ];
}
