/** Additive methods on right-hand sides in two parts: what is solved for, what it costs, and what follows from it. */
import type { GradientOptions } from "../../../sensitivity/gradient.ts";
import { describe, expect, it, test } from "vitest";
import {
  checkGradient,
  dop853,
  gmres,
  gradient,
  kenCarp3,
  kenCarp4,
  kenCarp5,
  odeProblem,
  remake,
  rodas5P,
  solve,
  type OdeProblem,
} from "../../../index.ts";
import { additiveOf } from "../../../solvers/families/sdirk/additive.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { adjointsThat } from "../../tables.ts";

const methods = [kenCarp3, kenCarp4, kenCarp5];

/** u' = −k (u − cos t) − sin t + w − e^−t, w' = −w: u = cos t and w = e^−t, whatever k is. */
const prothero = odeProblem({
  rhs: {
    stiff: (u, p, t) => ({ x: -p.k * (u.x - Math.cos(t)), w: 0 }),
    nonstiff: (u, _p, t) => ({ x: u.w - 1 / Math.exp(t) - Math.sin(t), w: -u.w }),
  },
  u0: { x: 1, w: 1 },
  tspan: [0, 2],
  p: { k: 1e4 },
});

describe.each(methods.map((make) => [make.name, make] as const))("%s", (_, make) => {
  it("solves for the stiff part alone", () => {
    const coupled = odeProblem({
      rhs: {
        stiff: (u) => [-1e5 * u[0], 0, 0],
        nonstiff: (u) => [u[1] * u[2], u[0] - u[1], Math.sqrt(u[2]) * u[0]],
      },
      // The derivative of the root is infinite there, which only the part that is not differentiated has.
      u0: [0, 1, 0],
      tspan: [0, 1],
    });
    const system = systemOf(coupled.code)!;
    const { stiff } = additiveOf(make(), system)!;
    expect(stiff.jacobian!.pattern.rowIndices.length).toBe(1);
    expect(system.jacobian!.pattern.rowIndices.length).toBe(7);
    const solution = solve(coupled, { solver: make() });
    expect(solution.u.at(-1)![1]).toBeCloseTo(Math.exp(-1), 5);
  });

  it.each([1e-4, 1e-6, 1e-8])("errs in proportion to the tolerance, stiff or not: %s", (rtol) => {
    for (const k of [1, 1e4, 1e8]) {
      const { u } = solve(prothero, { solver: make(), p: { k }, rtol, atol: rtol, saveat: [2] });
      expect(Math.abs(u[0].x - Math.cos(2))).toBeLessThan(20 * rtol);
      expect(Math.abs(u[0].w - Math.exp(-2))).toBeLessThan(20 * rtol);
    }
  });

  it("takes no more steps where the stiff part is a thousand times as stiff", () => {
    const steps = [1e4, 1e7].map((k) => solve(prothero, { solver: make(), p: { k } }).stats.steps);
    expect(steps[1]).toBeLessThan(1.5 * steps[0]);
  });

  it("is what it is on one function where one part is all there is", () => {
    const f = (u: number[]): number[] => [u[1], 20 * (1 - u[0] ** 2) * u[1] - u[0]];
    const zero = (): number[] => [0, 0];
    const shared = { u0: [2, 0], tspan: [0, 5] as const };
    const options = { solver: make(), rtol: 1e-7, atol: 1e-7, saveat: [5] };
    const whole = solve(odeProblem({ rhs: f, ...shared }), options).u[0];
    const parts = solve(odeProblem({ rhs: { stiff: f, nonstiff: zero }, ...shared }), options).u[0];
    const exact = solve(odeProblem({ rhs: f, ...shared }), { ...options, solver: dop853(), rtol: 1e-12, atol: 1e-12 }).u[0];
    for (const found of [whole, parts]) expect(Math.abs(found[0] - exact[0])).toBeLessThan(1e-5);
  });

  it("solves backwards in time", () => {
    const back = remake(prothero, { u0: { x: Math.cos(2), w: Math.exp(-2) }, tspan: [2, 0], p: { k: -50 } });
    expect(solve(back, { solver: make(), rtol: 1e-8, atol: 1e-8, saveat: [0] }).u[0].x).toBeCloseTo(1, 6);
  });

  it("decisions on the state, in either part, are found", () => {
    const tanks = odeProblem({
      rhs: {
        stiff: (u, p) => [u[1] > p.low ? -100 * (u[0] - u[1]) : -(u[0] - u[1]), 0],
        nonstiff: (u, p) => [0, u[0] > p.high ? -0.5 : -1],
      },
      u0: [2, 2],
      tspan: [0, 2],
      p: { high: 1.5, low: 0.8 },
    });
    const options = { rtol: 1e-9, atol: 1e-9, saveat: [2] };
    const [found, expected] = [make(), dop853()].map((solver) => solve(tanks, { ...options, solver }));
    expect(found.switches.length).toBe(2);
    found.switches.forEach(({ times }, k) => expect(times[0]).toBeCloseTo(expected.switches[k].times[0], 6));
    for (const i of [0, 1]) expect(found.u[0][i]).toBeCloseTo(expected.u[0][i], 6);
    const loss = { final: (u: number[]) => u[0] + u[1] };
    const tight = { loss, rtol: 1e-10, atol: 1e-10 };
    const [slopes, others] = [make(), dop853()].map((solver) => gradient(tanks, { ...tight, solver }).gradient.p!);
    for (const name of ["high", "low"] as const) expect(slopes[name]).toBeCloseTo(others[name], 5);
  });
});

