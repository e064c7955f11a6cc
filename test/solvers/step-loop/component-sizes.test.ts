/** Components that fall below their absolute tolerances and matter again are told; those that something else feeds are not. */
import { describe, expect, it } from "vitest";
import {
  fbdf,
  gradient,
  gradientBatch,
  ndarray,
  odeProblem,
  radauIIA5,
  radauIIA9,
  rk4,
  solve,
  solveBatch,
  solveEnsemble,
  trbdf2,
  tsit5,
} from "../../../index.ts";
import { adjointsThat } from "../../tables.ts";

/** x' = a (t - 10) x: x = exp(a ((t - 10)² - 100) / 2) falls to e^-50a, and is 1 again at t = 20. */
const stated = {
  rhs: (u: { x: number; y: number }, p: { a: number }, t: number) => ({ x: p.a * (t - 10) * u.x, y: -u.y + 1 }),
  u0: { x: 1, y: 1 },
  tspan: [0, 20] as const,
  p: { a: 1 },
};
const valley = odeProblem(stated);

const fell = expect.stringMatching(
  /^Grew while below the absolute tolerance: x \(atol 0\.000001, from t = \S+ to t = \S+\)\. .*atol: \{ … \}/,
);

describe("what falls below its tolerance and grows out of the rest", () => {
  it("is told by a solve", () => {
    const { u, warnings } = solve(valley, { saveat: [20], solver: tsit5() });
    expect(Math.abs(u[0].x - 1)).toBeGreaterThan(0.1);
    expect(warnings).toEqual([fell]);
  });

  // At t = 5 it is e^-5k / 2, far below the tolerance, and at t = 10 what it was at the start.
  it.each([4, 5, 6, 7, 8])(
    "is told where a switch of time makes it grow again, of whichever sign its error is, at a rate of %s",
    (k) => {
      const rhs = (u: { x: number }, p: { k: number }, t: number): { x: number } => ({ x: (t < 5 ? -p.k : p.k) * u.x });
      const { u, warnings } = solve(odeProblem({ rhs, u0: { x: 1 }, tspan: [0, 10], p: { k } }), { saveat: [10] });
      expect(Math.abs(u[0].x - 1)).toBeGreaterThan(1e-3);
      expect(warnings).toEqual([fell]);
    },
  );

  it("is told where a dose of something else takes place meanwhile", () => {
    const events = { at: [10], apply: (u: { y: number }) => void (u.y += 1) };
    expect(solve(odeProblem({ ...stated, events }), { saveat: [20], solver: tsit5() }).warnings).toEqual([fell]);
  });

  it.each(adjointsThat())("is told by a gradient, by %s", (adjoint) => {
    expect(gradient(valley, { adjoint, loss: { final: (u) => u.x } }).warnings).toContainEqual(fell);
  });

  it("is right, and not told, at tolerances that are small enough", () => {
    const { u, warnings } = solve(valley, { saveat: [20], rtol: 1e-8, atol: 1e-30 });
    expect(u[0].x).toBeCloseTo(1, 5);
    expect(warnings).toEqual([]);
  });
});

/** An epidemic with waning immunity, whose second wave grows out of 1e-30; its size by a solve to relative tolerances alone. */
const sirs = odeProblem({
  rhs(du, u, p) {
    const infected = p.b * u.S * u.I;
    du.S = p.w * u.R - infected;
    du.I = infected - p.g * u.I;
    du.R = p.g * u.I - p.w * u.R;
  },
  u0: { S: 0.999, I: 1e-3, R: 0 },
  p: { b: 3, w: 0.001, g: 0.5 },
  tspan: [0, 400],
});

/** B = 1e6 exp(∫ growth - killing), by hand: c falls as exp(-k t). */
const bacteria = odeProblem({
  rhs(du, u, p) {
    du.c = -p.k * u.c;
    du.B = (p.g - (p.kill * u.c) / (p.ec + u.c)) * u.B;
  },
  u0: { c: 20, B: 1e6 },
  p: { k: 0.1, g: 0.7, kill: 4, ec: 0.5 },
  tspan: [0, 120],
});
const left = (t: number): number => 1e6 * (0.5 + 20 * Math.exp(-0.1 * t)) ** 40 * 20.5 ** -40 * Math.exp(0.7 * t);

