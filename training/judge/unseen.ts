/** Directions that data do not see, in words. */

/** Weights below this part of the largest are left out of the name of a direction. */
const SMALL = 0.05;

/** The names that move along a direction. */
export function namesAlong(names: readonly string[], weights: Float64Array): string[] {
  const largest = Math.max(...weights.map(Math.abs));
  return names.filter((_, j) => Math.abs(weights[j]) > SMALL * largest);
}

/** A sentence for each direction of parameters. */
export function notDetermined(names: readonly string[], unseen: readonly Float64Array[]): string[] {
  return unseen.map((weights) => {
    const of = namesAlong(names, weights);
    return of.length === 1
      ? `The data do not determine ${of[0]}: it could be anything near, with the same predictions.`
      : `The data do not determine ${of.join(", ")} apart: moved together, they give the same predictions. Fix one of them.`;
  });
}
