/** The example of the page on algebraic equations. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../../index.ts";

const reaction = odeProblem({
  rhs(du, u, p) {
    du.fuel = -p.k * u.fuel * u.radical;
    du.radical = u.fuel - p.c * u.radical - u.radical ** 3; // 0 = …
  },
  u0: { fuel: 1, radical: 0.5 },
  tspan: [0, 10],
  p: { k: 0.5, c: 1 },
  massMatrix: { fuel: 1, radical: 0 },
  initialise: "algebraic",
});

it("solves and differentiates what the page shows", () => {
  const page = readFileSync(new URL("../../../docs/algebraic.md", import.meta.url), "utf8");
  expect(page).toContain("du.radical = u.fuel - p.c * u.radical - u.radical ** 3; // 0 = …");
  const { fuel, radical } = solve(reaction, { rtol: 1e-10, atol: 1e-10 }).u.at(-1)!;
  expect(radical + radical ** 3).toBeCloseTo(fuel, 9);
  const at = (k: number, c: number): number => solve(reaction, { p: { k, c }, rtol: 1e-11, atol: 1e-11 }).u.at(-1)!.radical;
  const { p } = gradient(reaction, { loss: { final: (u) => u.radical }, rtol: 1e-10, atol: 1e-10 }).gradient;
  const h = 1e-4;
  expect(p!.k).toBeCloseTo((at(0.5 + h, 1) - at(0.5 - h, 1)) / (2 * h), 7);
  expect(p!.c).toBeCloseTo((at(0.5, 1 + h) - at(0.5, 1 - h)) / (2 * h), 7);
});
