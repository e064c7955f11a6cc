/** `odegrad/core` of the built package: the numbers of the whole library, by what is handed in, and refusals of what it has not. */
import { describe, expect, it } from "vitest";
import * as core from "odegrad/core";
import * as whole from "../../index.ts";
import { discreteMethod } from "../../sensitivity/adjoints/discrete/method.ts";
import { source } from "../../sensitivity/vjp/backends/source.ts";

const specification = {
  rhs(du: Record<"x" | "y", number>, u: Record<"x" | "y", number>, p: { a: number; b: number }) {
    du.x = p.a * u.x - u.x * u.y;
    du.y = u.x * u.y - (u.x > p.b ? 1 : 1.5) * u.y;
  },
  u0: { x: 1, y: 2 },
  p: { a: 1.5, b: 0.7 },
  tspan: [0, 3] as const,
};
const tight = { rtol: 1e-8, atol: 1e-8 };
const loss = { at: [1, 2, 3], of: (u: { x: number; y: number }) => u.x ** 2 + u.y, integral: (u: { x: number }) => u.x };
const problem = core.odeProblem(specification);
const handed = { solver: core.tsit5(), vjp: core.sourceVjp, ...tight };

describe("gives what the whole library gives", () => {
  const expected = whole.gradient(whole.odeProblem(specification), { loss, wrt: ["p", "u0"], solver: whole.tsit5(), ...tight });

  it("solutions", () => {
    const [here, there] = [
      core.solve(problem, { solver: core.tsit5(), ...tight }),
      whole.solve(whole.odeProblem(specification), { solver: whole.tsit5(), ...tight }),
    ];
    expect(here.u).toEqual(there.u);
    expect(here.switches.length).toBeGreaterThan(0);
    expect(core.solve(problem, { solver: core.rodas5P(), ...tight }).u.at(-1)!.x).toBeCloseTo(there.u.at(-1)!.x, 5);
  });

  it.each([
    ["discrete", core.discreteAdjoint],
    ["gauss", core.gaussAdjoint],
    ["dual", core.dualAdjoint],
  ])("gradients, by %s", (name, adjoint) => {
    const found = core.gradient(problem, { ...handed, loss, wrt: ["p", "u0"], adjoint });
    expect(found.plan.adjoint).toBe(name);
    for (const key of ["a", "b"] as const) expect(found.gradient.p[key]).toBeCloseTo(expected.gradient.p[key], 4);
    for (const key of ["x", "y"] as const) expect(found.gradient.u0[key]).toBeCloseTo(expected.gradient.u0[key], 4);
  });

  it("pullbacks", () => {
    const { pullback } = core.solveWithPullback(problem, { ...handed, adjoint: core.discreteAdjoint, saveat: [3], wrt: "u0" });
    const slope = core.gradient(problem, { ...handed, adjoint: core.dualAdjoint, loss: { final: (u) => u.x }, wrt: "u0" });
    expect(pullback([{ x: 1, y: 0 }]).u0.y).toBeCloseTo(slope.gradient.u0.y, 5);
  });
});

describe("refuses by name", () => {
  const all = { ...handed, adjoint: core.discreteAdjoint, loss };
  const unread = core.odeProblem({
    rhs: (u: number[]) => [-(globalThis as unknown as { odegradTest: number }).odegradTest * u[0]],
    u0: [1],
    tspan: [0, 1],
  });
  it.each<[string, () => unknown, RegExp]>([
    [
      "a solve without a method",
      () => core.solve(problem),
      /choice of a method is not in odegrad\/core. Name one: solver: tsit5\(\), or import from odegrad in place of odegrad\/core/,
    ],
    ["a gradient without a method", () => core.gradient(problem, { ...all, solver: undefined } as never), /solver: tsit5/],
    ["a gradient without an adjoint", () => core.gradient(problem, { ...handed, loss }), /adjoint: discreteAdjoint/],
    ["a gradient without a backend", () => core.gradient(problem, { ...all, vjp: undefined } as never), /vjp: sourceVjp/],
    ["names", () => core.gradient(problem, { ...all, adjoint: "discrete" }), /no method "discrete"/],
    [
      "a mass matrix",
      () => core.odeProblem({ ...specification, massMatrix: { x: 1, y: 0 } }),
      /massMatrix is not in odegrad\/core/,
    ],
    [
      "a steady state",
      () => core.gradient(problem, { ...all, loss: { steady: (u) => u.x } }),
      /steady state is not in odegrad\/core/,
    ],
    ["the check of a gradient", () => core.gradient(problem, { ...all, check: true }), /check of a whole gradient/],
    [
      "a gradient of what cannot be read",
      () => core.gradient(unread, { ...all, wrt: "u0", loss: { final: (u: number[]) => u[0] } }),
      /odegradTest|globalThis/,
    ],
    ["other values", () => core.gradient(problem, { ...all, adjoint: {} as never }), /adjoint is an object|adjoint is \{\}/],
  ])("%s", (_, call, says) => {
    expect(call).toThrow(says);
    expect(call).toThrow(core.OdegradError);
  });

  it("and solves what cannot be read, and says what is not known of it", () => {
    Object.assign(globalThis, { odegradTest: 2 });
    const solution = core.solve(unread, { solver: core.tsit5(), ...tight });
    expect(solution.u.at(-1)![0]).toBeCloseTo(Math.exp(-2), 7);
    expect(solution.warnings.join()).toMatch(/does not record functions that cannot be read/);
  });
});

it("values are taken by the whole library, too", () => {
  const by = (adjoint: never, vjp: never): number =>
    whole.gradient(whole.odeProblem(specification), { loss, adjoint, vjp, solver: whole.tsit5(), ...tight }).gradient.p.a;
  expect(by(discreteMethod as never, source as never)).toBe(by("discrete" as never, "source" as never));
});
