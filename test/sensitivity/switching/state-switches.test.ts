/** Right-hand sides that jump as the state crosses something: what moves the time of the crossing is in the derivatives. */
import { describe, expect, it, test } from "vitest";
import {
  checkGradient,
  gradient,
  odeProblem,
  rodas5P,
  SlidingMode,
  sensitivities,
  solveWithPullback,
  tsit5,
  type Loss,
  type OdeProblem,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const names = Object.keys(adjointMethods);
const tight = { rtol: 1e-9, atol: 1e-9 };

/** A tank that fills, and spills over a weir. */
interface Tank {
  inflow: number;
  weir: number;
  spill: number;
  k: number;
}
const p: Tank = { inflow: 1, weir: 1.2, spill: 0.3, k: 0.2 };
const tank = odeProblem({
  rhs(du: { h: number }, u: { h: number }, p: Tank) {
    du.h = p.inflow - (u.h > p.weir ? p.spill : 0) - p.k * u.h;
  },
  u0: { h: 0 },
  tspan: [0, 5],
  p,
});

/** Exponentials before and after the crossing. */
function level(t: number, { inflow, weir, spill, k }: Tank, h0: number): number {
  const [full, spilling] = [inflow / k, (inflow - spill) / k];
  const crossed = Math.log((h0 - full) / (weir - full)) / k;
  if (t <= crossed) return full + (h0 - full) * Math.exp(-k * t);
  return spilling + (weir - spilling) * Math.exp(-k * (t - crossed));
}

/** By p and h0. */
function slopes(value: (p: Tank, h0: number) => number): number[] {
  const by = (move: (h: number) => number): number => {
    const h = 1e-4;
    return (8 * (move(h) - move(-h)) - (move(2 * h) - move(-2 * h))) / (12 * h);
  };
  const keys = Object.keys(p) as (keyof Tank)[];
  return [...keys.map((key) => by((h) => value({ ...p, [key]: p[key] + h }, 0))), by((h) => value(p, h))];
}

function expectClose(found: Iterable<number>, expected: readonly number[], within = 1e-6): void {
  const size = Math.hypot(...expected);
  const all = [...found];
  expect(all).toHaveLength(expected.length);
  all.forEach((x, i) => expect(Math.abs(x - expected[i]) / size).toBeLessThan(within));
}

describe("a tank that spills over a weir, in closed form", () => {
  const wrt = ["p", "u0"] as const;
  const at = [1, 3, 5];
  const solvers = (adjoint: string) => (adjoint === "backsolve" ? [tsit5()] : [tsit5(), rodas5P()]);

  it.each(names.flatMap((adjoint) => solvers(adjoint).map((solver) => [adjoint, solver.name, solver] as const)))(
    "%s, %s",
    (adjoint, _, solver) => {
      const sum: Loss<{ h: number }> = { at, of: (u, _p, t) => t * u.h ** 2 };
      const found = gradient(tank, { ...tight, adjoint, solver, wrt, loss: sum });
      const expected = slopes((p, h0) => at.reduce((total, t) => total + t * level(t, p, h0) ** 2, 0));
      expectClose([...found.flat.p!, ...found.flat.u0!], expected);
      expect(found.warnings.filter((warning) => warning.includes("switches"))).toEqual([]);
      expect(found.switches).toMatchObject([{ on: "state", differentiated: true }]);
      const { pullback } = solveWithPullback(tank, { ...tight, adjoint, solver, wrt, saveat: [3, 5] });
      const back = pullback([{ h: 1 }, { h: -2 }]);
      expectClose(
        [...Object.values(back.p!), back.u0!.h],
        slopes((p, h0) => level(3, p, h0) - 2 * level(5, p, h0)),
      );
    },
  );

  it("sensitivities", () => {
    const { flat } = sensitivities(tank, { ...tight, wrt, saveat: at });
    at.forEach((t, k) =>
      expectClose(
        [...flat.p![k], ...flat.u0![k]],
        slopes((p, h0) => level(t, p, h0)),
      ),
    );
  });
});

type AnyProblem = OdeProblem<never, never>;

/** Where differences of the loss are the known answer. */
const cases: Readonly<Record<string, readonly [AnyProblem, Loss<never, never>]>> = {
  "there and back, with an integral": [
    odeProblem({
      rhs(du, u, p) {
        du[0] = u[1];
        du[1] = -p[0] * u[0] - (u[0] > p[1] ? p[2] : 0);
      },
      u0: [0, 1],
      p: [1.2, 0.4, 1.5],
      tspan: [0, 9],
    }) as never,
    { final: ((u: number[]) => u[0] + u[1] ** 2) as never, integral: ((u: number[]) => u[0] ** 2) as never },
  ],
  "branches within branches, and a rounding": [
    odeProblem({
      rhs(du, u, p, t) {
        if (u[0] < p[0]) du[0] = 1 + p[1] * u[0];
        else if (u[0] + 0.1 * t < p[2]) du[0] = 2 - p[1] * u[0];
        else du[0] = 0.5;
        du[1] = Math.floor(p[1] * u[0] * 2);
      },
      u0: [0.1, 0],
      p: [0.6, 0.7, 1.5],
      tspan: [0, 2.5],
    }) as never,
    { final: ((u: number[]) => u[0] * u[1] + u[0]) as never },
  ],
  "cells of a loop, one after the other": [
    odeProblem({
      rhs(du, u, p) {
        for (let i = 0; i < 6; i++) du[i] = u[i] > p[0] ? 0.3 + p[1] * u[(i + 5) % 6] : 1 + 0.2 * i;
      },
      u0: [0, 0.05, 0.1, 0.2, 0.15, 0.3],
      p: [0.9, 0.4],
      tspan: [0, 1.4],
    }) as never,
    { final: ((u: number[]) => u[0] + 2 * u[1] - u[2] * u[3] + u[4] ** 2 + u[5]) as never },
  ],
  "with events of the state and at given times": [
    odeProblem({
      rhs(du: { h: number; v: number }, u: { h: number; v: number }, p: { g: number; drag: number; top: number }) {
        du.h = u.v;
        du.v = -p.g - (u.h > p.top ? p.drag * u.v : 0);
      },
      u0: { h: 2, v: 0.3 },
      p: { g: 9.81, drag: 0.8, top: 1 },
      tspan: [0, 2],
      events: [
        { when: (u) => u.h, direction: "down", apply: (u) => void (u.v *= -0.9) },
        { at: [1.5], apply: (u, p) => void (u.v += 0.1 * p.g) },
      ],
    }) as never,
    { final: ((u: { h: number; v: number }) => u.h + u.v ** 2) as never },
  ],
  "over a span that runs backwards": [
    odeProblem({
      rhs: (u: number[], p: number[]) => [u[0] > p[0] ? -p[1] : -1],
      u0: [0.2],
      p: [0.7, 2],
      tspan: [1, 0],
    }) as never,
    { final: ((u: number[]) => u[0] ** 2) as never },
  ],
};

describe.each(Object.entries(cases))("%s", (_, [problem, loss]) => {
  const options = { ...tight, rtol: 1e-8, atol: 1e-8, wrt: ["p", "u0"], loss } as const;

  it("differences of the loss", () => {
    const { rows } = checkGradient(problem, { ...options, adjoint: "dual" });
    const size = Math.max(...rows.map((row) => Math.abs(row.gradient)));
    // Steps over a jump err by more than the tolerances, in the solution as in its derivatives.
    for (const row of rows) expect(Math.abs(row.gradient - row.differences.slope) / size).toBeLessThan(5e-5);
    const { switches } = gradient(problem, options);
    expect(switches.length).toBeGreaterThan(0);
    expect(switches.every(({ differentiated }) => differentiated)).toBe(true);
  });

  it.each(names)("%s", (adjoint) => {
    const [found, expected] = [adjoint, "dual"].map(
      (each) => gradient(problem, { ...options, adjoint: each, solver: tsit5() }).flat,
    );
    expectClose([...found.p!, ...found.u0!], [...expected.p!, ...expected.u0!], 1e-5);
  });
});

it.each([1, 1e-6, 1e-11])("of a component %s in size that begins at zero beside one of hundreds", (size) => {
  const reactor = odeProblem({
    rhs(du: { temperature: number; product: number }, u: { temperature: number }, p: Record<"heat" | "limit" | "rate", number>) {
      du.temperature = p.heat;
      du.product = u.temperature > p.limit ? p.rate : 0;
    },
    u0: { temperature: 300, product: 0 },
    p: { heat: 2, limit: 310.3, rate: size },
    tspan: [0, 10],
  });
  for (const atol of [undefined, 1e-9 * size]) {
    const { gradient: slopes } = gradient(reactor, { loss: { final: (u) => u.product }, ...(atol && { atol }) });
    expect(slopes.p!.limit / size).toBeCloseTo(-1 / 2, 6);
    expect(slopes.p!.heat / size).toBeCloseTo(10.3 / 4, 6);
  }
});

describe("what has a derivative to either side only is told", () => {
  it("a threshold that holds the solution", () => {
    const held = odeProblem({ rhs: (u: number[], p: number[]) => [u[0] > p[0] ? -1 : 1], u0: [0], p: [0.5], tspan: [0, 1] });
    const options = { adjoint: "gauss", solver: tsit5(), loss: { final: (u: number[]) => u[0] } };
    expect(() => gradient(held, options)).toThrow(SlidingMode);
    const { switches, warnings } = gradient(held, { ...options, rtol: 1e-3, atol: 1e-3, switches: "ignore" });
    expect(switches.some(({ differentiated }) => !differentiated)).toBe(true);
    expect(warnings.join()).toMatch(/`u\[0\] > p\[0\]` switches at t = 0\.5\d*.* where the derivative of the solution jumps/);
  });

  it("two thresholds at once that move apart", () => {
    const both = odeProblem({
      rhs: (u: number[], p: number[]) => [1 + (u[0] > p[0] ? 1 : 0) + (u[1] > p[1] ? 2 : 0), 1],
      u0: [0, 0],
      p: [0.5, 0.5],
      tspan: [0, 1],
    });
    expect(gradient(both, { loss: { final: (u) => u[0] } }).warnings.join()).toMatch(/a derivative to either side only/);
  });
});

test("gradients of the same function meanwhile, and before a pullback, change nothing", () => {
  const p0: Tank = { ...p, weir: 0.9, inflow: 1.3 };
  const options = { ...tight, solver: tsit5(), adjoint: "gauss", loss: { final: (u: { h: number }) => u.h } };
  const alone = gradient(tank, options).gradient.p;
  let calls = 0;
  const meanwhile = gradient(tank, {
    ...options,
    onProgress: () => {
      if (calls++ < 3) gradient(tank, { ...options, p: p0 });
    },
  });
  expect(calls).toBeGreaterThan(0);
  expect(meanwhile.gradient.p).toEqual(alone);
  const { solution, pullback } = solveWithPullback(tank, {
    ...tight,
    solver: tsit5(),
    adjoint: "gauss",
    saveat: [tank.tspan[1]],
  });
  gradient(tank, { ...options, p: p0 });
  const back = pullback(solution.u.map(() => ({ h: 1 }))).p!;
  for (const name of ["inflow", "weir", "spill", "k"] as const) expect(back[name]).toBeCloseTo(alone![name], 7);
});