const grewHere = (name: string): unknown =>
  expect.stringMatching(new RegExp(`Grew while below the absolute tolerance: ${name} \\(atol`));

describe("what grows below its tolerance", () => {
  it.each([radauIIA5(), trbdf2()])("is told of an epidemic that does not come back, by $name", (solver) => {
    const [right] = solve(sirs, { saveat: [380], atol: { I: 1e-40 } }).u;
    const { u, warnings } = solve(sirs, { saveat: [380], solver });
    expect(Math.abs(u[0].S / right.S - 1)).toBeGreaterThan(0.3);
    expect(warnings).toEqual([grewHere("I")]);
  });

  it.each([[[120]], [[30, 60, 90, 120]]])("is told of bacteria whatever is saved: %s", (saveat) => {
    const { u, warnings } = solve(bacteria, { saveat, solver: radauIIA9() });
    expect(u.at(-1)!.B).toBeGreaterThan(100 * left(120));
    expect(warnings).toEqual([grewHere("B")]);
    const small = solve(bacteria, { saveat, solver: radauIIA9(), rtol: 1e-8, atol: { B: 1e-60 } });
    expect(small.u.at(-1)!.B / left(120)).toBeCloseTo(1, 3);
    expect(small.warnings).toEqual([]);
  });

  it("is told by a gradient of something else", () => {
    expect(gradient(sirs, { loss: { final: (u) => u.S } }).warnings).toContainEqual(grewHere("I"));
  });

  it("is told by batches and ensembles", async () => {
    const p = ndarray([3, 0.001, 0.5, 3, 0.001, 0.5], [2, 3]);
    const one = expect.stringMatching(/^Trajectory \d: Grew while below the absolute tolerance: I /);
    expect((await solveBatch(sirs, { p, saveat: [380] })).warnings).toContainEqual(one);
    const other = odeProblem({ ...stated, tspan: [0, 20] });
    const ensemble = await solveEnsemble(other, { trajectories: 5, vary: { "p.a": { normal: [1, 1e-3] } }, saveat: [20] });
    expect(ensemble.warnings).toContainEqual(expect.stringMatching(/^Trajectory \d: Grew while below/));
    const ofBatch = await gradientBatch(valley, { p: ndarray([1, 1.01], [2, 1]), loss: { final: (u) => u.x } });
    expect(ofBatch.warnings).toContainEqual(expect.stringMatching(/^Trajectory \d: Grew while below/));
  });

  it("is told of several that grow in a circle", () => {
    const rhs = (u: { E: number; I: number }, _p: unknown, t: number): { E: number; I: number } => ({
      E: (t < 50 ? 0 : 2) * u.I - u.E,
      I: u.E - u.I,
    });
    const problem = odeProblem({ rhs, u0: { E: 1, I: 1 }, tspan: [0, 90], p: {} });
    expect(solve(problem, { saveat: [90], solver: radauIIA5() }).warnings).toContainEqual(grewHere("[EI]"));
  });
});

