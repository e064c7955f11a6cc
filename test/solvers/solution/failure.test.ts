/** Failures say their cause, in few lines, and soon. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  euler,
  NonFiniteDerivative,
  odeProblem,
  rodas5P,
  solve,
  SolveFailed,
  StepUnderflow,
  TooManySteps,
  tsit5,
  vern7,
  type OdeProblem,
  type SolveOptions,
} from "../../../index.ts";

type Options = SolveOptions<never, never>;

function failureOf(problem: unknown, options: Options = {}): SolveFailed {
  try {
    solve(problem as OdeProblem<never, never>, options);
  } catch (error) {
    expect(error).toBeInstanceOf(SolveFailed);
    return error as SolveFailed;
  }
  throw new Error("did not fail");
}

const robertson = odeProblem({
  rhs: (y: number[]) => [-0.04 * y[0] + 1e4 * y[1] * y[2], 0.04 * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1] ** 2, 3e7 * y[1] ** 2],
  u0: [1, 0, 0],
  tspan: [0, 100],
});

/** What fails how, and what is to be read of it. */
const causes: readonly (readonly [string, unknown, Options, new (...args: never[]) => SolveFailed, RegExp])[] = [
  [
    "steps of one length that are too long for a stiff problem",
    odeProblem({ rhs: (u: number[]) => [-100 * (u[0] - 1) + u[1], -u[1]], u0: [0, 1], tspan: [0, 100] }),
    { solver: euler({ dt: 0.1 }), saveat: [100] },
    NonFiniteDerivative,
    /The problem is stiff: the spectral radius of its Jacobian is 100 at t = 0, .* longer than 0.02 are not stable, and dt is 0.1/,
  ],
  [
    "a pole",
    odeProblem({ rhs: (u: { x: number; y: number }) => ({ x: u.x ** 2, y: 1 }), u0: { x: 1, y: 0 }, tspan: [0, 2] }),
    {},
    StepUnderflow,
    /stopped at t = 1\.00000.*x grows without bound: it is \d\.\d+e\+\d+, and would double within/,
  ],
  [
    "a pole, backwards in time",
    odeProblem({ rhs: (u: number[]) => [-(u[0] ** 2)], u0: [1], tspan: [2, 0] }),
    { solver: vern7() },
    StepUnderflow,
    /u\[0\] grows without bound/,
  ],
  [
    "a pole, by an implicit method",
    odeProblem({ rhs: (u: number[]) => [u[0] ** 2], u0: [1], tspan: [0, 2] }),
    { solver: rodas5P() },
    StepUnderflow,
    /u\[0\] grows without bound/,
  ],
  [
    "a division by what becomes zero",
    odeProblem({ rhs: (u: number[]) => [-1 / u[0]], u0: [1], tspan: [0, 2] }),
    { solver: rodas5P() },
    StepUnderflow,
    /The derivative of u\[0\] grows without bound.*division by what becomes zero/,
  ],
  [
    "the edge of a domain",
    odeProblem({ rhs: (u: number[]) => [-Math.sqrt(u[0])], u0: [1], tspan: [0, 3] }),
    {},
    NonFiniteDerivative,
    /the derivative of u\[0\] is not finite there\.\n.*`sqrt` at -\S+ is NaN/,
  ],
  [
    "the edge of a domain, of another component than the first, at a stage",
    odeProblem({
      rhs(du, u) {
        const q = Math.sqrt(u.a - u.b);
        du.a = 1 - q;
        du.b = q - Math.sqrt(u.b);
      },
      u0: { a: 0, b: 0 },
      tspan: [0, 20],
    }),
    { solver: tsit5() },
    NonFiniteDerivative,
    /the derivative of b is not finite there\.\n.*line 4, column \d+: `sqrt` at -\S+ is NaN/,
  ],
  [
    "a jump that no step is short enough for",
    odeProblem({ rhs: (u: number[], _p, t) => [Math.cos(10 * t) > 0.3 + 1e-9 * u[0] ? 1e20 : 1], u0: [0], tspan: [0.2, 1] }),
    { switches: "ignore" },
    StepUnderflow,
    /The derivative of u\[0\] jumps from 1 to 1\.00e\+20 at t = 0\.5\d+: a discontinuity/,
  ],
  [
    "a solution that slides along a discontinuity",
    odeProblem({ rhs: (u: number[]) => [-Math.sign(u[0])], u0: [1], tspan: [0, 2] }),
    { maxSteps: 1000, switches: "ignore" },
    TooManySteps,
    /The derivative of u\[0\] jumps from -?1 to -?1 at t = .*make it smooth/,
  ],
  [
    "stiffness with an explicit method",
    odeProblem({ rhs: (u: number[], _p, t) => [-1e5 * (u[0] - Math.cos(t))], u0: [1], tspan: [0, 10] }),
    { solver: tsit5(), maxSteps: 1000 },
    TooManySteps,
    /The problem is stiff there: the spectral radius of its Jacobian is 100000, .*rodas5P/,
  ],
  [
    "rates beyond the shortest step, with an explicit method",
    odeProblem({ rhs: (u: number[], _p, t) => [-1e20 * (u[0] - t)], u0: [1], tspan: [1, 2] }),
    { solver: tsit5() },
    StepUnderflow,
    /The problem is stiff there/,
  ],
  [
    "a long span",
    odeProblem({ rhs: (_u: number[], _p, t) => [Math.cos(t)], u0: [0], tspan: [0, 1e10] }),
    { maxSteps: 1000 },
    TooManySteps,
    /At this pace the whole span takes about \d\.?\d*(e\+\d+|\d{9,}) steps: raise maxSteps/,
  ],
  [
    "an atol above a component: smaller, not larger tolerances",
    robertson,
    { rtol: 1e-3, atol: 1e-3, solver: tsit5() },
    StepUnderflow,
    /u\[1\] was at most 3\.\d+e-5 before, with an atol of 0\.001 hardly controlled.*give a smaller atol/,
  ],
];

