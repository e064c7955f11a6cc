/** Derivatives of solutions that jump from one slow manifold to another: errors of steps are far larger in them than in the states. */
import { expect, test } from "vitest";
import { gradient, odeProblem, remake, solve } from "../../../../index.ts";
import { lotkaVolterra, orego, robertson, vanDerPol } from "../../../../problems/index.ts";
import { fit, observations } from "../../../../training/index.ts";

const oscillator = odeProblem({
  name: "forced oscillator",
  rhs: (u, p, t) => ({ x: u.y, y: p.mu * (1 - u.x ** 2) * u.y - u.x + p.a * Math.cos(p.w * t) }),
  u0: { x: 2, y: 0 },
  p: { mu: 300, a: 1.2, w: 0.1 },
  tspan: [0, 600],
});
const atEnd = { final: (u: { x: number }): number => u.x };
const again = expect.stringMatching(/^Errors of steps are far larger in these derivatives than in the states: solved once more/);

test("those of a forced relaxation oscillation are right, and it is said that it was solved once more", () => {
  const exact = gradient(oscillator, { loss: atEnd, adjoint: "dual", rtol: 1e-11, atol: 1e-13 }).gradient.p;
  for (const rtol of [1e-5, 1e-6, 1e-7]) {
    const { gradient: found, warnings } = gradient(oscillator, { loss: atEnd, adjoint: "discrete", rtol });
    for (const name of ["mu", "a", "w"] as const) expect(Math.abs(found.p[name] / exact[name] - 1)).toBeLessThan(5e-3);
    expect(warnings).toEqual([again]);
  }
});

test("so are those that are seen at many times, also where the losses cancel each other", () => {
  const at = [100, 230, 300, 400, 500, 600];
  const exact = { adjoint: "dual", rtol: 1e-11, atol: 1e-13 } as const;
  const loss = { at, of: (u: { x: number }, _p: unknown, t: number): number => (t > 350 ? u.x : -u.x) };
  const { gradient: found, warnings } = gradient(oscillator, { loss, adjoint: "discrete" });
  const { p } = gradient(oscillator, { loss, ...exact }).gradient;
  for (const name of ["mu", "a", "w"] as const) expect(Math.abs(found.p[name] / p[name] - 1)).toBeLessThan(5e-3);
  expect(warnings).toEqual([again]);
});

test("those of Van der Pol's equation are right, too", () => {
  const { problem, loss } = vanDerPol();
  const exact = gradient(problem, { loss, adjoint: "dual", rtol: 1e-11, atol: 1e-13 }).gradient.p;
  const { gradient: found, warnings } = gradient(problem, { loss, adjoint: "discrete" });
  expect(warnings).toEqual([again]);
  expect(Math.abs(found.p.epsilon / exact.epsilon - 1)).toBeLessThan(2e-3);
});

test("where the second solve fails, there are those of the first, and it is said how wrong they may be", () => {
  const { problem, loss } = vanDerPol();
  const { gradient: found, warnings } = gradient(problem, { loss, adjoint: "discrete", maxSteps: 1500 });
  expect(Number.isFinite(found.p.epsilon)).toBe(true);
  expect(warnings).toContainEqual(
    expect.stringMatching(/^Errors of steps .*, which may be wrong by .* %\. Solved once more, .* it failed: /),
  );
});

test("other stiff and oscillating problems are solved once", () => {
  for (const { problem, loss } of [lotkaVolterra(), orego(), robertson()]) {
    const { warnings } = gradient(problem as never, { loss: loss as never, adjoint: "discrete" });
    expect(warnings).not.toContainEqual(again);
  }
});

test("so is a fit at its minimum, where the gradient vanishes", async () => {
  const { problem } = lotkaVolterra();
  const at = Array.from({ length: 20 }, (_, i) => 0.5 * (i + 1));
  const prey = solve(problem, { saveat: at }).u.map((u, i) => u.prey * (1 + 0.05 * Math.sin(7 * i)));
  const { p } = await fit(problem, observations({ t: at, values: { prey } }));
  const loss = { at, of: (u: { prey: number }, _p: unknown, _t: number, i: number): number => (u.prey - prey[i]) ** 2 };
  const { gradient: found, warnings } = gradient(remake(problem, { p }), { loss, adjoint: "discrete" });
  for (const x of Object.values(found.p)) expect(Math.abs(x)).toBeLessThan(1e-2);
  expect(warnings).toEqual([]);
});