describe("not told are", () => {
  it("decays to zero, and products of what is itself small, in a chain", () => {
    const rhs = (u: readonly number[]): number[] => [-u[0], u[0] - 3 * u[1], 1e-9 * u[1] - u[2], u[2], -1e4 * u[4] + u[1]];
    for (const solver of [tsit5(), radauIIA5(), trbdf2(), fbdf()])
      expect(
        solve(odeProblem({ rhs, u0: [1, 0, 0, 0, 1], tspan: [0, 100], p: {} }), { solver, atol: 1e-7 }).warnings.filter((w) =>
          w.startsWith("Grew"),
        ),
      ).toEqual([]);
  });

  it("what has decayed, and explicit steps at the bound of their stability throw up again", () => {
    const chain = (u: readonly number[]): number[] => [-u[0], u[0] - u[1], u[1] - u[2], u[2]];
    const grew = (problem: ReturnType<typeof odeProblem>): string[] =>
      solve(problem, { solver: tsit5() }).warnings.filter((w) => w.startsWith("Grew"));
    expect(grew(odeProblem({ rhs: chain, u0: [1, 0, 0, 0], tspan: [0, 60], p: {} }))).toEqual([]);
    const dosed = (u: readonly number[]): number[] => [-u[0], u[0] - 0.3 * u[1]];
    const events = { at: [10, 100, 150], apply: (u: number[]) => void (u[0] += 5) };
    expect(grew(odeProblem({ rhs: dosed, u0: [0, 0], tspan: [0, 200], p: {}, events }))).toEqual([]);
  });

  it("steps of one length, whose errors no tolerance counts", () => {
    const { warnings } = solve(valley, { saveat: [20], solver: rk4({ dt: 0.01 }) });
    expect(warnings).toEqual([]);
  });

  const doses = [0, 24, 48, 72];

  it("doses that take place at once", () => {
    const rhs = (u: { c: number }): { c: number } => ({ c: -u.c });
    const events = { at: doses, apply: (u: { c: number }) => void (u.c += 100) };
    expect(solve(odeProblem({ rhs, u0: { c: 0 }, tspan: [0, 90], p: {}, events })).warnings).toEqual([]);
  });

  it("infusions", () => {
    const rhs = (u: { c: number }, _p: unknown, t: number): { c: number } => ({ c: (t % 24 < 0.25 ? 100 : 0) - u.c });
    expect(solve(odeProblem({ rhs, u0: { c: 0 }, tspan: [0, 90], p: {} })).warnings).toEqual([]);
  });

  it("oscillations, which pass through zero", () => {
    const rhs = (u: readonly number[]): number[] => [u[1], -u[0]];
    for (const rtol of [1e-3, 1e-6, 1e-9])
      expect(solve(odeProblem({ rhs, u0: [1, 0], tspan: [0, 200], p: {} }), { rtol }).warnings).toEqual([]);
  });

  it("oscillations that pass through zero fast, or grow", () => {
    const vanDerPol = (u: readonly number[]): number[] => [u[1], 5 * (1 - u[0] ** 2) * u[1] - u[0]];
    const growing = (u: readonly number[]): number[] => [0.3 * u[0] + u[1], 0.3 * u[1] - u[0]];
    for (const rhs of [vanDerPol, growing])
      for (const rtol of [1e-3, 1e-6, 1e-9])
        expect(solve(odeProblem({ rhs, u0: [2, 0], tspan: [0, 40], p: {} }), { rtol }).warnings).toEqual([]);
  });

  it("what the time feeds ever faster, of either sign", () => {
    const meals = (u: { g: number }, _p: unknown, t: number): { g: number } => ({
      g: 10 * Math.exp(-50 * ((t % 24) - 8) ** 2) - 0.8 * u.g,
    });
    const bursts = (u: { g: number }, _p: unknown, t: number): { g: number } => ({ g: 50 * (Math.sin(t) ** 21 - u.g) });
    for (const rhs of [meals, bursts])
      for (const rtol of [1e-3, 1e-6, 1e-9])
        expect(solve(odeProblem({ rhs, u0: { g: 0 }, tspan: [0, 96], p: {} }), { rtol }).warnings).toEqual([]);
  });

  it("dips in which a step or two end, however many there are", () => {
    // x = exp(3 sin t), down to 0.0498.
    const rhs = (u: { x: number }, _p: unknown, t: number): { x: number } => ({ x: 3 * Math.cos(t) * u.x });
    const { warnings } = solve(odeProblem({ rhs, u0: { x: 1 }, tspan: [0, 100], p: {} }), {
      rtol: 1e-3,
      atol: 0.053,
      solver: tsit5(),
    });
    expect(warnings).not.toContainEqual(expect.stringMatching(/^Grew while below/));
  });
});
