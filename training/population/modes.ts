/** The place of the lowest misfit of a population with given standard deviations, by Levenberg-Marquardt on the arrow. */
import { arrowStep, type ArrowStep, type Damping } from "./arrow.ts";
import { blocksOf, type Place, type Population, type PopulationPoint, type Spread } from "./population.ts";

/** A step is taken where the value falls by this part of what the linear problem promises. */
const ACCEPT = 1e-4;
/** In negative logarithms of the likelihood, a promise that is none, and one that is below the accuracy of solves. */
const [ENOUGH, NOISE] = [1e-9, 1e-3];
/** The least factor of damping from step to step (H. B. Nielsen, Damping parameter in Marquardt's method, 1999, (2.5)). */
const RELAX = 1 / 10;
const [ITERATIONS, TRIALS] = [100, 40];

/** From a point whose value is finite. */
export async function modesFrom(
  population: Population,
  start: PopulationPoint,
  spread: Spread,
  damped: number,
): Promise<{ readonly point: PopulationPoint; readonly damping: number }> {
  let point = start;
  let damping = damped;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = await lower(population, point, spread, damping);
    if (!next) break;
    [point, damping] = [next.point, next.damping];
  }
  return { point, damping };
}

/** Undefined where no step promises anything that is kept. */
async function lower(
  population: Population,
  point: PopulationPoint,
  spread: Spread,
  damped: number,
): Promise<{ readonly point: PopulationPoint; readonly damping: number } | undefined> {
  const { sizes } = population;
  const blocks = blocksOf(point);
  let [damping, growth] = [damped, 2];
  for (let trial = 0; trial < TRIALS; trial++) {
    const step = arrowStep(blocks, sizes, spread.own, point.priors, dampingOf(point, spread, damping));
    const place = moved(point.place, step);
    const promised = point.value - linearValue(point, step, spread);
    if (promised <= ENOUGH) return undefined;
    const next = await population.at(place, spread);
    const kept = (point.value - next.value) / promised;
    if (kept > ACCEPT) return { point: next, damping: damping * Math.max(RELAX, 1 - (2 * kept - 1) ** 3) };
    if (promised <= NOISE) return undefined;
    damping *= growth;
    growth *= 2;
  }
  return undefined;
}

export function moved({ shared, typical, own }: Place, step: Pick<ArrowStep, "shared" | "typical" | "own">): Place {
  const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, j) => x + b[j]);
  return {
    shared: plus(shared, step.shared),
    typical: plus(typical, step.typical),
    own: own.map((x, i) => plus(x, step.own[i])),
  };
}

/** By the norms of columns, as of one long Jacobian. */
function dampingOf({ place, parts, priors }: PopulationPoint, { own: spread }: Spread, damping: number): Damping {
  const [s, k] = [place.shared.length, place.shared.length + spread.length];
  const squares = (matrix: Float64Array): Float64Array => {
    const sum = new Float64Array(k);
    matrix.forEach((x, i) => (sum[i % k] += x ** 2));
    return sum;
  };
  const ofPriors = squares(priors.jacobian);
  const ofParts = parts.map(({ jacobian }) => squares(jacobian));
  const total = (j: number): number => ofParts.reduce((sum, part) => sum + part[j], ofPriors[j]);
  const root = (square: number): number => Math.sqrt(damping * square);
  return {
    shared: place.shared.map((_, j) => root(total(j))),
    typical: spread.map((w, c) => root(parts.length / w ** 2 + ofPriors[s + c])),
    own: ofParts.map((part) => spread.map((w, c) => root(part[s + c] + 1 / w ** 2))),
  };
}

/** What the linear problem has at the end of a step. */
function linearValue({ place, value, parts, priors }: PopulationPoint, step: ArrowStep, { own: spread }: Spread): number {
  let sum = value;
  const change = (before: number, after: number): void => void (sum += (after ** 2 - before ** 2) / 2);
  const after = moved(place, step);
  const along = (jacobian: Float64Array, i: number, by: readonly number[]): number =>
    by.reduce((total, x, j) => total + jacobian[i * by.length + j] * x, 0);
  parts.forEach(({ residuals, jacobian }, i) => {
    const by = [...step.shared, ...step.own[i]];
    residuals.forEach((r, row) => change(r, r + along(jacobian, row, by)));
    spread.forEach((w, c) => change((place.own[i][c] - place.typical[c]) / w, (after.own[i][c] - after.typical[c]) / w));
  });
  const by = [...step.shared, ...step.typical];
  priors.residuals.forEach((r, row) => change(r, r + along(priors.jacobian, row, by)));
  return sum;
}
