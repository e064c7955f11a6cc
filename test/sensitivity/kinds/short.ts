/** Inputs that act for a short time. */
import fc from "fast-check";
import { between, decades, drivenPart, rounded, type Part, type PartMaker } from "./part.ts";

const pulse: PartMaker = (end) =>
  fc.tuple(between(0.2, 1.5), between(0.137, 0.8), decades(1e-4, 1e-2)).map(([k, from, length]) => {
    const a = rounded(from * end);
    const b = a + rounded(length * end);
    return drivenPart(
      "short",
      "pulse",
      [k, 1 / (b - a)],
      ([, r], t) => `${t} >= ${a} && ${t} < ${b} ? ${r} : 0`,
      () => [a, b],
      ([, r], t) => (t >= a && t < b ? r : 0),
    );
  });

/** A smooth one: there is nothing to find in its text. */
const bump: PartMaker = (end) =>
  fc.tuple(between(0.2, 1.5), between(0.237, 0.7), between(0.01, 0.05)).map(([k, when, length]): Part => {
    const [centre, width] = [rounded(when * end), rounded(length * end)];
    return {
      kind: "short",
      name: "smooth bump",
      u0: [0],
      p: [k, 1 / width],
      text: ([x], [k, r], t) => ({
        derivatives: [`${r} * Math.exp(-(((${t} - ${centre}) / ${width}) ** 2)) - ${k} * ${x}`],
      }),
      solution([x], [k, r], t) {
        const from = Math.max(0, centre - 7 * width);
        const to = Math.min(t, centre + 7 * width);
        const n = 400;
        let sum = 0;
        // Simpson's rule.
        for (let i = 0; i <= n && to > from; i++) {
          const s = from + ((to - from) * i) / n;
          const weight = i === 0 || i === n ? 1 : i % 2 ? 4 : 2;
          sum += weight * Math.exp(-(((s - centre) / width) ** 2) - k * (t - s));
        }
        return [x * Math.exp(-k * t) + (to > from ? (r * sum * (to - from)) / (3 * n) : 0)];
      },
    };
  });

export const short: readonly PartMaker[] = [pulse, bump];