/** Transport around a ring, and a fast reaction in each cell. */
const ring = odeProblem({
  rhs: {
    stiff(du, u, p) {
      for (let i = 0; i < 8; i++) {
        const rate = p.k * (u.a[i] - u.b[i] ** 2);
        du.a[i] = -rate;
        du.b[i] = 2 * rate;
      }
    },
    nonstiff(du, u, p) {
      for (let i = 0; i < 8; i++) {
        du.a[i] = 8 * p.speed * (u.a[(i + 7) % 8] - u.a[i]);
        du.b[i] = 8 * p.speed * (u.b[(i + 7) % 8] - u.b[i]) + Math.sin(u.a[i]);
      }
    },
  },
  u0: { a: Array.from({ length: 8 }, (_, i) => 1 + Math.sin(i / 3) / 2), b: new Array<number>(8).fill(0.7) },
  tspan: [0, 1],
  p: { k: 1000, speed: 0.4 },
});

test("transport between cells leaves each cell's reaction a block of its own", () => {
  const system = systemOf(ring.code)!;
  expect(additiveOf(kenCarp4(), system)!.stiff.jacobian!.pattern.rowIndices.length).toBe(4 * 8);
  expect(system.jacobian!.pattern.rowIndices.length).toBe(6 * 8);
});

test("other methods solve the sum", () => {
  const options = { rtol: 1e-8, atol: 1e-8, saveat: [1] };
  const [expected, ...found] = [rodas5P(), kenCarp3(), kenCarp5({ linearSolver: gmres() }), undefined].map((solver) =>
    solve(ring, { ...options, solver }),
  );
  for (const { u } of found) u[0].a.forEach((x, i) => expect(x).toBeCloseTo(expected.u[0].a[i], 6));
});

test("functions that cannot be read are solved for as a whole", () => {
  const rates = [300];
  const hidden = odeProblem({
    rhs: { stiff: (u: number[]) => [-rates[0] * (u[0] - 1)], nonstiff: (u) => [u[0] / 10] },
    u0: [0],
    tspan: [0, 1],
  });
  expect(solve(hidden, { solver: kenCarp4(), rtol: 1e-7, atol: 1e-7, saveat: [1] }).u[0][0]).toBeCloseTo(300 / 299.9, 6);
});

describe("gradients", () => {
  const tight = { wrt: ["p", "u0"] as const, rtol: 1e-9, atol: 1e-9 };
  const losses = [
    ["a sum", { at: [0.3, 1], of: (u: { a: number[]; b: number[] }) => u.a[2] * u.b[5] }],
    ["an integral", { integral: (u: { a: number[]; b: number[] }) => u.a[2] * u.b[5] }],
  ] as const;

  it.each(losses)("%s: every adjoint that goes back implicitly gives that of another method", (_, loss) => {
    const expected = gradient(
      ring as OdeProblem,
      { ...tight, loss, solver: rodas5P(), adjoint: "dual" } as unknown as GradientOptions,
    );
    for (const adjoint of adjointsThat(({ stiff }) => stiff)) {
      const found = gradient(ring as OdeProblem, { ...tight, loss, solver: kenCarp4(), adjoint } as unknown as GradientOptions);
      expect(found.value).toBeCloseTo(expected.value, 6);
      found.flat.u0!.forEach((x, i) => expect(x).toBeCloseTo(expected.flat.u0![i], 5));
      found.flat.p!.forEach((x, i) => expect(x).toBeCloseTo(expected.flat.p![i], 5));
    }
  });

  it("agree with differences", () => {
    const report = checkGradient(prothero, { loss: { final: (u) => u.x * u.w }, wrt: ["u0"], p: { k: 10 }, solver: kenCarp5() });
    expect(report.passed).toBe(true);
  });
});
