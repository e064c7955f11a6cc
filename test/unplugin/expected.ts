/** What the project has to give: what the models with constants do. */
import { expect } from "vitest";
import { gradient, solve } from "../../index.ts";
import type { outcomes } from "./project/outcomes.ts";
import { cases } from "./with-constants.ts";

export type Outcomes = ReturnType<typeof outcomes>;

const tolerances = { rtol: 1e-8, atol: 1e-8 };

function flat(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  const { data } = value as { data?: Float64Array };
  return data ? [...data] : Object.values(value as object).flatMap(flat);
}

const expected = Object.entries(cases).map(([name, { problem, loss }]) => {
  const { value, gradient: slopes } = gradient(problem, { loss: loss as never, wrt: ["p"], ...tolerances });
  return { name, u: flat(solve(problem, tolerances).u.at(-1)), value, slopes: flat((slopes as { p: unknown }).p) };
});

/** `refused`: models whose gradients are refused, with what the message says. */
export function expectOutcomes({ models, changed }: Outcomes, refused: Readonly<Record<string, RegExp>> = {}): void {
  expect(Object.keys(models).toSorted()).toEqual(Object.keys(cases).toSorted());
  for (const { name, u, value, slopes } of expected) {
    const outcome = models[name];
    if (Object.hasOwn(refused, name)) {
      expect(outcome.error, name).toMatch(refused[name]);
      continue;
    }
    expect(outcome.error, name).toBeUndefined();
    expect(outcome.compiled, name).toBe(true);
    const close = (actual: readonly number[], known: readonly number[]): void => {
      expect(actual.length, name).toBe(known.length);
      known.forEach((x, i) => expect(Math.abs(actual[i] - x), `${name} ${i}`).toBeLessThan(1e-7 * (1 + Math.abs(x))));
    };
    close([...outcome.u!, outcome.value!, ...outcome.gradient!], [...u, value, ...slopes]);
  }
  expect(changed.refused).toBe(true);
  expect(changed.before).toBeCloseTo(Math.exp(-2), 8);
  expect(changed.after).toBeCloseTo(Math.exp(-3), 8);
}
