/** Differential-algebraic equations that are stated by a residual. */
import { describe, expect, it } from "vitest";
import {
  BadProblem,
  daeProblem,
  fbdf,
  IndexTooHigh,
  InconsistentInitialValues,
  kvaerno5,
  MassMatrixNeedsImplicit,
  MassMatrixRefused,
  ndarray,
  odeProblem,
  type OdeProblem,
  radauIIA5,
  ReadError,
  remake,
  rodas5P,
  solve,
  solveBatch,
  steadyState,
  tsit5,
  UnknownComponent,
  UnknownOption,
  WrongLength,
} from "../../../index.ts";
import { chemicalAkzoNobel, pendulumDAE, robertsonDAE, transistorAmplifier } from "../../../problems/index.ts";
import { linearSolverFor } from "../../../solvers/linear/linear-solver.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { everyMethod, implicitMethods } from "../../tables.ts";
import { pendulumResidual, residualOf } from "./residuals.ts";

const solvers = [fbdf(), radauIIA5(), rodas5P(), kvaerno5()];

/** a = cos t, b = sin t and c = a b: their derivatives are coupled, and c has none. */
const coupled = ({
  u0 = { a: 1, b: 0, c: 0 },
  du0,
  initialise,
}: {
  u0?: { a: number; b: number; c: number };
  du0?: { a: number; b: number; c: number };
  initialise?: "algebraic";
} = {}) =>
  daeProblem({
    name: "coupled",
    residual(r, du, u, p) {
      r.a = 2 * du.a + du.b + 2 * u.b - u.a;
      r.b = p.weight * (du.a - du.b + u.b + u.a);
      r.c = u.c - u.a * u.b;
    },
    u0,
    ...(du0 && { du0 }),
    tspan: [0, 2],
    p: { weight: 3 },
    ...(initialise && { initialise }),
  });

