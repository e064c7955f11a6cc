/** Losses and events that cannot be read, or were misread, run by themselves, with derivatives by their tape. */
import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  CannotBatch,
  CapturedVariable,
  Disagreement,
  explain,
  gradient,
  gradientBatch,
  MisreadFunction,
  odeProblem,
  rodas5P,
  sensitivities,
  solve,
  solveWithPullback,
  type Loss,
} from "../../index.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { markMisread } from "../../src/read/misreading.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { withoutInspector } from "../without-inspector.ts";

const exponential = odeProblem({
  rhs: (du, u, p) => {
    du[0] = -p[0] * u[0];
  },
  u0: [1.3],
  p: [0.8],
  tspan: [0, 1],
});

/** The same loss, twice: one calls itself, which cannot be read. */
const readable: Loss<number[], number[]> = {
  at: [0.25, 0.5, 1],
  of: (u, p, t, i) => u[0] ** 2 * p[0] * t + i * u[0],
  integral: (u, p, t) => u[0] * Math.sin(t) * p[0],
  final: (u, p) => u[0] ** 3 + p[0],
};
const recursive: Loss<number[], number[]> = {
  at: [0.25, 0.5, 1],
  of: (u, p, t, i) => {
    const again = (n: number): number => (n > 0 ? again(n - 1) : u[0] ** 2 * p[0] * t + i * u[0]);
    return again(2);
  },
  integral: (u, p, t) => {
    const again = (n: number): number => (n > 0 ? again(n - 1) : u[0] * Math.sin(t) * p[0]);
    return again(2);
  },
  final: (u, p) => {
    const again = (n: number): number => (n > 0 ? again(n - 1) : u[0] ** 3 + p[0]);
    return again(2);
  },
};
const tight = { rtol: 1e-8, atol: 1e-8, wrt: ["p", "u0", "t0", "t1"] } as const;

describe("a loss that cannot be read", () => {
  withoutInspector();

  const cases = Object.entries(adjointMethods).flatMap(([adjoint, { traits }]) =>
    [undefined, ...(traits.stiff ? [rodas5P()] : [])].map((solver) => ({ adjoint, solver, method: solver?.name ?? "default" })),
  );

  it.each(cases)("is differentiated by $adjoint, solver $method", ({ adjoint, solver }) => {
    const own = gradient(exponential, { ...tight, adjoint, solver, loss: recursive });
    const read = gradient(exponential, { ...tight, adjoint, solver, loss: readable });
    expect(own.value).toBeCloseTo(read.value, 13);
    for (const part of ["p", "u0"] as const) expect(own.flat[part]![0]).toBeCloseTo(read.flat[part]![0], 13);
    for (const end of ["t0", "t1"] as const) expect(own.gradient[end]).toBeCloseTo(read.gradient[end]!, 13);
    expect(read.warnings.filter((warning) => warning.includes("by itself"))).toEqual([]);
    const said = own.warnings.filter((warning) => warning.startsWith("It runs by itself, not compiled: loss."));
    expect(said.map((warning) => /loss\.(\w+), line 1|loss\.(\w+), line 2/.exec(warning) !== null)).toEqual([true, true, true]);
    expect(own.plan.toString()).toContain(said[0]);
  });

  it("is checked, explained, and takes new constants", () => {
    const loss = (k: number): Loss<number[], number[], { k: number }> => ({
      final: (u, _p, c) => {
        const again = (n: number): number => (n > 0 ? again(n - 1) : c.k * u[0]);
        return again(2);
      },
      constants: { k },
    });
    for (const k of [2, 3]) {
      const { value, flat } = gradient(exponential, { ...tight, wrt: ["p"], loss: loss(k) });
      expect(value).toBeCloseTo(k * 1.3 * Math.exp(-0.8), 7);
      expect(flat.p![0]).toBeCloseTo(-k * 1.3 * Math.exp(-0.8), 7);
    }
    expect(checkGradient(exponential, { loss: recursive }).passed).toBe(true);
    expect(explain(exponential, { loss: recursive }).summary).toContain("adjoint");
  });

  it("sees what its constants hold at each call", () => {
    const constants = { scale: { k: 2 } };
    const loss: Loss<number[], number[], typeof constants> = {
      final: (u, _p, c) => {
        const again = (n: number): number => (n > 0 ? again(n - 1) : c.scale.k * u[0]);
        return again(2);
      },
      constants,
    };
    const value = (): number => gradient(exponential, { ...tight, loss }).value;
    expect(value()).toBeCloseTo(2 * 1.3 * Math.exp(-0.8), 7);
    constants.scale.k = 5;
    expect(value()).toBeCloseTo(5 * 1.3 * Math.exp(-0.8), 7);
  });

  it("may throw where it is not called", () => {
    const final = (u: number[]): number => {
      const again = (n: number): number => (n > 0 ? again(n - 1) : u[0] * 2);
      if (u[0] > 1) throw new RangeError("only for what has decayed");
      return again(2);
    };
    expect(gradient(exponential, { ...tight, loss: { final } }).value).toBeCloseTo(2.6 * Math.exp(-0.8), 6);
  });

  it("cannot run for many trajectories, which is said by name", async () => {
    const { final } = recursive;
    await expect(gradientBatch(exponential, { loss: { final }, p: ndarray([1, 2], [2, 1]) })).rejects.toThrow(CannotBatch);
  });

  it("is the user's fault where it has free names", () => {
    const outside = 2;
    expect(() => gradient(exponential, { loss: { final: (u) => outside * u[0] } })).toThrow(CapturedVariable);
  });

  it("is the user's fault where it gives something else in each call", () => {
    const draws = { calls: 0 };
    const loss: Loss<number[], number[], typeof draws> = {
      final: (u, _p, c) => u[0] * (c.calls += 1),
      constants: draws,
    };
    expect(() => gradient(exponential, { loss })).toThrow(Disagreement);
    expect(() => gradient(exponential, { loss: { final: (u) => u[0] * Math.random() } })).toThrow(Disagreement);
  });
});

