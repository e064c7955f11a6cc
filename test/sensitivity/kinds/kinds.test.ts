/**
 * Random models of what people have: states at rest, kinks, switches in time, short inputs, fast parts beside inert ones, guarded arms,
 * powers, in units from 1e-12 to 1e12. With nothing said, no gradient is wrong by more than 1 % without a word. `npm run test:random` tries
 * more of them.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { judge, type Judgement } from "./judge.ts";
import { makers } from "./makers.ts";
import { randomModel, type Model } from "./model.ts";

const numRuns = Number(process.env.ODEGRAD_RANDOM ?? 300);

test(`${numRuns} random models: none wrong in silence, and most right`, { timeout: 1000 * numRuns }, () => {
  const counts: Record<Judgement["verdict"], number> = { right: 0, told: 0, refused: 0, wrong: 0 };
  fc.assert(
    fc.property(randomModel(makers), (model) => {
      const { verdict, text } = judge(model);
      counts[verdict]++;
      if (verdict === "wrong") throw new Error(text);
    }),
    { numRuns, seed: 1 },
  );
  expect(counts.right, JSON.stringify(counts)).toBeGreaterThan(0.8 * numRuns);
});

test("a wrong gradient is seen", () => {
  const [model] = fc.sample(randomModel(makers), { numRuns: 1, seed: 3 });
  const off: Model = {
    ...model,
    parts: model.parts.map((part) => ({
      ...part,
      solution: (u0, p, t) => part.solution(u0, p, t).map((x) => x * (1 + 0.1 * u0[0] + 0.1 * p[0])),
    })),
  };
  expect([judge(model), judge(off)].map(({ verdict }) => verdict)).toEqual(["right", "wrong"]);
});
