/** Differential-algebraic equations, by a residual and by a mass matrix, are fitted alike. */
import { describe, expect, it } from "vitest";
import { daeProblem, odeProblem, solve } from "../../index.ts";
import { collocate, fit, fitDerivatives, multipleShooting, observations } from "../../training/index.ts";

interface State {
  x: number;
  y: number;
}
const shared = { u0: { x: 1, y: 0.6 }, tspan: [0, 4], p: { k: 0.7 }, initialise: "algebraic" } as const;
const residual = daeProblem({
  residual(r: State, du: State, u: State, p: { k: number }) {
    r.x = du.x + p.k * u.y;
    r.y = u.y * (1 + u.y) - u.x;
  },
  ...shared,
  tspan: [0, 4],
});
const massive = odeProblem({
  rhs(du: State, u: State, p: { k: number }) {
    du.x = -p.k * u.y;
    du.y = u.y * (1 + u.y) - u.x;
  },
  massMatrix: { x: 1, y: 0 },
  ...shared,
  tspan: [0, 4],
});

const at = [0.5, 1, 2, 3, 4];
const truth = solve(massive, { p: { k: 1 }, saveat: at, rtol: 1e-10, atol: 1e-10 });
const data = observations({
  t: truth.t,
  values: { x: truth.u.map(({ x }) => x), y: truth.u.map(({ y }) => y) },
  sigma: { x: 0.01, y: 0.01 },
});

describe.each(Object.entries({ residual, massive }))("%s", (_, problem) => {
  it("is fitted to data", async () => {
    const { p } = await fit(problem, data);
    expect((p as { k: number }).k).toBeCloseTo(1, 5);
  });

  it("is fitted in parts", async () => {
    const { p } = await multipleShooting(problem, data, { segments: 2 });
    expect((p as { k: number }).k).toBeCloseTo(1, 3);
  });
});

it("a residual has no derivatives to be fitted by name", () =>
  expect(async () => fitDerivatives(residual, collocate(data))).rejects.toThrow(/fitDerivatives .* residual/s));
