/** Crossings that Newton's iterations leave off by what tolerances allow are crossings all the same, at any tolerance. */
import { expect, it } from "vitest";
import { gradient, odeProblem, vern9, type OdeProblem } from "../../../index.ts";
import { oneOfEachFamily } from "../../tables.ts";

/** It is pushed while it is below zero, and goes through it transversally. */
const pushed = odeProblem({
  rhs(du, u, p) {
    du.x = u.v;
    du.v = -p.k * u.x + (u.x < 0 ? p.s : 0) - 0.1 * u.v;
  },
  u0: { x: 1, v: 0.2 },
  tspan: [0, 3],
  p: { k: 2, s: 0.8 },
});

/** A drug that is cleared faster above a limit. */
const cleared = odeProblem({
  rhs(du, u, p) {
    du.x = -p.ka * u.x;
    du.v = (p.ka * u.x) / p.volume - (u.v > p.limit ? 2 * p.cl : p.cl) * u.v;
  },
  u0: { x: 18, v: 0 },
  tspan: [0, 8],
  p: { ka: 1.1, volume: 5, cl: 0.3, limit: 0.9 },
});

it.each(oneOfEachFamily.map((solver) => [solver.name, solver] as const))("by %s", (_, solver) => {
  for (const problem of [pushed, cleared] as unknown as OdeProblem<{ x: number; v: number }>[]) {
    const options = { loss: { final: (u: { x: number; v: number }) => u.x + 2 * u.v }, wrt: ["p", "u0"] } as const;
    const all = (flat: { p?: Float64Array; u0?: Float64Array }): number[] => [...flat.p!, ...flat.u0!];
    const right = all(gradient(problem, { ...options, solver: vern9(), adjoint: "dual", rtol: 1e-12, atol: 1e-13 }).flat);
    const size = Math.max(...right.map(Math.abs));
    for (let exponent = 3; exponent <= 6; exponent += 0.25) {
      const rtol = 10 ** -exponent;
      const { flat, warnings } = gradient(problem, { ...options, solver, adjoint: "discrete", rtol });
      expect(warnings, `rtol ${rtol}`).toEqual([]);
      const error = Math.max(...all(flat).map((x, i) => Math.abs(x - right[i]))) / size;
      expect(error, `rtol ${rtol}`).toBeLessThan(Math.max(500 * rtol, 1e-5));
    }
  }
});

it.each(oneOfEachFamily.map((solver) => [solver.name, solver] as const))("late, with a tight tolerance, by %s", (_, solver) => {
  const from = (t0: number) =>
    gradient(
      odeProblem({
        rhs(du, u, p) {
          du.x = p.w * u.y;
          du.y = -p.w * u.x;
          du.z = (u.x > p.c ? 1 : 0) - 0.1 * u.z;
        },
        u0: { x: 0, y: 1, z: 0 },
        tspan: [t0, t0 + 10],
        p: { w: 1.3, c: 0.2 },
      }),
      { loss: { final: (u) => u.z }, solver, rtol: 1e-11, atol: 1e-11 },
    );
  const [late, right] = [from(1e6), from(0)];
  expect(late.warnings).toEqual([]);
  late.flat.p!.forEach((slope, j) => expect(slope).toBeCloseTo(right.flat.p![j], 6));
});
