/**
 * Have chains found the same, and how much do their draws say? Split R̂ and effective sample sizes of rank-normalized draws (A. Vehtari,
 * A. Gelman, D. Simpson, B. Carpenter, P.-C. Bürkner, Bayesian Analysis 16, 2021).
 */
import { normalQuantile } from "../../src/core/normal.ts";

/** √ of the variance of all draws over that within halves of chains: near 1 where they agree. */
export function rHat(chains: readonly Float64Array[]): number {
  const halves = rankNormalized(chains.flatMap(halvesOf));
  const { within, total } = variancesOf(halves);
  return Math.sqrt(total / within);
}

/** How many independent draws would say as much of the bulk of the distribution. */
export function effectiveSize(chains: readonly Float64Array[]): number {
  const halves = rankNormalized(chains.flatMap(halvesOf));
  const n = halves[0].length;
  const { within, total } = variancesOf(halves);
  const size = halves.length * n;
  // Draws that never moved say what one of them says.
  if (!(total > 0)) return 1;
  const covariances = (lag: number): number => halves.reduce((sum, chain) => sum + autocovariance(chain, lag), 0) / halves.length;
  const correlation = (lag: number): number => 1 - (within - covariances(lag) * (n / (n - 1))) / total;
  // Sums of pairs are positive and fall (C. J. Geyer, Statistical Science 7, 1992); what follows the first that is not is noise.
  let [sum, last] = [0, Infinity];
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = (lag === 0 ? 1 : correlation(lag)) + correlation(lag + 1);
    if (!(pair > 0)) break;
    last = Math.min(last, pair);
    sum += last;
  }
  return Math.min(size / Math.max(2 * sum - 1, 1 / Math.log10(size)), size * Math.log10(size));
}

function halvesOf(chain: Float64Array): Float64Array[] {
  const half = Math.floor(chain.length / 2);
  return [chain.subarray(0, half), chain.subarray(chain.length - half)];
}

/** Normal quantiles of the ranks among all draws; equal draws have their mean rank. */
function rankNormalized(chains: readonly Float64Array[]): Float64Array[] {
  const n = chains[0].length;
  const all = chains.flatMap((chain, c) => Array.from(chain, (value, i) => ({ value, at: c * n + i })));
  all.sort((a, b) => a.value - b.value);
  const ranked = chains.map(() => new Float64Array(n));
  for (let i = 0; i < all.length;) {
    let j = i;
    while (j + 1 < all.length && all[j + 1].value === all[i].value) j++;
    const quantile = normalQuantile(((i + j) / 2 + 1 - 3 / 8) / (all.length + 1 / 4));
    for (; i <= j; i++) ranked[Math.floor(all[i].at / n)][all[i].at % n] = quantile;
  }
  return ranked;
}

function variancesOf(chains: readonly Float64Array[]): { readonly within: number; readonly total: number } {
  const n = chains[0].length;
  const means = chains.map(meanOf);
  const mean = meanOf(Float64Array.from(means));
  const between = (n * means.reduce((sum, m) => sum + (m - mean) ** 2, 0)) / (chains.length - 1);
  const within = chains.reduce((sum, chain) => sum + (autocovariance(chain, 0) * n) / (n - 1), 0) / chains.length;
  return { within, total: ((n - 1) / n) * within + between / n };
}

function autocovariance(chain: Float64Array, lag: number): number {
  const mean = meanOf(chain);
  let sum = 0;
  for (let i = 0; i + lag < chain.length; i++) sum += (chain[i] - mean) * (chain[i + lag] - mean);
  return sum / chain.length;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
