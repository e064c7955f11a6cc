/** The parts of random models: their closed forms solve what their texts say. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { makers } from "./makers.ts";
import { ridders } from "./differences.ts";

const ends = [4, 10, 25];
/** Of the end: on no switch. */
const times = [0.0619, 0.1729, 0.3133, 0.4843, 0.6353, 0.7871, 0.9683];

test.each(makers.map((make) => [fc.sample(make(10), { numRuns: 1, seed: 1 })[0].name, make] as const))("%s", (_, make) => {
  for (const end of ends) {
    for (const part of fc.sample(make(end), { numRuns: 12, seed: 5 })) {
      const x = part.u0.map((_, i) => `x${i}`);
      const p = part.p.map((_, i) => `p${i}`);
      const { before = "", derivatives } = part.text(x, p, "t");
      const rhs = new Function(
        "u",
        "p",
        "t",
        `const [${x.join()}] = u, [${p.join()}] = p; ${before} return [${derivatives.join()}];`,
      );
      expect(part.solution(part.u0, part.p, 0).map((value) => value + 0)).toEqual(
        part.u0.map((value) => expect.closeTo(value, 12)),
      );
      // Away from where they start at rest.
      const u0 = part.u0.map((value, i) => value * 1.001 + 0.001 * (i + 1) * (part.kind === "resting" ? 1 : 0));
      for (const t of times.map((fraction) => fraction * end)) {
        const u = part.solution(u0, part.p, t);
        const right = rhs(u, part.p, t) as number[];
        right.forEach((slope, i) => {
          const h = 1e-5 * end;
          const [before, after] = [t - h, t + h].map((s) => part.solution(u0, part.p, s)[i]);
          const scale = Math.max(Math.abs(slope), ...u.map(Math.abs)) + 1e-3;
          expect(
            Math.abs((after - before) / (2 * h) - slope) / scale,
            `${part.text(x, p, "t").derivatives[i]} at ${t}`,
          ).toBeLessThan(1e-3);
        });
      }
    }
  }
});

test("differences are extrapolated", () => {
  expect(ridders(Math.exp, 1)).toBeCloseTo(Math.E, 11);
  expect(ridders((x) => x ** 3 + x, 0)).toBeCloseTo(1, 12);
});
