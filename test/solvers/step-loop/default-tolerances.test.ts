/** Absolute tolerances by default, where the state begins with nothing that says how large it will be. */
import { expect, it } from "vitest";
import { fbdf, odeProblem, rodas5P, solve, tsit5 } from "../../../index.ts";

/** x'' + 2 z w x' + w² x = a sin W t from rest, whose amplitude is some 1e-3. */
const [w, z, W, a] = [30, 0.02, 25, 0.3];
const driven = odeProblem({
  rhs(du, u, p, t) {
    du.x = u.v;
    du.v = p.a * Math.sin(p.W * t) - 2 * p.z * p.w * u.v - p.w ** 2 * u.x;
  },
  u0: { x: 0, v: 0 },
  p: { w, z, W, a },
  tspan: [0, 20],
});

function closedForm(t: number): number {
  const [d, D] = [w * Math.sqrt(1 - z * z), (w * w - W * W) ** 2 + (2 * z * w * W) ** 2];
  const [A, B] = [(a * (w * w - W * W)) / D, (-a * 2 * z * w * W) / D];
  const [c1, c2] = [-B, (-A * W - z * w * B) / d];
  return A * Math.sin(W * t) + B * Math.cos(W * t) + Math.exp(-z * w * t) * (c1 * Math.cos(d * t) + c2 * Math.sin(d * t));
}

it.each([undefined, tsit5(), rodas5P(), fbdf()])("what begins at rest follows rtol (%o)", (solver) => {
  const { t, u } = solve(driven, { solver, rtol: 1e-10, saveat: 0.1 });
  const error = Math.max(...t.map((at, i) => Math.abs(u[i].x - closedForm(at))));
  expect(error / Math.max(...t.map((at) => Math.abs(closedForm(at))))).toBeLessThan(1e-6);
});