test.each(causes)("%s", (_, problem, options, kind, message) => {
  const failure = failureOf(problem, options);
  expect(failure).toBeInstanceOf(kind);
  expect(failure.message).toMatch(message);
});

test.each(causes)("%s: printed in a few lines", (_, problem, options) => {
  const failure = failureOf(problem, options);
  const printed = inspect(failure);
  expect(printed).not.toContain("trajectory");
  expect(printed.replace(failure.stack!, "")).toBe("");
  expect(failure.solution).toMatchObject({ result: expect.stringMatching(/./) });
});

describe("steps near t = 0", () => {
  test.each([tsit5(), undefined])("rates that no step of the span can follow (%#)", (solver) => {
    const problem = odeProblem({ rhs: (u: number[]) => [-1e60 * (u[0] - 1)], u0: [0], tspan: [0, 1] });
    const { stats, result, states } = solve(problem, { solver, throwOnFailure: false });
    expect(result).toBe(solver ? "stepUnderflow" : "success");
    if (!solver) expect(states.at(-1)![0]).toBeCloseTo(1, 6);
    expect(stats.steps + stats.rejected).toBeLessThan(500);
  });

  test("a start that fails at once does so soon", () => {
    const problem = odeProblem({ rhs: (_u: number[], _p: unknown, t: number) => [Math.log(-t)], u0: [0], tspan: [0, 1] });
    const { stats, result } = solve(problem, { throwOnFailure: false });
    expect(result).toBe("nonFiniteDerivative");
    expect(stats.steps + stats.rejected).toBeLessThan(100);
  });

  test("fast transients at the start of a long span are none", () => {
    const problem = odeProblem({ rhs: (u: number[]) => [-1e12 * (u[0] - 1)], u0: [0], tspan: [0, 1e12] });
    const { states } = solve(problem, { saveat: [1e-12] });
    expect(states[0][0]).toBeCloseTo(1 - Math.exp(-1), 5);
  });
});
