/**
 * A t-digest: the distribution of very many numbers in a few hundred centroids, finest at its ends (T. Dunning, O. Ertl, Computing extremely
 * accurate quantiles using t-digests, arXiv:1902.04023, 2019): the merging variant, with the scale function k₁.
 */

/** δ of the paper: a centroid at the quantile q holds about 2π √(q (1 − q)) / δ of all. */
const COMPRESSION = 200;
/** Two neighbours are larger together than one may be, and k₁ goes over δ / 2; the ends are apart. */
const CENTROIDS = COMPRESSION + 4;
/** Numbers that wait until they are taken in together. */
const WAITING = 200;

/** Where it is in its array: how many centroids and waiting numbers there are, the centroids, what waits. */
const at = { centroids: 0, waiting: 1, means: 2, weights: 2 + CENTROIDS, queue: 2 + 2 * CENTROIDS } as const;
export const DIGEST_SIZE = at.queue + WAITING;

/** A view of an array of {@link DIGEST_SIZE}; of zeros it is one of no numbers. */
type Digest = Float64Array;

/** To the digest that begins there in an array of digests: a view is made of it only where the numbers that wait are taken in. */
export function addToDigest(digests: Float64Array, from: number, x: number): void {
  digests[from + at.queue + digests[from + at.waiting]++] = x;
  if (digests[from + at.waiting] < WAITING) return;
  const digest = digests.subarray(from, from + DIGEST_SIZE);
  compress(digest, sorted(digest, first));
}

/** All of another one's. */
export function mergeDigests(digest: Digest, other: Digest): void {
  compress(digest, union(sorted(digest, first), sorted(other, second), both));
}

/**
 * The quantile of a probability, NaN of no numbers. Between the middles of centroids, by their ranks, it is linear; where each is one number it
 * is that of the numbers themselves.
 */
export function digestQuantile(digest: Digest, probability: number): number {
  if (digest[at.waiting] > 0) compress(digest, sorted(digest, first));
  const count = digest[at.centroids];
  if (count === 0) return NaN;
  let total = 0;
  for (let i = 0; i < count; i++) total += digest[at.weights + i];
  const rank = probability * (total - 1);
  // The first centroid and the last one are the least and the largest number.
  let [rankBefore, before, below] = [0, digest[at.means], 1];
  for (let i = 1; i < count; i++) {
    const weight = digest[at.weights + i];
    const middle = below + (weight - 1) / 2;
    const mean = digest[at.means + i];
    if (rank <= middle) return before + ((rank - rankBefore) / (middle - rankBefore)) * (mean - before);
    [rankBefore, before] = [middle, mean];
    below += weight;
  }
  return before;
}

/** Means in order, with their weights. */
interface Sorted {
  readonly means: Float64Array;
  readonly weights: Float64Array;
  length: number;
}

function room(length: number): Sorted {
  return { means: new Float64Array(length), weights: new Float64Array(length), length: 0 };
}

const ONE = CENTROIDS + WAITING;
/** What is in use within one call. */
const [first, second, both] = [room(ONE), room(ONE), room(2 * ONE)];
const queue = { means: new Float64Array(WAITING), weights: new Float64Array(WAITING).fill(1), length: 0 };

/** Its centroids and what waits. */
function sorted(digest: Digest, into: Sorted): Sorted {
  queue.length = digest[at.waiting];
  queue.means.set(digest.subarray(at.queue, at.queue + queue.length));
  queue.means.subarray(0, queue.length).sort();
  const length = digest[at.centroids];
  const means = digest.subarray(at.means, at.means + length);
  return union({ means, weights: digest.subarray(at.weights, at.weights + length), length }, queue, into);
}

function union(a: Sorted, b: Sorted, into: Sorted): Sorted {
  into.length = a.length + b.length;
  for (let i = 0, j = 0, k = 0; k < into.length; k++) {
    const isOfA = j === b.length || (i < a.length && a.means[i] <= b.means[j]);
    into.means[k] = isOfA ? a.means[i] : b.means[j];
    into.weights[k] = isOfA ? a.weights[i++] : b.weights[j++];
  }
  return into;
}

/** Neighbours become one as long as k₁ grows by no more than one over them; the least number and the largest one stay alone. */
function compress(digest: Digest, { means, weights, length }: Sorted): void {
  digest[at.waiting] = 0;
  let total = 0;
  for (let i = 0; i < length; i++) total += weights[i];
  let [count, below, limit] = [0, 0, total * quantileAfter(0)];
  for (let i = 0; i < length; i++) {
    const last = count - 1;
    const isInside = i > 1 && i < length - 1;
    if (isInside && below + digest[at.weights + last] + weights[i] <= limit) {
      digest[at.weights + last] += weights[i];
      digest[at.means + last] += ((means[i] - digest[at.means + last]) * weights[i]) / digest[at.weights + last];
    } else {
      if (i > 0) {
        below += digest[at.weights + last];
        limit = total * quantileAfter(below / total);
      }
      digest[at.means + count] = means[i];
      digest[at.weights + count++] = weights[i];
    }
  }
  digest[at.centroids] = count;
}

/** Where k₁(q) = δ / 2π · arcsin(2q − 1) is greater by one. */
function quantileAfter(q: number): number {
  const angle = Math.asin(2 * q - 1) + (2 * Math.PI) / COMPRESSION;
  return angle >= Math.PI / 2 ? 1 : (Math.sin(angle) + 1) / 2;
}
