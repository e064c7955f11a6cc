/** Where Newton's iterations of a stage begin: kᵢ is what a line through earlier ones makes of it. Steps are no others for it. */

/** What the line may make of an error of the stages that it goes through. */
const MOST_AMPLIFIED = 6;

/** The weights of the stages before the i-th, of which there is one at least: the line goes through the two at the nearest times. */
export function predictor(c: readonly number[], i: number): readonly number[] {
  const distance = (j: number): number => Math.abs(c[j] - c[i]);
  const [first, second = first] = Array.from({ length: i }, (_, j) => j).sort((x, y) => distance(x) - distance(y) || y - x);
  const share = (c[i] - c[first]) / (c[second] - c[first]);
  // Where both are at the same time, or are one, it is not finite.
  const isLine = Math.abs(share) + Math.abs(1 - share) <= MOST_AMPLIFIED;
  const weightOf = (j: number): number => (j === first ? 1 - share : j === second ? share : 0);
  return Array.from({ length: i }, (_, j) => (isLine ? weightOf(j) : Number(j === first)));
}