describe("events that cannot be read", () => {
  const withEvents = (apply: (u: { x: number; y: number }, p: number[], t: number) => void): ReturnType<typeof make> =>
    make(apply);
  const make = (apply: (u: { x: number; y: number }, p: number[], t: number) => void) =>
    odeProblem({
      rhs: (du, u, p) => {
        du.x = -p[0] * u.x;
        du.y = u.x;
      },
      u0: { x: 1, y: 0 },
      p: [0.8, 3],
      tspan: [0, 1],
      events: { at: [0.3, 0.7], apply },
    });
  const recursiveEvent = withEvents((u, p, t) => {
    const again = (n: number): number => (n > 0 ? again(n - 1) : u.x * p[1] + t);
    u.x = again(2);
  });
  const readableEvent = withEvents((u, p, t) => {
    u.x = u.x * p[1] + t;
  });
  const options = {
    loss: { final: (u: { x: number; y: number }) => u.x * u.y },
    rtol: 1e-8,
    atol: 1e-8,
    wrt: ["p", "u0"],
  } as const;

  it.each(Object.keys(adjointMethods))("are differentiated by %s", (adjoint) => {
    const own = gradient(recursiveEvent, { ...options, adjoint });
    const read = gradient(readableEvent, { ...options, adjoint });
    expect(own.value).toBe(read.value);
    for (const part of ["p", "u0"] as const) own.flat[part]!.forEach((x, i) => expect(x).toBeCloseTo(read.flat[part]![i], 12));
    expect(own.warnings.some((warning) => warning.includes("by itself, not compiled: events.apply"))).toBe(true);
  });

  it("are taken back by pullbacks, and along by sensitivities", () => {
    const [own, read] = [recursiveEvent, readableEvent].map((problem) => {
      const { pullback } = solveWithPullback(problem, { saveat: [0.5, 1], rtol: 1e-8, atol: 1e-8 });
      return pullback([
        { x: 1, y: 0.5 },
        { x: -2, y: 1 },
      ]).p;
    });
    own!.forEach((x, i) => expect(x).toBeCloseTo(read![i], 12));
    const [s, r] = [recursiveEvent, readableEvent].map(
      (problem) => sensitivities(problem, { saveat: [1], rtol: 1e-8, atol: 1e-8 }).p,
    );
    expect(JSON.stringify(s)).toEqual(JSON.stringify(r));
  });
});

