/** p, u0, tspan and atol in place of the problem's, in every verb: the answers are those of the problem remade with them. */
import { describe, expect, it } from "vitest";
import {
  BadTolerance,
  checkGradient,
  explain,
  gradient,
  ndarray,
  odeProblem,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const decay = odeProblem({ rhs: (u, p) => [-p.k * u[0]], u0: [1], tspan: [0, 1], p: { k: 1 } });
const loss = { final: (u: number[]) => u[0] };
const changes = { p: { k: 2 }, u0: [3], tspan: [0, 0.5] as const };
const tight = { rtol: 1e-9, atol: 1e-9 };
// u = u0 exp(-k t)
const value = 3 * Math.exp(-1);
const byP = -0.5 * value;
const byU0 = Math.exp(-1);

describe("p, u0 and tspan", () => {
  it.each([undefined, ...Object.keys(adjointMethods)])("gradient by %s", (adjoint) => {
    // First at the problem's own: nothing of that may be kept.
    expect(gradient(decay, { loss, adjoint, ...tight }).gradient.p!.k).toBeCloseTo(-Math.exp(-1), 6);
    const there = gradient(decay, { loss, adjoint, wrt: ["p", "u0"], ...tight, ...changes });
    expect(there.value).toBeCloseTo(value, 7);
    expect(there.gradient.p!.k).toBeCloseTo(byP, 6);
    expect(there.gradient.u0![0]).toBeCloseTo(byU0, 6);
    expect(gradient(decay, { loss, adjoint, ...tight }).gradient.p!.k).toBeCloseTo(-Math.exp(-1), 6);
  });

  it("gradient by the ends of the time span", () => {
    const { t0, t1 } = gradient(decay, { loss, wrt: ["t0", "t1"], ...tight, ...changes }).gradient;
    expect(t1).toBeCloseTo(-2 * value, 6);
    expect(t0).toBeCloseTo(2 * value, 6);
  });

  it("a loss at times within the time span given, not the problem's", () => {
    const summed = { at: [2, 4], of: (u: number[]) => u[0] };
    expect(() => gradient(decay, { loss: summed })).toThrow(/outside of tspan/);
    const { value } = gradient(decay, { loss: summed, tspan: [0, 5], ...tight });
    expect(value).toBeCloseTo(Math.exp(-2) + Math.exp(-4), 7);
  });

  it("checkGradient", () => {
    const report = checkGradient(decay, { loss, ...changes });
    expect(report.passed).toBe(true);
    expect(report.rows[0].gradient).toBeCloseTo(byP, 4);
    expect(report.rows[0].differences.slope).toBeCloseTo(byP, 4);
    expect(report.rows[0].other).toBeCloseTo(byP, 4);
  });

  it("explain", () => {
    const { steps } = explain(decay, { loss, tspan: [0, 1000] }).known;
    expect(steps.taken).toBeGreaterThan(explain(decay, { loss }).known.steps.taken);
    expect(steps.reached).toBe(1000);
  });

  it("sensitivities", () => {
    const { p, u0, solution } = sensitivities(decay, { saveat: [0.5], wrt: ["p", "u0"], ...tight, ...changes });
    expect(solution.u[0][0]).toBeCloseTo(value, 7);
    expect(p[0].k.get(0)).toBeCloseTo(byP, 6);
    expect(u0[0].get(0, 0)).toBeCloseTo(byU0, 6);
  });

  it("solveWithPullback", () => {
    const { solution, pullback } = solveWithPullback(decay, { saveat: [0.5], wrt: ["p", "u0"], ...tight, ...changes });
    expect(solution.u[0][0]).toBeCloseTo(value, 7);
    const pulled = pullback([[1]]);
    expect(pulled.p!.k).toBeCloseTo(byP, 6);
    expect(pulled.u0![0]).toBeCloseTo(byU0, 6);
  });
});

it("takes one name of wrt by itself", () => {
  expect(Object.keys(gradient(decay, { loss, wrt: "u0" }).gradient)).toEqual(["u0"]);
  expect(gradient(decay, { loss, wrt: "p" }).gradient.p!.k).toBeCloseTo(-Math.exp(-1), 4);
  expect(sensitivities(decay, { saveat: 1, wrt: "u0" }).u0).toHaveLength(2);
  expect(solveWithPullback(decay, { saveat: 1, wrt: "u0" }).pullback([[0], [1]]).u0![0]).toBeCloseTo(Math.exp(-1), 4);
});

/** A fast and a slow component, of sizes 1 and 1e-9. */
const twoScales = odeProblem({
  rhs(du, u, p) {
    du.large = -p.a * u.large;
    du.small[0] = -p.b * Math.cos(5 * u.large) * u.small[0];
    du.small[1] = -u.small[1];
  },
  u0: { large: 1, small: [1e-9, 1e-9] },
  tspan: [0, 10],
  p: { a: 0.1, b: 3 },
});

describe("atol by component", () => {
  const forms = [
    { large: 1e-6, small: 1e-15 },
    { small: 1e-15 },
    { large: 1e-6, small: [1e-15, 1e-15] },
    [1e-6, 1e-15, 1e-15],
    Float64Array.of(1e-6, 1e-15, 1e-15),
  ];
  const ofSmall = { final: (u: typeof twoScales.u0) => 1e9 * u.small[0] };

  it("is one thing in all its forms", async () => {
    const exact = solve(twoScales, { rtol: 1e-12, atol: 1e-22 }).u.at(-1)!.small[0];
    const loose = solve(twoScales, { atol: 1e-6 }).u.at(-1)!.small[0];
    expect(Math.abs(loose / exact - 1)).toBeGreaterThan(1e-3);
    for (const atol of forms) {
      expect(solve(twoScales, { atol }).u.at(-1)!.small[0] / exact).toBeCloseTo(1, 4);
      const batch = await solveBatch(twoScales, { atol, p: ndarray(Float64Array.of(0.1, 3), [1, 2]) });
      expect(batch.u.get(0, 0, 1) / exact).toBeCloseTo(1, 4);
    }
  });

  it.each(Object.keys(adjointMethods))("of gradient by %s", (adjoint) => {
    const exact = gradient(twoScales, { loss: ofSmall, rtol: 1e-11, atol: 1e-20, adjoint: "dual" }).flat.p!;
    for (const atol of forms) {
      const { flat } = gradient(twoScales, { loss: ofSmall, atol, adjoint });
      flat.p!.forEach((x, i) => expect(x / exact[i]).toBeCloseTo(1, 3));
    }
  });

  it("of the other verbs", () => {
    const exact = sensitivities(twoScales, { saveat: [10], rtol: 1e-11, atol: 1e-20 }).flat.p![0];
    const near = (flat: Float64Array): void => flat.forEach((x, i) => expect(x / exact[2 + i]).toBeCloseTo(1, 3));
    for (const atol of forms) {
      near(sensitivities(twoScales, { saveat: [10], atol }).flat.p![0].subarray(2, 4));
      const { pullback } = solveWithPullback(twoScales, { saveat: [10], atol });
      const pulled = pullback([{ large: 0, small: [1, 0] }]).p!;
      near(Float64Array.of(pulled.a, pulled.b));
      expect(checkGradient(twoScales, { loss: ofSmall, atol }).passed).toBe(true);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["an unknown name", { tiny: 1 }, /atol.tiny: the state has no tiny. Its components are large, small/],
    ["zero", { small: 0 }, /atol.small is 0/],
    ["a wrong entry", { small: [1e-6, NaN] }, /atol.small\[1\] is NaN/],
    ["another length", [1e-6], /atol has 1 entries, but the state has 3 components/],
    ["a string", { small: "1e-6" }, /atol.small is /],
  ])("refuses %s", (_, atol, message) => {
    for (const run of [
      () => solve(twoScales, { atol: atol as never }),
      () => gradient(twoScales, { loss: ofSmall, atol: atol as never }),
    ]) {
      expect(run).toThrow(message);
    }
    if (!Array.isArray(atol)) return;
    expect(() => solve(twoScales, { atol: atol as never })).toThrow(BadTolerance);
  });
});
