/** Gradients held against others: right ones pass, wrong ones are named. */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  DerivativeMismatch,
  gradient,
  GradientCheckFailed,
  odeProblem,
  solve,
  tsit5,
  vern7,
  type OdeProblem,
} from "../../index.ts";
import { lotkaVolterra } from "../../problems/index.ts";
import { checkThroughSolve } from "../../sensitivity/check/through-solve.ts";
import { extrapolatedDifference } from "../../sensitivity/numerics/extrapolated-difference.ts";
import { withLoss } from "../../sensitivity/losses/loss.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import type { GradientTask } from "../../sensitivity/task/task.ts";
import { taskOf } from "../../sensitivity/task/options.ts";
import { source } from "../../sensitivity/vjp/backends/source.ts";
import type { Loss } from "../../src/problem/problem.ts";
import { withoutInspector } from "../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

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
    const { slope } = extrapolatedDifference(at, 1 / 64, { side });
    expect(Math.abs(slope / Math.E - 1)).toBeLessThan(1e-9);
  });

  it.each([3e-3, 4e-4, 5e-5])("a corner at a distance of %d: from within", (corner) => {
    const { slope, error } = extrapolatedDifference((h) => Math.sin(h) + Math.max(0, h - corner), 1 / 64);
    expect(Math.abs(slope - 1)).toBeLessThan(1e-10);
    expect(error).toBeLessThan(1e-9);
  });

  it("what is known to few digits does not settle, and its error says so", () => {
    const noisy = (h: number): number => Math.sin(h) + 1e-4 * Math.sin(1e9 * (h + 0.3) ** 2);
    const { slope, error } = extrapolatedDifference(noisy, 1 / 64);
    expect(error).toBeGreaterThan(1e-4);
    expect(Math.abs(slope - 1)).toBeLessThan(10 * error);
  });

  it("ends where the error is enough", () => {
    const calls: number[] = [];
    extrapolatedDifference((h) => calls.push(h) && Math.exp(h), 1 / 64, { enough: 1e-6 });
    expect(calls.length).toBeLessThanOrEqual(8);
  });
});

