/** Gradients held against others: right ones pass, wrong ones are named. */
import { describe, expect, it } from "vitest";
import { checkGradient, gradient, GradientCheckFailed, odeProblem, vern7, type OdeProblem } from "../../index.ts";
import { lotkaVolterra } from "../../problems/index.ts";
import { checkThroughSolve } from "../../sensitivity/check.ts";
import { extrapolatedDifference } from "../../sensitivity/extrapolated-difference.ts";
import { lossPrograms } from "../../sensitivity/loss.ts";
import { adjointMethods } from "../../sensitivity/methods/index.ts";
import type { GradientTask } from "../../sensitivity/methods/method.ts";
import { taskOf } from "../../sensitivity/task.ts";
import { source } from "../../sensitivity/vjp/source.ts";
import type { Loss } from "../../src/problem.ts";

const { problem, loss, reference } = lotkaVolterra();
const mixed = {
  ...loss,
  final: (u: { prey: number }) => u.prey ** 2,
  integral: (u: { predator: number }, p: { a: number }, t: number) => u.predator * t * p.a,
};
const everything = ["p", "u0", "t0", "t1"] as const;
const tight = { rtol: 1e-8, atol: 1e-8 };

describe("extrapolated differences", () => {
  it("central: eleven digits of a smooth function", () => {
    const { slope, error } = extrapolatedDifference((h) => Math.exp(1 + h), 1 / 8);
    expect(Math.abs(slope / Math.E - 1)).toBeLessThan(1e-11);
    expect(error).toBeLessThan(1e-9);
  });

  it.each([1, -1] as const)("from one side, %d, where the function is defined there alone", (side) => {
    const at = (h: number): number => (side * h < 0 ? NaN : Math.exp(1 + h));
    const { slope } = extrapolatedDifference(at, 1 / 64, side);
    expect(Math.abs(slope / Math.E - 1)).toBeLessThan(1e-9);
  });
});

describe("checkGradient", () => {
  it.each(Object.keys(adjointMethods))("%s: passes, component by component", (adjoint) => {
    const report = checkGradient(problem, { loss: mixed, wrt: everything, adjoint, ...tight, solver: vern7() });
    expect(report.passed).toBe(true);
    expect(report.rows.map(({ name }) => name)).toEqual(["p.a", "p.b", "p.c", "p.d", "u0.prey", "u0.predator", "t0", "t1"]);
    for (const { gradient: found, other, differences } of report.rows) {
      expect(found / differences.slope).toBeCloseTo(1, 4);
      expect(found / other).toBeCloseTo(1, 4);
      expect(found).not.toBe(other);
    }
  });

  it("its differences are the known answer", () => {
    const { rows } = checkGradient(problem, { loss, ...tight });
    rows.forEach(({ differences }, j) => {
      expect(differences.slope / Object.values(reference!.gradient!)[j]).toBeCloseTo(1, 7);
      expect(differences.error).toBeLessThan(1e-4);
    });
  });

  it("prints a table and the verdict", () => {
    const lines = String(checkGradient(problem, { loss, adjoint: "gauss", ...tight })).split("\n");
    expect(lines[0].trim().split(/ {2,}/)).toEqual(["gauss", "dual", "differences", "relative"]);
    expect(lines[1]).toMatch(/^p\.a +25\.5006\d+ +25\.5006\d+ +25\.5006\d+ +\d\.\de-\d+$/);
    expect(lines.at(-1)).toBe("4 derivatives agree within 0.00001 (relative)");
  });

  /** u' = -k u + c; between t = 0.3 and 0.6 the vjp of its author's is wrong by one hundredth in c, which no check at the start sees. */
  const wrong = odeProblem({
    rhs: (u: number, { k, c }: { k: number; c: number }) => -k * u + c,
    u0: 1,
    p: { k: 0.7, c: 0.3 },
    tspan: [0, 1],
    derivatives: {
      vjp(uBar, pBar, v, u, p, t) {
        uBar[0] = -p.k * v;
        pBar.k = -u * v;
        pBar.c = t > 0.3 && t < 0.6 ? 1.01 * v : v;
      },
    },
  }) as OdeProblem<number, { k: number; c: number }>;

  it("names the components that differ", () => {
    const report = checkGradient(wrong, { loss: { final: (u) => u }, adjoint: "gauss", vjp: "user" });
    expect(report.passed).toBe(false);
    expect(report.rows.map(({ passed }) => passed)).toEqual([true, false]);
    expect(String(report)).toMatch(/\np\.c .* differs\n1 of 2 differ by more than 0\.001 \(relative\): p\.c$/);
  });

  it("of a function that cannot be read: by differences alone", () => {
    const rate = 2;
    const captured = odeProblem({
      rhs: (u: number, p: number[]) => -rate * p[0] * u,
      u0: 1,
      p: [0.5],
      tspan: [0, 1],
    });
    const report = checkGradient(captured, { loss: { final: (u) => u }, vjp: "finite", ...tight });
    expect(report.other).toBeUndefined();
    expect(report.passed).toBe(true);
    expect(report.rows[0].differences.slope).toBeCloseTo(-2 * Math.exp(-1), 8);
  });
});

describe("check: true", () => {
  it("sees all that is asked for, the ends of time too", () => {
    const options = { loss: mixed, wrt: everything, adjoint: "gauss", ...tight };
    expect(gradient(problem, { ...options, check: true }).check.passed).toBe(true);
    const task = {
      ...taskOf(problem as OdeProblem, options, lossPrograms(mixed as Loss, problem)),
      backend: source,
    } as GradientTask;
    const flat = adjointMethods.gauss.run(task);
    expect(checkThroughSolve(task, flat).relativeDifference).toBeLessThan(1e-5);
    const changed = [
      { ...flat, t0: 1.1 * flat.t0! },
      { ...flat, t1: 1.1 * flat.t1! },
      { ...flat, p: flat.p!.map((x, j) => (j === 2 ? 1.1 * x : x)) },
      { ...flat, u0: flat.u0!.map((x, i) => (i === 1 ? 1.1 * x : x)) },
    ];
    for (const other of changed) expect(() => checkThroughSolve(task, other)).toThrow(GradientCheckFailed);
    for (const name of ["t0", "t1"] as const) {
      const alone = { ...flat, p: undefined, u0: undefined, t0: undefined, t1: undefined, [name]: flat[name] };
      expect(checkThroughSolve(task, alone).passed).toBe(true);
    }
  });
});
