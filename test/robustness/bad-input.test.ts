/** Problems that cannot be solved as they are stated: each ends by a named error that says what, where and what to try, and soon. */
import { describe, expect, test } from "vitest";
import {
  bs3,
  fbdf,
  gradient,
  implicitEuler,
  kvaerno5,
  odeProblem,
  rkc,
  rodas5P,
  rosenbrock23,
  solve,
  steadyState,
  trbdf2,
  tsit5,
  vern7,
  type Method,
} from "../../index.ts";

type Kind = readonly [name: string, call: () => unknown, error: string, says: RegExp];

const tspan = [0, 1] as const;
const decay = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [1], p: [1], tspan });

/** Where d/dt is M d/dt, of two components. */
const withMass = (rhs: (u: number[]) => number[], massMatrix: unknown, u0 = [1, 1]) =>
  odeProblem({ rhs, u0, tspan, massMatrix: massMatrix as number[][] });

const upper = [
  [1, 0],
  [0, 0],
];

const ball = (restitution: number) =>
  odeProblem({
    rhs: (u: number[]) => [u[1], -1],
    u0: [1, 0],
    p: [restitution],
    tspan: [0, 100],
    events: { when: (u: number[]) => u[0], direction: "down", apply: (u: number[], p: number[]) => void (u[1] = -p[0] * u[1]) },
  });

const algebraic: readonly Kind[] = [
  [
    "initial values that do not satisfy an algebraic equation",
    () => solve(withMass((u) => [-u[0], u[0] - 2 * u[1]], upper)),
    "InconsistentInitialValues",
    /u\[1\]/,
  ],
  [
    "an index of two",
    () => solve(withMass((u) => [u[1], u[0] - 1], upper, [1, 0])),
    "IndexTooHigh",
    /index higher than one.*u\[1\]/s,
  ],
  ["a mass matrix that is not square", () => withMass((u) => u, [[1, 0, 0]]), "BadMassMatrix", /massMatrix/],
  [
    "one with a row too long",
    () =>
      withMass(
        (u) => u,
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ),
    "BadMassMatrix",
    /row 0.*length 3.*2 components/,
  ],
  [
    "one that depends on the state",
    () =>
      withMass(
        (u) => u,
        (u: number[]) => [
          [u[0], 0],
          [0, 1],
        ],
      ),
    "BadMassMatrix",
    /must be constant/,
  ],
];

const events: readonly Kind[] = [
  ["a ball that comes to rest in finite time", () => solve(ball(0.5)), "EndlessEvents", /t = 4\.24.*terminal/s],
  [
    "a condition that only touches zero, under a gradient",
    () =>
      gradient(
        odeProblem({
          rhs: (u: number[], p: number[]) => [u[1], -p[0] * u[0]],
          u0: [0, 1],
          p: [1],
          tspan: [0, 3],
          events: { when: (u: number[]) => u[0] - (1 - 1e-9), apply: (u: number[]) => void (u[1] += 1) },
        }),
        { loss: { final: (u) => u[0] }, rtol: 1e-8, atol: 1e-8, solver: tsit5() },
      ),
    "GrazingEvent",
    /touches zero/,
  ],
];

const growing = odeProblem({ rhs: (u: number[]) => [u[0] ** 2], u0: [1], tspan: [0, 2] });
/** Its time is past at 5e-31. */
const explosive = odeProblem({ rhs: (u: number[]) => [1e30 * u[0] ** 3], u0: [1], tspan });
const everyKind: readonly Method[] = [bs3(), tsit5(), vern7(), rosenbrock23(), rodas5P(), trbdf2(), kvaerno5(), fbdf(), rkc()];

const steps: readonly Kind[] = [
  ...everyKind.flatMap((solver): Kind[] => [
    [
      `a pole at t = 1, by ${solver.name}`,
      () => solve(growing, { solver }),
      "StepUnderflow",
      /t = (1\.0000|0\.9999).*grows without bound/s,
    ],
    [
      `a pole next to t = 0, by ${solver.name}`,
      () => solve(explosive, { solver }),
      "StepUnderflow",
      /t = \d\.\d+e-31.*grows without bound/s,
    ],
  ]),
  ["a pole at t = 1, by what is chosen", () => solve(growing), "StepUnderflow", /grows without bound/],
  [
    "a matrix of an implicit step that is singular: 1 − h λ = 0",
    () => solve(odeProblem({ rhs: (u: number[]) => [10 * u[0]], u0: [1], tspan }), { solver: implicitEuler({ dt: 0.1 }) }),
    "SingularMatrix",
    /t = 0 \(step 0\.1\).*singular.*another dt/s,
  ],
];

