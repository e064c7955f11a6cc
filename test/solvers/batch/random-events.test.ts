/** Random models with events of both kinds: in batches each trajectory is what it is alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ndarray, odeProblem, solve, solveBatch, tsit5, vern7, type OdeProblem } from "../../../index.ts";

/** Of millionths: a step of a denormal's length has no dense output. */
const number = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((x) => Math.round(x * 1e6) / 1e6);

/** An oscillator with damping and a threshold, doses, and what its events do: all by parameters, so that there is one program. */
const model: OdeProblem<number[], number[]> = odeProblem({
  rhs: (u: number[], p: number[], t: number) => [u[1], -p[0] * u[0] - p[1] * u[1] + p[2] * Math.sin(p[3] * t)],
  u0: [1, 0],
  p: [1, 0, 0, 1, 0.5, 1, 0.3, 0.9, 2],
  tspan: [0, 6],
  events: [
    {
      when: (u: number[], p: number[]) => u[0] - p[4],
      direction: "up",
      apply: (u: number[], p: number[]) => void (u[1] *= p[7]),
    },
    {
      at: (p: number[]) => [p[5], p[5] + p[8]],
      apply: (u: number[], p: number[], _t, _c, index) => void (u[0] += p[6] * (1 + index)),
    },
    { when: (u: number[], p: number[]) => u[1] + p[4], apply: (u: number[], p: number[]) => void (u[0] += 0.1 * p[6]) },
    { when: (u: number[]) => u[0] ** 2 + u[1] ** 2 - 30, terminal: true },
  ],
});
const parameters = fc.tuple(
  number(0.5, 9),
  number(0, 0.5),
  number(0, 3),
  number(0.5, 4),
  number(-1, 1),
  number(0, 7),
  number(-1, 1),
  number(-0.9, 1.2),
  number(0.1, 3),
);

test("trajectories of one model", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(parameters, number(-2, 2), number(-2, 2)), { minLength: 3, maxLength: 6 }),
      async (members) => {
        const u0 = ndarray(Float64Array.from(members.flatMap(([, x, v]) => [x, v])), [members.length, 2]);
        const p = ndarray(Float64Array.from(members.flatMap(([own]) => own)), [members.length, 9]);
        const saveat = [1, 3.3, 6];
        for (const solver of [tsit5(), vern7()]) {
          const batch = await solveBatch(model, { u0, p, saveat, solver, rtol: 1e-8, atol: 1e-8 });
          members.forEach(([own, x, v], m) => {
            const options = { u0: [x, v], p: own, saveat, solver, rtol: 1e-8, atol: 1e-8, throwOnFailure: false };
            const alone = solve(model, { ...options, switches: "ignore" });
            expect(batch.outcomes[m]).toBe(alone.result);
            expect(batch.endedBy![m]).toBe(alone.terminated?.event ?? -1);
            expect(batch.ends[m]).toBeCloseTo(alone.terminated?.t ?? (alone.result === "success" ? 6 : batch.ends[m]), 6);
            alone.t.forEach((t, k) => {
              if (t !== saveat[k]) return;
              [0, 1].forEach((i) => expect(batch.u.get(m, k, i), `${m} at ${t}`).toBeCloseTo(alone.u[k][i], 5));
            });
          });
        }
      },
    ),
    { numRuns: 25, seed: 7 },
  );
});
