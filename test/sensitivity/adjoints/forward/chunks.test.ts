/** Derivatives are carried in chunks of directions; every number of them is right, of every kind of loss. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, sensitivities } from "../../../../index.ts";
import { adjointsThat, oneOfEachFamily } from "../../../tables.ts";

const [k, u0, at] = [0.6, 1.5, [0.7, 1.3, 2]];
const T = at[2];

/** u' = -k u + the sum of all other parameters, c: u = c/k + (u0 - c/k) e^{-k t}. */
function relaxing(count: number) {
  return odeProblem({
    rhs(du, u, p) {
      du[0] = -p[0] * u[0];
      for (let j = 1; j < p.length; j++) du[0] += p[j];
    },
    u0: [u0],
    p: Array.from({ length: count }, (_, j) => (j === 0 ? k : 0.1)),
    tspan: [0, T],
  });
}

const decay = (t: number): number => Math.exp(-k * t);
/** Of u at a time, by k and by each of the others. */
const ofState = (c: number) => (t: number) => [
  -c / k ** 2 + (c / k ** 2) * decay(t) - t * (u0 - c / k) * decay(t),
  (1 - decay(t)) / k,
];
/** Of ∫ u = c T / k + (u0 - c/k) E, where E = (1 - e^{-k T}) / k. */
function ofIntegral(c: number): number[] {
  const E = (1 - decay(T)) / k;
  return [-(c * T) / k ** 2 + (c / k ** 2) * E + (u0 - c / k) * ((T * decay(T) - E) / k), (T - E) / k];
}

const sumOf = (terms: readonly number[][]): number[] => [0, 1].map((i) => terms.reduce((sum, term) => sum + term[i], 0));

const losses = {
  final: { loss: { final: (u: number[]) => u[0] }, slopes: (c: number) => ofState(c)(T) },
  sum: { loss: { at, of: (u: number[]) => u[0] }, slopes: (c: number) => sumOf(at.map(ofState(c))) },
  integral: { loss: { integral: (u: number[]) => u[0] }, slopes: ofIntegral },
  all: {
    loss: { at, of: (u: number[]) => u[0], integral: (u: number[]) => u[0], final: (u: number[]) => u[0] },
    slopes: (c: number) => sumOf([...at.map(ofState(c)), ofIntegral(c), ofState(c)(T)]),
  },
};

const counts = Array.from({ length: 40 }, (_, i) => i + 1);
const tolerances = { rtol: 1e-7, atol: 1e-9 };

describe.each(adjointsThat(({ mode }) => mode === "forward"))("%s", (adjoint) => {
  describe.each(oneOfEachFamily)("$name", (solver) => {
    it.each(Object.entries(losses))("%s, along 1 to 40 directions", (_name, { loss, slopes }) => {
      const some = solver.family.implicit ? [1, 8, 9, 16, 17, 40] : counts;
      // With ten the state rests: steps controlled for it alone, of which is warned, say nothing of derivatives, least of all by what order.
      const resting = adjoint === "forwardSensitivity" && solver.name === "vcabm" ? 10 : undefined;
      for (const count of some.filter((count) => count !== resting)) {
        const problem = relaxing(count);
        const found = gradient(problem, { loss, adjoint, solver, ...tolerances }).gradient.p!;
        const [first, other] = slopes(0.1 * (count - 1));
        found.forEach((x, j) => {
          const expected = j === 0 ? first : other;
          expect(Math.abs(x - expected), `${count} parameters, p[${j}]: ${x}, not ${expected}`).toBeLessThan(
            1e-4 * Math.max(1, Math.abs(expected)),
          );
        });
      }
    });
  });
});

it("sensitivities by 1 to 40 parameters", () => {
  for (const count of counts) {
    const { p } = sensitivities(relaxing(count), { saveat: at, ...tolerances }).flat;
    const slopes = ofState(0.1 * (count - 1));
    at.forEach((t, s) => {
      const [first, other] = slopes(t);
      p![s].forEach((x, j) => expect(x, `${count} parameters, p[${j}] at ${t}`).toBeCloseTo(j === 0 ? first : other, 4));
    });
  }
});