const asked: readonly Kind[] = [
  [
    "a time to save behind the end",
    () => solve(decay, { saveat: [0.5, 2] }),
    "BadSaveTimes",
    /saveat\[1\] is 2, outside the time span \[0, 1\]/,
  ],
  ["one before the start", () => solve(decay, { saveat: [-1] }), "BadSaveTimes", /saveat\[0\] is -1/],
  ["one that is no number", () => solve(decay, { saveat: [NaN] }), "BadSaveTimes", /NaN/],
  ["times out of order", () => solve(decay, { saveat: [0.5, 0.2] }), "BadSaveTimes", /after 0\.5/],
  [
    "a tolerance of a component that there is not",
    () =>
      solve(
        odeProblem({ rhs: (u: { gut: { drug: number } }) => ({ gut: { drug: -u.gut.drug } }), u0: { gut: { drug: 1 } }, tspan }),
        { atol: { gut: { drugs: 1e-9 } } as never },
      ),
    "BadTolerance",
    /atol\.gut\.drugs: the state has no drugs\. Its components are drug/,
  ],
  [
    "a tolerance that is negative, of a nested name",
    () =>
      solve(
        odeProblem({ rhs: (u: { gut: { drug: number } }) => ({ gut: { drug: -u.gut.drug } }), u0: { gut: { drug: 1 } }, tspan }),
        { atol: { gut: { drug: -1 } } },
      ),
    "BadTolerance",
    /atol\.gut\.drug is -1/,
  ],
];

type Matrix = { set(i: number, j: number, x: number): void };
const withJacobian = (jac: (J: Matrix) => unknown) =>
  odeProblem({ rhs: (u: number[]) => [-u[0], -2 * u[1]], u0: [1, 1], tspan, derivatives: { jac: jac as never } });
const diagonal = (J: Matrix, entries: readonly number[]): void => entries.forEach((x, i) => J.set(i, i, x));

const linear: readonly Kind[] = [
  [
    "a Jacobian that is returned",
    () =>
      solve(
        withJacobian(() => [
          [-1, 0],
          [0, -2],
        ]),
        { solver: rodas5P() },
      ),
    "DerivativeMismatch",
    /jac/,
  ],
  [
    "one that is too large",
    () =>
      solve(
        withJacobian((J) => diagonal(J, [-1, -2, -3])),
        { solver: rodas5P() },
      ),
    "DerivativeMismatch",
    /jac/,
  ],
  [
    "one that is too small",
    () =>
      solve(
        withJacobian((J) => diagonal(J, [-1])),
        { solver: rodas5P() },
      ),
    "DerivativeMismatch",
    /jac/,
  ],
];

const steady: readonly Kind[] = [
  [
    "a state that grows for ever",
    () => steadyState(odeProblem({ rhs: (u: number[]) => [1 + 0 * u[0]], u0: [0], tspan })),
    "NoSteadyState",
    /grows without bound/,
  ],
  [
    "one that oscillates for ever",
    () => steadyState(odeProblem({ rhs: (u: number[]) => [u[1], -u[0]], u0: [1, 0], tspan })),
    "NoSteadyState",
    /oscillating/,
  ],
];

const groups = {
  "algebraic equations": algebraic,
  events,
  steps,
  "what is asked for": asked,
  "linear algebra": linear,
  "steady states": steady,
};

describe.each(Object.entries(groups))("%s", (_, list) => {
  test.each(list)("%s", (_name, call, error, says) => {
    const start = process.cpuUsage();
    let thrown: Error | undefined;
    try {
      call();
    } catch (caught) {
      thrown = caught as Error;
    }
    expect(thrown?.name).toBe(error);
    expect(thrown!.message).toMatch(says);
    // Nothing hangs.
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
  });
});

test("rkc, whose spectral radius is found by power iteration, is right where that circles, and where the Jacobian is infinite", () => {
  const turning = odeProblem({ rhs: (u: number[]) => [50 * u[1], -50 * u[0]], u0: [1, 0], tspan });
  const { u } = solve(turning, { solver: rkc(), rtol: 1e-8, atol: 1e-8, saveat: [1] });
  expect(Math.abs(u[0][0] - Math.cos(50))).toBeLessThan(1e-4);
  const filling = odeProblem({ rhs: (u: number[]) => [1 - Math.sqrt(u[0])], u0: [0], tspan });
  const level = solve(filling, { solver: rkc(), rtol: 1e-7, atol: 1e-9, saveat: [1] }).u[0][0];
  // t = −2 (s + ln(1 − s)), where s is its root.
  const s = Math.sqrt(level);
  expect(-2 * (s + Math.log(1 - s))).toBeCloseTo(1, 4);
});