describe("checkGradient", () => {
  it.each(Object.keys(adjointMethods))("%s: passes, component by component", (adjoint) => {
    const report = checkGradient(problem, { loss: mixed, wrt: everything, adjoint, ...tight, solver: vern7() });
    expect(report.passed).toBe(true);
    expect(report.rows.map(({ name }) => name)).toEqual(["p.a", "p.b", "p.c", "p.d", "u0.prey", "u0.predator", "t0", "t1"]);
    for (const { name, gradient: found, other, differences } of report.rows) {
      expect(found / differences.slope).toBeCloseTo(1, 4);
      expect(found / other).toBeCloseTo(1, 4);
      // By the end of the time span all methods take the derivative at the final state, which may be the same number.
      if (name !== "t1") expect(found).not.toBe(other);
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
    expect(lines.at(-1)).toBe("4 derivatives agree within 0.000001 (relative)");
  });

  /** u' = -k u + c; between t = 0.2 and 0.4 the vjp of its author's is wrong by one hundredth in c, which no check at the start or on the way sees. */
  const wrong = odeProblem({
    rhs: (u: number, { k, c }: { k: number; c: number }) => -k * u + c,
    u0: 1,
    p: { k: 0.7, c: 0.3 },
    tspan: [0, 1],
    derivatives: {
      vjp(uBar, pBar, v, u, p, t) {
        uBar[0] = -p.k * v;
        pBar.k = -u * v;
        pBar.c = t > 0.2 && t < 0.4 ? 1.01 * v : v;
      },
    },
  }) as OdeProblem<number, { k: number; c: number }>;

  it("names the components that differ", () => {
    const report = checkGradient(wrong, { loss: { final: (u) => u }, adjoint: "gauss", vjp: "user" });
    expect(report.passed).toBe(false);
    expect(report.rows.map(({ passed }) => passed)).toEqual([true, false]);
    expect(String(report)).toMatch(/\np\.c .* differs\n1 of 2 differ by more than 0\.0001 \(relative\): p\.c$/);
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

describe("checkGradient says of each component what its numbers do", () => {
  const decay = (k: number) => odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [1], tspan: [0, 1], p: [k] });

  it("a logarithm of a state that decayed below its tolerance: by k it is -20, by u0 1", () => {
    const loss = { final: (u: number[]) => Math.log(u[0]) };
    const report = checkGradient(decay(20), { loss, wrt: ["p", "u0"], adjoint: "gauss", solver: tsit5() });
    const [byK, byU0] = report.rows;
    const off = Math.abs(byK.gradient - byK.other) / Math.max(Math.abs(byK.gradient), Math.abs(byK.other));
    expect(off).toBeGreaterThan(1e-3);
    expect(byK).toMatchObject({ passed: false, small: false });
    expect(byK.relativeDifference).toBeGreaterThanOrEqual(off);
    // The solve is right in too few digits for its differences to decide anything.
    expect(byU0.settled).toBe(false);
    expect(byU0.relativeDifference).toBe(Math.abs(byU0.gradient - byU0.other) / Math.max(byU0.gradient, byU0.other));
    expect(String(report)).toMatch(/not compared: .*u0\[0\]\n.*differ by more than 0\.0001 \(relative\): p\[0\]/);
    expect(() => gradient(decay(20), { loss, adjoint: "gauss", solver: tsit5(), check: true })).toThrow(GradientCheckFailed);

    const right = checkGradient(decay(20), { loss, wrt: ["p", "u0"], adjoint: "gauss", atol: 1e-20 });
    expect(right.passed).toBe(true);
    right.rows.forEach(({ gradient: found, settled }, i) => {
      expect(found / [-1, 1][i]).toBeCloseTo(1, 4);
      expect(settled).toBe(true);
    });
  });

  it.each([2e-3, 2e-4, -2e-4])("a loss with a corner nearby, %d", (corner) => {
    const loss = {
      final: (u: number[], _p: number[], { at }: { at: number }) => u[0] + 3 * Math.max(0, u[0] - at),
      constants: { at: Math.exp(-1) * (1 + corner) },
    };
    const report = checkGradient(decay(1), { loss });
    const byK = -Math.exp(-1) * (corner > 0 ? 1 : 4);
    expect(report.rows[0]).toMatchObject({ settled: true, passed: true });
    expect(report.rows[0].gradient / byK).toBeCloseTo(1, 4);
    expect(report.rows[0].differences.slope / byK).toBeCloseTo(1, 4);
  });

  it("a gradient that vanishes passes for what it is a sum of, and is said to", () => {
    const data = Math.exp(-1);
    const loss = { final: (u: number[], _p: number[], { data }: { data: number }) => (u[0] - data) ** 2, constants: { data } };
    const report = checkGradient(decay(1), { loss });
    expect(report.rows[0]).toMatchObject({ small: true, passed: true });
    expect(report.rows[0].relativeDifference).toBeGreaterThan(1e-4);
    expect(String(report)).toMatch(
      / small\n1 derivative agrees within 0\.0001 \(relative; of the terms it is a sum of, .*: p\[0\]\)$/,
    );
  });

  it("compared with nothing: no pass", () => {
    // Lorenz (1963): by t = 30 its solution has forgotten where it began, and differences at any distance say nothing.
    const sigma = { value: 10 };
    const captured = odeProblem({
      rhs: (u: number[], p: number[]) => [sigma.value * (u[1] - u[0]), u[0] * (p[0] - u[2]) - u[1], u[0] * u[1] - (8 / 3) * u[2]],
      u0: [1, 1, 1],
      tspan: [0, 30],
      p: [28],
    });
    const report = checkGradient(captured, { loss: { final: (u) => u[0] }, vjp: "finite" });
    expect([report.other, report.passed, report.rows[0].settled]).toEqual([undefined, false, false]);
    expect(String(report)).toMatch(/ undecided\n.*not compared: p\[0\]\n1 of 1 compared with nothing: p\[0\]$/);
  });
});

describe("check: true", () => {
  it("sees all that is asked for, the ends of time too", () => {
    const options = { loss: mixed, wrt: everything, adjoint: "gauss", ...tight };
    expect(gradient(problem, { ...options, check: true }).check.passed).toBe(true);
    const task = {
      ...taskOf(
        problem as OdeProblem,
        options,
        withLoss(mixed as Loss, problem, (programs) => programs),
      ),
      backend: source,
    } as GradientTask;
    const flat = adjointMethods.gauss.gradient(task);
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

describe("scales of checks", () => {
  const exponential = (k: number, units = 1) =>
    odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [units], tspan: [0, 2], p: [k] });
  type Data = { data: Float64Array };
  const at = [0.5, 1, 1.5, 2];

  const squares = (data: Float64Array) => ({
    at,
    of: (u: number[], _p: number[], _t: number, i: number, { data }: Data) => (u[0] - data[i]) ** 2,
    constants: { data },
  });
  /** Data that the model fits. */
  const fitted = {
    "what its own solve gives": Float64Array.from(solve(exponential(0.7), { saveat: at }).u, (u) => u[0]),
    "the exact solution": Float64Array.from(at, (t) => Math.exp(-0.7 * t)),
  };

  it.each(Object.entries(fitted))("a sum of squares at its optimum, %s: the derivative that vanishes is right", (_, data) => {
    for (const adjoint of Object.keys(adjointMethods)) {
      expect(gradient(exponential(0.7), { loss: squares(data), adjoint, check: true }).check.passed).toBe(true);
    }
    expect(checkGradient(exponential(0.7), { loss: squares(data) }).passed).toBe(true);
  });

  it("an integral of squares at its optimum", () => {
    const loss = { integral: (u: number[], _p: number[], t: number) => (u[0] - Math.exp(-0.7 * t)) ** 2 };
    expect(gradient(exponential(0.7), { loss, check: true, wrt: ["p", "u0"] }).check.passed).toBe(true);
    expect(checkGradient(exponential(0.7), { loss, wrt: ["p", "u0"] }).passed).toBe(true);
  });

  const lost = (loss: Loss, part: number, options = {}) => {
    const task = {
      ...taskOf(
        exponential(0.7) as OdeProblem,
        options,
        withLoss(loss, exponential(0.7) as OdeProblem, (programs) => programs),
      ),
      backend: source,
    } as GradientTask;
    const flat = adjointMethods.dual.gradient(task);
    return (): unknown => checkThroughSolve(task, { ...flat, p: flat.p!.map((x) => (1 + part) * x) });
  };

  it("away from it a gradient that is wrong by a thousandth is found, also where the residuals are small", () => {
    const far = squares(Float64Array.of(0, 0, 0, 0)) as Loss;
    expect(lost(far, 1e-3)).toThrow(GradientCheckFailed);
    expect(lost(far, 1e-6)).not.toThrow();
    const close = squares(fitted["the exact solution"].map((x) => 1.05 * x)) as Loss;
    expect(lost(close, 0.02)).toThrow(GradientCheckFailed);
    const final = { final: (u: number[]) => u[0] } as Loss;
    expect(lost(final, 3e-4)).toThrow(GradientCheckFailed);
    // A large absolute tolerance is no excuse where the state is as large.
    expect(lost(final, 0.2, { atol: 1e-3 })).toThrow(GradientCheckFailed);
  });

  it.each([1e-12, 1e-6, 1, 1e6, 1e12])("units of %d: of the loss, the state and the parameter", (units) => {
    const wrong = (factor: number, c: number): OdeProblem<number[], number[], { c: number }> =>
      odeProblem({
        rhs: (u: number[], p: number[], _t: number, { c }: { c: number }) => [-c * p[0] * u[0]],
        u0: [units],
        tspan: [0, 2],
        p: [0.7 / c],
        constants: { c },
        derivatives: {
          vjp: (uBar, pBar, v, u, p, t, { c }) => {
            uBar[0] = -c * p[0] * v[0];
            pBar[0] = -c * u[0] * v[0] * (t > 0.3 && t < 0.6 ? factor : 1);
          },
        },
      });
    for (const c of [1e-9, 1e9]) {
      for (const scale of [1e-12, 1e12]) {
        const loss = { final: (u: number[], _p: number[], { scale }: { scale: number }) => scale * u[0], constants: { scale } };
        const options = { loss, atol: 1e-6 * units, adjoint: "gauss", vjp: "user", backward: { atol: 1e-6 * scale } };
        expect(checkGradient(wrong(1, c), options).passed).toBe(true);
        expect(checkGradient(wrong(1.05, c), options).passed).toBe(false);
        expect(gradient(wrong(1, c), { ...options, check: true }).check.passed).toBe(true);
        expect(() => gradient(wrong(1.05, c), { ...options, check: true })).toThrow(GradientCheckFailed);
      }
    }
  });
});

describe("check: true where errors are controlled for the state alone", () => {
  const found = (run: () => { value: number }): boolean => {
    try {
      run();
      return false;
    } catch (error) {
      if (error instanceof GradientCheckFailed) return true;
      throw error;
    }
  };

  it.each(["discrete", "forwardSensitivity"])("%s at rest: either right or found wrong", (adjoint) => {
    const rest = odeProblem({ rhs: (u: number[]) => [u[0]], u0: [0], tspan: [0, 10] });
    const options = { loss: { final: (u: number[]) => u[0] }, wrt: ["u0"] as const, adjoint };
    const value = gradient(rest, options).flat.u0![0];
    const isRight = Math.abs(value / Math.exp(10) - 1) < 1e-3;
    expect(found(() => gradient(rest, { ...options, check: true }))).toBe(!isRight);
  });
});

describe("kinks at the start", () => {
  type Vjp = (uBar: number[], pBar: number[], v: number[], u: number[], p: number[]) => void;
  const relu = (vjp: Vjp) =>
    odeProblem({
      rhs: (u: number[], p: number[]) => [p[0] * Math.max(u[0], 0) + 1],
      u0: [0],
      tspan: [0, 1],
      p: [0.5],
      derivatives: { vjp: (uBar, pBar, v, u, p) => vjp(uBar, pBar, v as number[], u as number[], p as number[]) },
    });
  const loss = { final: (u: number[]) => u[0] };

  it("another side of the kink is no fault of a user's vjp", () => {
    const other = relu((uBar, pBar, v, u, p) => {
      uBar[0] = u[0] > 0 ? p[0] * v[0] : 0;
      pBar[0] = Math.max(u[0], 0) * v[0];
    });
    const { flat } = gradient(other, { loss, vjp: "user", adjoint: "gauss", rtol: 1e-9, atol: 1e-9 });
    // u = (e^{pt} - 1) / p
    expect(flat.p![0]).toBeCloseTo(Math.exp(0.5) / 0.5 - (Math.exp(0.5) - 1) / 0.25, 6);
  });

  it("a wrong one is found there", () => {
    const wrong = relu((uBar, pBar, v, u, p) => {
      uBar[0] = u[0] > 0 ? 1.01 * p[0] * v[0] : 0;
      pBar[0] = Math.max(u[0], 0) * v[0];
    });
    expect(() => gradient(wrong, { loss, vjp: "user", adjoint: "gauss" })).toThrow(DerivativeMismatch);
  });

  it("reverse mode beside differences of a function that cannot be read", () => {
    const problem = odeProblem({
      rhs: (u: number[], p: number[]) => {
        const again = (n: number): number => (n === 0 ? Math.abs(u[0]) : again(n - 1));
        return [p[0] * again(2) + Math.max(0, u[1]) + 1, -u[1]];
      },
      u0: [0, 0],
      tspan: [0, 1],
      p: [0.5],
    });
    expect(gradient(problem, { loss }).flat.p![0]).toBeCloseTo(Math.exp(0.5) / 0.5 - (Math.exp(0.5) - 1) / 0.25, 4);
  });
});