describe("known answers", () => {
  it.each(solvers)("of coupled derivatives, by $name", (solver) => {
    const solution = solve(coupled(), { solver, rtol: 1e-8, atol: 1e-8 });
    const { a, b, c } = solution.u.at(-1)!;
    const error = Math.max(Math.abs(a - Math.cos(2)), Math.abs(b - Math.sin(2)), Math.abs(c - Math.cos(2) * Math.sin(2)));
    expect(error).toBeLessThan(1e-6);
    expect(solution.names).toEqual(["a", "b", "c"]);
    expect(solution.states[0]).toHaveLength(3);
    expect(solution.warnings).toEqual([]);
    expect(solution.derivative(1).a).toBeCloseTo(-Math.sin(1), 4);
  });

  /** No equation for u' can be written down. */
  const implicit = daeProblem({
    residual: (du: readonly number[], u: readonly number[], [p]: readonly number[]) => [du[0] + 0.1 * Math.sin(du[0]) + u[0] - p],
    u0: [2],
    tspan: [0, 3],
    p: [0.5],
  });

  /** By the classical method of order four, the equation solved for u' at each stage. */
  function reference(): number {
    const slope = (u: number): number => {
      let v = 0.5 - u;
      for (let k = 0; k < 30; k++) v -= (v + 0.1 * Math.sin(v) + u - 0.5) / (1 + 0.1 * Math.cos(v));
      return v;
    };
    let u = 2;
    for (let i = 0, h = 3 / 2000; i < 2000; i++) {
      const k1 = slope(u);
      const k2 = slope(u + (h / 2) * k1);
      const k3 = slope(u + (h / 2) * k2);
      u += (h / 6) * (k1 + 2 * k2 + 2 * k3 + slope(u + h * k3));
    }
    return u;
  }

  it.each(solvers)("of what is implicit in u', by $name", (solver) => {
    const { u } = solve(implicit, { solver, rtol: 1e-9, atol: 1e-11 });
    expect(Math.abs(u.at(-1)![0] - reference())).toBeLessThan(solver.name === "fbdf" ? 1e-8 : 1e-9);
  });

  /** u'² = u has two solutions, (1 ± t/2)². */
  const squared = (du0: number) =>
    daeProblem<number>({ residual: (du: number, u: number) => du ** 2 - u, u0: 1, du0, tspan: [0, 1] });

  it.each(solvers)("of two, that which begins as du0 says, by $name", (solver) => {
    const options = { solver, rtol: 1e-8, atol: 1e-8 };
    expect(solve(squared(1), options).u.at(-1)!).toBeCloseTo(2.25, 6);
    expect(solve(squared(-1), options).u.at(-1)!).toBeCloseTo(0.25, 6);
  });

  const named: readonly {
    readonly problem: OdeProblem<Float64Array, unknown>;
    readonly end: Float64Array;
    readonly derivatives: number;
  }[] = [
    { problem: residualOf(robertsonDAE({ tEnd: 40 }).problem), end: robertsonDAE({ tEnd: 40 }).reference!.end!, derivatives: 2 },
    { problem: residualOf(chemicalAkzoNobel().problem), end: chemicalAkzoNobel().reference!.end!, derivatives: 5 },
    // Those of voltages at a capacitor enter as their difference alone.
    { problem: residualOf(transistorAmplifier().problem), end: transistorAmplifier().reference!.end!, derivatives: 5 },
  ];

  it.each(named)("of $problem.name", ({ problem, end, derivatives }) => {
    expect(problem.layout.u.size).toBe(end.length + derivatives);
    for (const solver of [fbdf(), radauIIA5(), rodas5P()]) {
      const { u } = solve(problem, { solver, rtol: 1e-7, atol: 1e-11, saveat: [problem.tspan[1]] });
      u[0].forEach((x, i) =>
        expect(Math.abs(x - end[i]), `${solver.name}, ${i}`).toBeLessThan(1e-6 * Math.max(1e-3, Math.abs(end[i]))),
      );
    }
  });

  it("of the pendulum", () => {
    const { problem, reference } = pendulumDAE();
    for (const solver of [fbdf(), radauIIA5()]) {
      const { u } = solve(pendulumResidual(problem), { solver, rtol: 1e-8, atol: 1e-10 });
      expect(u.at(-1)!.y).toBeCloseTo(reference!.end!.y, 5);
      expect(u.at(-1)!.tension).toBeCloseTo(reference!.end!.tension, 4);
    }
  });

  it("of an ndarray, written in place, and of an event", () => {
    const problem = daeProblem({
      residual(r, du, u, p) {
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 2; j++) r.set(i, j, p[0] * (du.get(i, j) + (1 + i + 2 * j) * u.get(i, j)));
      },
      u0: ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]),
      tspan: [0, 1],
      p: [2],
      events: { at: [0.5], apply: (u) => u.set(1, 1, 1) },
    });
    for (const solver of solvers) {
      const end = solve(problem, { solver, rtol: 1e-8, atol: 1e-10 }).u.at(-1)!;
      expect(end.get(0, 1)).toBeCloseTo(2 * Math.exp(-3), 6);
      expect(end.get(1, 1)).toBeCloseTo(Math.exp(-2), 6);
    }
  });

  it("of a ball that bounces, with its energy", () => {
    const ball = daeProblem({
      residual(r, du, u, p) {
        r.x = du.x - u.v;
        r.v = du.v + p.g;
        r.energy = u.energy - u.v ** 2 / 2 - p.g * u.x;
      },
      u0: { x: 1, v: 0, energy: 0 },
      tspan: [0, 1],
      p: { g: 10 },
      initialise: "algebraic",
      events: { when: (u) => u.x, direction: "down", apply: (u) => void (u.v *= -0.8) },
    });
    for (const solver of solvers) {
      const solution = solve(ball, { solver, rtol: 1e-8, atol: 1e-10 });
      expect(solution.u[0].energy).toBe(10);
      expect(solution.events[0].t).toBeCloseTo(Math.sqrt(0.2), 7);
      expect(solution.u.at(-1)!.energy).toBeCloseTo(6.4, 6);
    }
  });

  it("of comparisons, of the state and of t", () => {
    const halved = daeProblem({
      residual: (du: readonly number[], u: readonly number[], p: readonly number[], t: number) => [
        1.1 * du[0] + 1.1 * (u[0] > p[0] ? 1 : 2) * (t < 1.5 ? 1 : 2) * u[0],
      ],
      u0: [1],
      tspan: [0, 2],
      p: [0.5],
    });
    const end = 0.5 * Math.exp(-2 * (1.5 - Math.LN2)) * Math.exp(-2);
    for (const solver of solvers) {
      const { u, switches } = solve(halved, { solver, rtol: 1e-8, atol: 1e-10 });
      expect(u.at(-1)![0]).toBeCloseTo(end, 7);
      expect(switches.map(({ times }) => times[0]).sort((x, y) => x - y)).toEqual([expect.closeTo(Math.LN2, 7), 1.5]);
    }
  });
});

