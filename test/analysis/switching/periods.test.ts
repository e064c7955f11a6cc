import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../index.ts";
import { anglesOf, shortestPeriod } from "../../../src/analysis/switching/periods.ts";

type Rhs = (u: number[], p: number[], t: number) => number[];

function period(rhs: Rhs, p: readonly number[]): number | undefined {
  const angles = anglesOf(odeProblem({ rhs, u0: [1], p: [...p], tspan: [0, 100] }).code.rhsProgram());
  return angles && shortestPeriod(angles, Float64Array.from(p), [0, 100]);
}

const cases: Readonly<Record<string, readonly [Rhs, readonly number[], number]>> = {
  "a sine": [(u, _p, t) => [Math.sin(t) - u[0]], [], 2 * Math.PI],
  "the faster of two": [(u, _p, t) => [Math.sin(t) * Math.cos(2 * Math.PI * (t - 5) * 4) - u[0]], [], 1 / 4],
  "a parameter's": [(u, p, t) => [Math.sin((2 * Math.PI * (t - p[1])) / p[0]) ** 8 - u[0]], [24, 3], 24],
  "of a loop": [
    (u, p, t) => {
      let sum = 0;
      for (let k = 1; k <= 5; k++) sum += Math.sin(k * p[0] * t) / k;
      return [sum - u[0]];
    },
    [2],
    Math.PI / 5,
  ],
};

describe("the shortest period of the sines of the time", () => {
  it.each(Object.entries(cases))("%s", (_, [rhs, p, known]) => expect(period(rhs, p)! / known).toBeCloseTo(1, 6));

  it.each<[string, Rhs]>([
    ["of the state", (u) => [Math.sin(u[0])]],
    ["of the state and the time", (u, _p, t) => [Math.sin(t * u[0])]],
    ["without sines", (u, _p, t) => [Math.exp(-t) * u[0]]],
  ])("none %s", (_, rhs) => expect(period(rhs, [])).toBeUndefined());

  it("endless where nothing turns", () => expect(period((u, p, t) => [Math.cos(p[0] * t) - u[0]], [0])).toBe(Infinity));
});
