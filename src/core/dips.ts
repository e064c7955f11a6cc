/** Where a function of one variable that keeps its sign at samples reaches zero between them: beside the lowest ones. */
import type { Sample } from "./root.ts";

/** A dip is looked into where a parabola comes as near to zero as this part of its lowest sample, some times over. */
export const NEAR = 1 / 4;
export const DIPS = 6;

/** The samples, and between them those that cross zero where a dip does so between two of them. */
export function withDips(samples: readonly Sample[], valueAt: (t: number) => number): readonly Sample[] {
  const dips: Sample[] = [];
  for (let k = 1; k < samples.length - 1; k++) {
    const dip = dipOf(samples[k - 1], samples[k], samples[k + 1], valueAt);
    if (dip) dips.push(dip);
  }
  if (dips.length === 0) return samples;
  const direction = Math.sign(samples[samples.length - 1].t - samples[0].t);
  return [...samples, ...dips].sort((a, b) => direction * (a.t - b.t));
}

/** The place beside a sample that is nearest to zero among its neighbours, of the same sign, where another sign is found. */
export function dipOf(a: Sample, b: Sample, c: Sample, valueAt: (t: number) => number): Sample | undefined {
  const sign = Math.sign(b.value);
  for (let k = 0; k < DIPS; k++) {
    if (!(sign * b.value > 0 && sign * a.value > sign * b.value && sign * c.value > sign * b.value)) return undefined;
    const vertex = vertexOf(a, b, c);
    if (!(sign * vertex.value < NEAR * sign * b.value)) return undefined;
    const here = { t: vertex.t, value: valueAt(vertex.t) };
    if (!(sign * here.value > 0)) return here;
    const isBefore = (here.t - b.t) * (a.t - b.t) > 0;
    if (sign * here.value < sign * b.value) [a, b, c] = isBefore ? [a, here, b] : [b, here, c];
    else [a, b, c] = isBefore ? [here, b, c] : [a, b, here];
  }
  return undefined;
}

/** The vertex of the parabola through three samples. */
function vertexOf(a: Sample, b: Sample, c: Sample): Sample {
  const [left, right] = [(b.value - a.value) / (b.t - a.t), (c.value - b.value) / (c.t - b.t)];
  const curvature = (right - left) / (c.t - a.t);
  const slope = left + curvature * (b.t - a.t);
  const distance = -slope / (2 * curvature);
  return { t: b.t + distance, value: b.value + (slope / 2) * distance };
}
