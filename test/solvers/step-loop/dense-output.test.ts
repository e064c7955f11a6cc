/** A solution between its steps, looked up anywhere, in any order: of a polynomial that its records have exactly. */
import { describe, expect, it } from "vitest";
import { DenseOutput } from "../../../solvers/step-loop/dense-output.ts";

/** Of two components, by the number of coefficients of a record: the state and its derivative by t. */
const polynomials: Record<number, { readonly u: (t: number) => number[]; readonly slope: (t: number) => number[] }> = {
  0: { u: (t) => [t, 3 - 2 * t], slope: () => [1, -2] },
  1: { u: (t) => [t * t, 3 - t * t], slope: (t) => [2 * t, -2 * t] },
};

const ends = [0, 1, 3, 3.5, 7, 8];
const count = ends.length - 1;

/** Records (u₀, u₁) and, of parabolas, q₀ = −h² a with the leading coefficient a. */
function denseOf(coefficients: number, direction: number): DenseOutput {
  const dense = new DenseOutput(2);
  const { u } = polynomials[coefficients];
  const times = ends.map((t) => direction * t);
  for (let i = 0; i < count; i++) {
    const [t0, t1] = [times[i], times[i + 1]];
    const bend = [-((t1 - t0) ** 2), (t1 - t0) ** 2].slice(0, 2 * coefficients);
    const record = Float64Array.of(NaN, ...u(t0), ...u(t1), ...bend);
    dense.append({ count: 1, time: (k) => times[i + k] }, record, 1, record.length - 1);
  }
  return dense;
}

describe.each(Object.keys(polynomials).flatMap((k) => [1, -1].map((direction) => [Number(k), direction] as const)))(
  "%d coefficients, in the direction %d",
  (coefficients, direction) => {
    const dense = denseOf(coefficients, direction);
    const { u, slope } = polynomials[coefficients];
    const out = new Float64Array(2);
    const expectAt = (t: number): void => {
      dense.interpolate(t, out);
      u(t).forEach((x, i) => expect(out[i]).toBeCloseTo(x, 11));
      dense.differentiate(t, out);
      slope(t).forEach((x, i) => expect(out[i]).toBeCloseTo(x, 11));
    };

    it("forwards, backwards, and back and forth", () => {
      const times = Array.from({ length: 33 }, (_, k) => (direction * k) / 4);
      times.forEach(expectAt);
      times.toReversed().forEach(expectAt);
      times.forEach((_, k) => expectAt(times[(k * 13) % 33]));
    });

    it("beyond the ends it goes on as the first and the last step do", () => {
      for (const t of [9, -1, 8.5, 4, -0.5]) expectAt(direction * t);
    });

    it("its records are what it holds", () => {
      expect([dense.steps, dense.bytes]).toEqual([count, 8 * count * (4 + 2 * coefficients)]);
    });
  },
);