describe("methods", () => {
  it.each(implicitMethods)("$name takes it, or says why not", (solver) => {
    const run = (): number => solve(coupled(), { solver, rtol: 1e-6, atol: 1e-6 }).u.at(-1)!.c;
    try {
      expect(run()).toBeCloseTo(Math.cos(2) * Math.sin(2), 3);
    } catch (error) {
      expect(error).toBeInstanceOf(MassMatrixRefused);
    }
  });

  it("that are explicit, or made for u' = f, are refused", () => {
    expect(() => solve(coupled(), { solver: tsit5() })).toThrow(MassMatrixNeedsImplicit);
    expect(() => solve(coupled(), { solver: tsit5() })).toThrow(/stated by a residual/);
    for (const solver of everyMethod(0.01).filter(({ family }) => family.implicit && !family.takesMass)) {
      expect(() => solve(coupled(), { solver }), solver.name).toThrow(MassMatrixRefused);
    }
  });

  it("of batches and steady states are refused", async () => {
    const u0 = ndarray(new Float64Array(6), [2, 3]);
    await expect(solveBatch(coupled(), { u0, solver: tsit5() })).rejects.toThrow(/stated by a residual/);
    await expect((async () => steadyState(coupled()))()).rejects.toThrow(/stated by a residual/);
  });

  it("solve large systems by the entries that are not zero", () => {
    const n = 200;
    const side = 12;
    const constants = { n };
    const line = daeProblem({
      residual(r: Float64Array, du: Float64Array, u: Float64Array, p: readonly number[], _t: number, c: { readonly n: number }) {
        for (let i = 0; i < c.n; i++) {
          const around = (i > 0 ? u[i - 1] : 0) + (i < c.n - 1 ? u[i + 1] : 0);
          r[i] = du[i] * (1 + 0.1 * u[i] ** 2) - p[0] * c.n * c.n * (around - 2 * u[i]);
        }
      },
      u0: Float64Array.from({ length: n }, (_, i) => Math.sin((Math.PI * (i + 1)) / (n + 1))),
      tspan: [0, 0.1],
      p: [1],
      constants,
    });
    const explicit = odeProblem({
      rhs(du: Float64Array, u: Float64Array, p: readonly number[], _t: number, c: { readonly n: number }) {
        for (let i = 0; i < c.n; i++) {
          const around = (i > 0 ? u[i - 1] : 0) + (i < c.n - 1 ? u[i + 1] : 0);
          du[i] = (p[0] * c.n * c.n * (around - 2 * u[i])) / (1 + 0.1 * u[i] ** 2);
        }
      },
      u0: line.u0,
      tspan: [0, 0.1],
      p: [1],
      constants,
    });
    const grid = daeProblem({
      residual(
        r: Float64Array,
        du: Float64Array,
        u: Float64Array,
        p: readonly number[],
        _t: number,
        c: { readonly side: number },
      ) {
        for (let i = 0; i < c.side; i++) {
          for (let j = 0; j < c.side; j++) {
            const k = i * c.side + j;
            const above = (i > 0 ? u[k - c.side] : 0) + (i < c.side - 1 ? u[k + c.side] : 0);
            const beside = (j > 0 ? u[k - 1] : 0) + (j < c.side - 1 ? u[k + 1] : 0);
            r[k] = du[k] - p[0] * (above + beside - 4 * u[k]);
          }
        }
      },
      u0: new Float64Array(side * side).fill(1),
      tspan: [0, 1],
      p: [1],
      constants: { side },
    });
    const kindOf = ({ code }: Pick<typeof line, "code">): string => {
      const { pattern, blocks, mass } = systemOf(code)!.jacobian!;
      return linearSolverFor(pattern, blocks, mass).kind;
    };
    expect(kindOf(line)).toBe("banded");
    expect(kindOf(grid)).toBe("sparse");
    const options = { saveat: [0.1], rtol: 1e-8, atol: 1e-10 };
    const end = solve(explicit, { ...options, solver: radauIIA5() }).u[0];
    for (const solver of solvers) {
      const { u } = solve(line, { ...options, solver });
      expect(Math.max(...u[0].map((x, i) => Math.abs(x - end[i])))).toBeLessThan(1e-6);
    }
    // The lowest of its modes by itself, of a sum of all of them: symmetric.
    const { u } = solve(grid, { solver: radauIIA5(), saveat: [1] });
    expect(u[0][0]).toBeCloseTo(u[0][side * side - 1], 12);
  });
});