describe("what was misread", () => {
  /** As the agreement check does on the way. */
  const misread = (code: ProblemCode): MisreadFunction => markMisread(code.rhsProgram(), { name: code.name }, "it was found out");

  it("runs by itself, and says so", () => {
    const problem = odeProblem({
      rhs: function decay(du, u, p) {
        du[0] = -p[0] * u[0];
      },
      u0: [1],
      p: [0.5],
      tspan: [0, 1],
    });
    const before = solve(problem, { rtol: 1e-8, atol: 1e-8 });
    expect([before.stats.compiled, before.warnings]).toEqual([true, []]);
    misread(problem.code);
    const after = solve(problem, { rtol: 1e-8, atol: 1e-8 });
    expect(after.stats).toMatchObject({ compiled: false, reason: "decay: it was found out." });
    expect(after.warnings).toEqual(["It runs by itself, not compiled: decay: it was found out."]);
    expect(after.u.at(-1)![0]).toBeCloseTo(Math.exp(-0.5), 7);
    const { flat, plan, warnings } = gradient(problem, { loss: { final: (u) => u[0] }, rtol: 1e-8, atol: 1e-8 });
    expect(flat.p![0]).toBeCloseTo(-Math.exp(-0.5), 7);
    expect(plan.vjp).toBe("compiledTape");
    expect(warnings[0]).toContain("it was found out");
  });

  it("is known as that in all functions of the same content", () => {
    const make = () =>
      odeProblem({
        rhs: function same(du, u) {
          du[0] = -2 * u[0];
        },
        u0: [1],
        tspan: [0, 1],
      });
    misread(make().code);
    expect(() => make().code.rhsProgram()).toThrow(MisreadFunction);
    expect(solve(make()).stats.compiled).toBe(false);
  });
});

it("a helper that calls itself, by its own name or by that of the variable, goes to the compiled tape", () => {
  const chain = (n: number, x: number): number => (n > 0 ? x * chain(n - 1, x) : 1);
  function named(n: number, x: number): number {
    return n > 0 ? x * named(n - 1, x) : 1;
  }
  for (const power of [chain, named, { power: named }.power]) {
    const problem = odeProblem({
      rhs: (u, p, _t, { power }) => [-p[0] * power(2, u[0])],
      u0: [1.3],
      p: [0.8],
      tspan: [0, 1],
      constants: { power },
    });
    const { flat, plan } = gradient(problem, { loss: { final: (u) => u[0] }, rtol: 1e-9, atol: 1e-9 });
    expect(plan.vjp).toBe("compiledTape");
    expect(plan.toString()).toContain("calls itself");
    // u = u0 / (1 + p t u0).
    expect(flat.p![0]).toBeCloseTo(-(1.3 ** 2) / (1 + 0.8 * 1.3) ** 2, 7);
  }
});

describe("what switches with the state", () => {
  const UNSEEN = /^Where its comparisons switch with the state/;
  const isSaid = (derivative: string, loss: Loss<number[], number[]> = { final: (u) => u[0] }): boolean => {
    const rhs = new Function("du", "u", "p", "t", `try { du[0] = ${derivative}; } finally {}`) as (du: number[]) => void;
    const { warnings } = gradient(odeProblem({ u0: [1], p: [0.5], tspan: [0, 1], rhs }), { loss });
    expect(warnings[0]).toMatch(/^It runs by itself/);
    return warnings.some((warning) => UNSEEN.test(warning));
  };

  it.each(["-p[0] * u[0]", "t < 0.5 ? -p[0] * u[0] : 0", "p[0] < 0.6 ? -u[0] : 0", "-Math.max(0.2, u[0])"])("not %s", (text) => {
    expect(isSaid(text)).toBe(false);
  });

  it.each([
    "u[0] < 0.7 ? -u[0] : -1",
    "t > 0.5 && u[0] < 0.8 ? -2 * u[0] : -p[0]",
    "-Math.floor(3 * u[0])",
    "-[1, 2, 3][Math.max(0, Math.floor(2 * u[0]))]",
  ])("%s", (text) => {
    expect(isSaid(text)).toBe(true);
  });

  it("not a loss of single times", () => {
    const rhs = (du: number[], u: number[], p: number[]): void => void (du[0] = -p[0] * u[0]);
    const problem = odeProblem({ u0: [1], p: [0.5], tspan: [0, 1], rhs });
    const again = (u: number[]): number => {
      const inner = (n: number): number => (n > 0 ? inner(n - 1) : u[0] > 0 ? u[0] : 0);
      return inner(2);
    };
    expect(gradient(problem, { loss: { final: again } }).warnings.some((warning) => UNSEEN.test(warning))).toBe(false);
    expect(gradient(problem, { loss: { integral: again } }).warnings.some((warning) => UNSEEN.test(warning))).toBe(true);
  });
});
