/** Decisions that cannot be held throughout: where the held side gives no number, or what they look at jumps. Closed forms. */
import { describe, expect, it, test } from "vitest";
import {
  bs3,
  gradient,
  kvaerno5,
  odeProblem,
  radauIIA3,
  radauIIA5,
  radauIIA9,
  rodas5P,
  solve,
  ssprk43,
  type OdeProblem,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { oneOfEachFamily } from "../../tables.ts";

/** The sum of a power above a threshold, y = (a t - c)^2.5 / (2.5 a): below it there is no such power. */
const power = odeProblem({
  rhs(du: { x: number; y: number }, u: { x: number; y: number }, p: { a: number; c: number }) {
    du.x = p.a;
    du.y = u.x > p.c ? (u.x - p.c) ** 1.5 : 0;
  },
  u0: { x: 0, y: 0 },
  p: { a: 0.9, c: 1.2 },
  tspan: [0, 3.1],
});
const above = 0.9 * 3.1 - 1.2;
const total = above ** 2.5 / (2.5 * 0.9);

const others: Readonly<Record<string, OdeProblem<unknown, unknown>>> = {
  "a power of a largest": odeProblem({
    rhs: (u: number[]) => [0.9, Math.max(0, u[0] - 1.2) ** 1.5],
    u0: [0, 0],
    tspan: [0, 3.1],
  }) as never,
  "a logarithm": odeProblem({
    rhs: (u: number[]) => [1, u[0] > 0 ? u[0] * Math.log(u[0]) : 0],
    u0: [-1, 0],
    tspan: [0, 3],
  }) as never,
  "a phase that a loop wraps": odeProblem({
    rhs(u: number[]) {
      let phase = u[0];
      while (phase >= 0.7) phase -= 0.7;
      return [0.9, Math.max(0, phase - 0.35)];
    },
    u0: [0, 0],
    tspan: [0, 2.8 / 0.9],
  }) as never,
  "an angle": odeProblem({
    rhs: (u: number[]) => [1, Math.max(0, Math.atan2(Math.sin(u[0]), Math.cos(u[0])))],
    u0: [0.1, 0],
    tspan: [0, 4 * Math.PI],
  }) as never,
  "a quotient through its pole": odeProblem({
    rhs: (u: number[]) => [-u[1], u[0], u[1] / u[0] > 1 ? 1 : 0],
    u0: [Math.cos(0.1), Math.sin(0.1), 0],
    tspan: [0, 6],
  }) as never,
  "a tangent through its pole": odeProblem({
    rhs: (u: number[]) => [1, Math.tan(u[0]) > 0 ? 1 : 0],
    u0: [0.1, 0],
    tspan: [0, 6],
  }) as never,
};
const sums: Readonly<Record<string, number>> = {
  "a power of a largest": total,
  "a logarithm": 2 * Math.log(2) - 1,
  "a phase that a loop wraps": (4 * 0.35 ** 2) / 2 / 0.9,
  "an angle": Math.PI ** 2,
  "a quotient through its pole": Math.PI / 2,
  "a tangent through its pole": Math.PI - 0.1,
};

/** x reaches 0.2 just as another element of the table begins to count. */
const table = odeProblem({
  rhs(du: { x: number; y: number }, u: { x: number }, _p: unknown, t: number, { limits }: { limits: number[] }) {
    du.x = 0.1;
    du.y = limits[Math.floor(t)] > u.x ? 1 : 0;
  },
  u0: { x: 0.1, y: 0 },
  tspan: [0, 9.5],
  constants: { limits: [0.2, 0.8, 0.6, 0.1, 0.9, 0.3, 0.7, 0.05, 0.95, 0.4] },
});

describe.each(oneOfEachFamily)("$name", (solver) => {
  it("a switch by the state at the time of another", () =>
    expect(solve(table, { solver, rtol: 1e-6, atol: 1e-6 }).u.at(-1)!.y).toBeCloseTo(4.5, 4));

  it.each([1e-4, 1e-6, 1e-8])("a power that is none below a threshold, at %s", (tolerance) => {
    const { u } = solve(power, { solver, rtol: tolerance, atol: tolerance });
    expect(Math.abs(u.at(-1)!.y - total)).toBeLessThan(300 * tolerance);
  });

  it.each(Object.entries(others))("%s", (name, problem) => {
    for (const tolerance of [1e-5, 1e-7, 1e-8]) {
      const { states } = solve(problem, { solver, rtol: tolerance, atol: tolerance });
      expect(Math.abs(states.at(-1)!.at(-1)! - sums[name])).toBeLessThan(5000 * tolerance);
    }
  });
});

test.each(Object.keys(adjointMethods))("a power that is none below a threshold, its derivatives by %s", (adjoint) => {
  const { flat } = gradient(power, { loss: { final: (u) => u.y }, adjoint, rtol: 1e-9, atol: 1e-9 });
  const byC = -(above ** 1.5) / 0.9;
  const byA = (3.1 * above ** 1.5) / 0.9 - total / 0.9;
  // Its steps are controlled for the state alone.
  const within = adjoint === "forwardSensitivity" ? 1e-4 : 1e-5;
  expect(Math.abs(flat.p![0] - byA)).toBeLessThan(within);
  expect(Math.abs(flat.p![1] - byC)).toBeLessThan(within);
});

test.each([radauIIA3(), radauIIA5(), radauIIA9()])("what sets in behind a switch is iterated for: $name", (solver) => {
  for (const tolerance of [1e-4, 1e-5, 1e-6, 1e-7, 1e-8]) {
    const { states } = solve(others["a power of a largest"], { solver, rtol: tolerance, atol: tolerance });
    expect(Math.abs(states.at(-1)!.at(-1)! - total)).toBeLessThan(100 * tolerance);
  }
});

/** Gates that are open for less than a tenth of the span, where nothing but a phase moves between them. */
test.each(oneOfEachFamily)("pulses are not stepped over: $name", (solver) => {
  for (const rate of [1, 3, 10]) {
    const gated = odeProblem({
      rhs: (u: number[], p: { rate: number }) => [p.rate, Math.sin(u[0]) > 0.9 ? 1 : 0],
      u0: [0, 0],
      p: { rate },
      tspan: [0, (4 * 2 * Math.PI) / rate],
    });
    const { states } = solve(gated, { solver, rtol: 1e-5, atol: 1e-5 });
    expect(states.at(-1)![1] * rate).toBeCloseTo(4 * 2 * Math.acos(0.9), 4);
  }
});

test("fluxes that a limiter keeps monotone", () => {
  const cells = 24;
  const advection = odeProblem({
    rhs(du: number[], u: number[], p: { speed: number }, _t: number, { n }: { n: number }) {
      const limited = (a: number, b: number): number => (a * b <= 0 ? 0 : Math.sign(a) * Math.min(Math.abs(a), Math.abs(b)));
      const flux = new Array<number>(n).fill(0);
      for (let i = 0; i < n; i++) flux[i] = u[i] + 0.5 * limited(u[i] - u[(i + n - 1) % n], u[(i + 1) % n] - u[i]);
      for (let i = 0; i < n; i++) du[i] = p.speed * n * (flux[(i + n - 1) % n] - flux[i]);
    },
    u0: Array.from({ length: cells }, (_, i) => Math.exp(-40 * ((i + 0.3) / cells - 0.4) ** 2)),
    p: { speed: 1 },
    tspan: [0, 0.4],
    constants: { n: cells },
  });
  const exact = solve(advection, { rtol: 1e-10, atol: 1e-10, switches: "ignore" }).states.at(-1)!;
  for (const solver of [undefined, bs3(), ssprk43(), rodas5P(), kvaerno5()]) {
    for (const tolerance of [1e-3, 1e-5, 1e-8]) {
      const end = solve(advection, { ...(solver && { solver }), rtol: tolerance, atol: tolerance }).states.at(-1)!;
      end.forEach((x, i) => expect(Math.abs(x - exact[i])).toBeLessThan(200 * tolerance));
    }
  }
});