describe("where a solve begins", () => {
  const options = { solver: fbdf(), rtol: 1e-6, atol: 1e-8 };

  it("u0 that no derivative makes consistent is refused, or corrected", () => {
    const u0 = { a: 1, b: 0, c: 0.3 };
    expect(() => solve(coupled({ u0 }), options)).toThrow(InconsistentInitialValues);
    expect(() => solve(coupled({ u0 }), options)).toThrow(/c is 0, not 0\.3/);
    expect(solve(coupled({ u0, initialise: "algebraic" }), options).u[0]).toEqual({ a: 1, b: 0, c: 0 });
  });

  it("du0 that does not solve the equations is refused", () => {
    const right = coupled({ du0: { a: 0, b: 1, c: 17 } });
    expect(solve(right, options).u.at(-1)!.a).toBeCloseTo(Math.cos(2), 4);
    const wrong = coupled({ du0: { a: 0.1, b: 1, c: 0 } });
    expect(() => solve(wrong, options)).toThrow(InconsistentInitialValues);
    expect(() => solve(wrong, options)).toThrow(/du0 does not solve the equations at the start, t = 0: a' is .*, not 0\.1/);
    // It is no guess of theirs at other values.
    expect(solve(remake(wrong, { u0: { a: 0, b: 1, c: 0 } }), options).u.at(-1)!.b).toBeCloseTo(Math.cos(2), 4);
    expect(solve({ ...wrong, initialise: "algebraic" }, options).u.at(-1)!.a).toBeCloseTo(Math.cos(2), 4);
  });

  it("that is found from far away, where Newton's changes grow on the way", () => {
    const cubic = odeProblem({
      rhs: (u: number[], p: number[]) => [-u[0], p[0] - 4 * u[1] - u[1] ** 3],
      u0: [1, 3],
      p: [-5],
      tspan: [0, 1],
      massMatrix: [1, 0],
      initialise: "algebraic",
    });
    for (const guess of [3, 40, -70, 0]) expect(solve(cubic, { u0: [1, guess], rtol: 1e-10 }).u[0][1]).toBeCloseTo(-1, 8);
  });

  it("an index above one is refused by name", () => {
    const pendulum = daeProblem({
      residual(r, du, u, p) {
        r.x = du.x - u.vx;
        r.y = du.y - u.vy;
        r.vx = du.vx + u.tension * u.x;
        r.vy = du.vy + u.tension * u.y + p.g;
        r.tension = u.x ** 2 + u.y ** 2 - 1;
      },
      u0: { x: 1, y: 0, vx: 0, vy: 0, tension: 0 },
      tspan: [0, 1],
      p: { g: 9.81 },
    });
    expect(() => solve(pendulum, options)).toThrow(IndexTooHigh);
    expect(() => solve(pendulum, options)).toThrow(/do not determine tension/);
    const singular = daeProblem({ residual: (du: number, u: number) => du ** 2 - u, u0: 1, tspan: [0, 1] });
    expect(() => solve(singular, options)).toThrow(/du \*\* 2 at 0, give another/);
  });
});

describe("statements", () => {
  it("that are wrong are refused by name", () => {
    const residual = (du: readonly number[], u: readonly number[]): number[] => [du[0] + u[0]];
    expect(() => daeProblem({ residual, u0: [1], tspan: [0, 1], rhs: residual } as never)).toThrow(UnknownOption);
    expect(() => daeProblem({ u0: [1], tspan: [0, 1] } as never)).toThrow(BadProblem);
    expect(() => daeProblem({ residual, u0: [1], du0: [1, 2], tspan: [0, 1] })).toThrow(WrongLength);
    const named = { u0: { x: 1 }, du0: { y: 1 } as never, tspan: [0, 1] as const };
    expect(() => daeProblem({ ...named, residual: (r, du, u) => void (r.x = du.x + u.x) })).toThrow(UnknownComponent);
    const unreadable = Math.max.bind(undefined) as unknown as typeof residual;
    expect(() => daeProblem({ residual: unreadable, u0: [1], tspan: [0, 1] })).toThrow(ReadError);
    const problem = daeProblem({ residual, u0: [1], tspan: [0, 1] });
    expect(() => solve({ ...problem, residual: (r: number[]) => r })).toThrow(/residual was exchanged/);
  });

  it("are made again with other values and shapes", () => {
    const decay = daeProblem({
      residual(r, du, u, p) {
        for (let i = 0; i < u.length; i++) r[i] = p[0] * du[i] + u[i];
      },
      u0: [1],
      tspan: [0, 1],
      p: [1],
    });
    expect(solve(remake(decay, { p: [2] }), { rtol: 1e-8 }).u.at(-1)![0]).toBeCloseTo(Math.exp(-0.5), 6);
    expect(solve(remake(decay, { u0: [1, 2, 3] }), { rtol: 1e-8 }).u.at(-1)![2]).toBeCloseTo(3 * Math.exp(-1), 6);
  });
});
