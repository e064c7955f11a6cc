/** What switches with the time more often than can be found is told, never missed without a word. */
import { describe, expect, it } from "vitest";
import { odeProblem, solve } from "../../../index.ts";

const pulsed = odeProblem({
  rhs: (u, p, t) => [(Math.sin(p.w * t) > p.th ? p.A : 0) - u[0]],
  u0: [0],
  p: { A: 100, w: 50, th: 0.999 },
  tspan: [0, 10],
});

/** By pieces between the pulses of Math.sin(w t) > th. */
function closedForm(w: number, th: number, end: number): number {
  let [u, t] = [0, 0];
  for (let k = 0; ; k++) {
    const from = (Math.asin(th) + 2 * Math.PI * k) / w;
    if (from > end) return u * Math.exp(t - end);
    const to = Math.min((Math.PI - Math.asin(th) + 2 * Math.PI * k) / w, end);
    u = u * Math.exp(t - to) + 100 * (1 - Math.exp(from - to));
    t = to;
  }
}

describe("pulses of a periodic function of the time", () => {
  it.each([0.9, 0.999, 0.99999])("above %f of its height are all found", (th) => {
    const { u, warnings, switches } = solve(pulsed, { p: { A: 100, w: 50, th }, rtol: 1e-9 });
    expect(switches[0].times).toHaveLength(160);
    expect(warnings).toEqual([]);
    expect(u.at(-1)![0] / closedForm(50, th, 10)).toBeCloseTo(1, 7);
  });

  it.each([300, 1000, 12345])("that come too often (w = %f) are told", (w) => {
    const { warnings } = solve(pulsed, { p: { A: 100, w, th: 0.9 } });
    expect(warnings.join()).toMatch(
      /`Math\.sin\(p\.w \* t\) > p\.th` switches with the time too often .* limit the steps by `maxStep`/,
    );
  });

  it.each([
    ["that never reach their threshold", (t: number) => (Math.sin(1e4 * t) > 2 ? 1 : 0)],
    ["that are level but for rounding", (t: number) => (Math.sin(t) ** 2 + Math.cos(t) ** 2 > 0.5 ? 1 : 0)],
  ])("nothing is said of those %s", (_, of) => {
    const problem = odeProblem({ rhs: (u, _p, t, { f }) => [f(t) - u[0]], u0: [0], tspan: [0, 10], constants: { f: of } });
    expect(solve(problem).warnings).toEqual([]);
  });
});
