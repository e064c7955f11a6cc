/** What is held out is in neither part twice, and observables see the same of it. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { BadOption } from "../../../src/core/errors.ts";
import { BadData, BadTrainingOption, fit, holdOut, observations, type Observations } from "../../../training/index.ts";

const t = Array.from({ length: 10 }, (_, i) => i);
const many = [0, 100, 200].map((from) =>
  observations({
    t,
    values: { a: t.map((time) => from + time), b: t.map((time) => (time === 3 ? null : -from - time)) },
    sigma: { a: t.map((time) => 1 + time), b: 2 },
  }),
);

function valuesOf(all: readonly Observations[]): number[] {
  return all.flatMap(({ series }) => series.flatMap(({ values }) => [...values]));
}

describe("holdOut", () => {
  it("parts the times of all experiments, each with all that was observed then", () => {
    const { data, heldOut } = holdOut(many, { part: 0.3, seed: 5 });
    expect([...valuesOf(data), ...valuesOf(heldOut)].toSorted((a, b) => a - b)).toEqual(valuesOf(many).toSorted((a, b) => a - b));
    for (const half of [data, heldOut]) {
      for (const { series, times } of half) {
        expect([...times]).toEqual(t);
        const [a, b] = ["a", "b"].map((name) => series.find((one) => one.name === name)!);
        expect([...b.at]).toEqual([...a.at].filter((time) => time !== 3));
        expect([...(a.sigma as Float64Array)]).toEqual([...a.at].map((time) => 1 + time));
        expect([...a.values].map((value) => value % 100)).toEqual([...a.rows]);
      }
    }
    const times = heldOut.flatMap(({ series: [a] }) => [...a.values]);
    expect(times).toHaveLength(9);
  });

  it("parts whole experiments, the same of a seed", () => {
    const { data, heldOut } = holdOut(many, { part: 1 / 3, by: "experiments", seed: 2 });
    expect(heldOut).toHaveLength(1);
    expect(data).toEqual(many.filter((one) => one !== heldOut[0]));
    expect(holdOut(many, { part: 1 / 3, by: "experiments", seed: 2 })).toEqual({ data, heldOut });
    const out = new Set(
      Array.from({ length: 20 }, (_, k) => holdOut(many, { part: 1 / 3, by: "experiments", seed: 1 + k }).heldOut[0]),
    );
    expect(out.size).toBe(3);
  });

  it("leaves observables the index of each time", async () => {
    const still = odeProblem({ rhs: () => ({ x: 0 }), u0: { x: 1 }, tspan: [0, 9], p: {} });
    const parts = t.map((time) => 2 + time);
    const whole = observations<{ x: number }, object, readonly number[]>({
      t,
      values: { scaled: parts.map((part) => 3 * part) },
      of: { scaled: (u, _p, _t, i, constants) => u.x * constants[i] },
      constants: parts,
      sigma: 1,
    });
    const { data, heldOut } = holdOut(whole, { part: 0.4 });
    for (const half of [data, heldOut]) expect((await fit(still, half, { initial: { x: true } })).u0.x).toBeCloseTo(3, 8);
  });

  it.each([
    [() => holdOut(many, { part: 1 }), BadOption, "must be a number between 0 and 1"],
    [() => holdOut(many, { by: "rows" as never }), BadOption, 'by is "rows"'],
    [() => holdOut(many, { part: 0.1, by: "experiments" }), BadTrainingOption, "of 3 experiments a part of 0.1 is none"],
    [() => holdOut(many, { part: 0.99 }), BadTrainingOption, "of 30 times a part of 0.99 is all"],
    [() => holdOut([{ t: [1] } as never]), BadData, "holdOut: observations[0] was not made by observations"],
  ])("%s is refused", (call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
