/** Steady states with known answers, those that long solves come to, and what has none. */
import { describe, expect, it } from "vitest";
import {
  NoSteadyState,
  NotAutonomous,
  odeProblem,
  OutOfTime,
  rodas5P,
  solve,
  SolveAborted,
  steadyState,
  UnknownOption,
  type OdeProblem,
} from "../../../index.ts";

function expectNumbers(found: ArrayLike<number>, expected: ArrayLike<number>, within: number): void {
  expect(found).toHaveLength(expected.length);
  Array.from(expected, (x, i) => expect(Math.abs(found[i] - x)).toBeLessThan(within));
}

const logistic = odeProblem({
  rhs(du: number[], u, p) {
    du[0] = p[0] * u[0] * (1 - u[0] / p[1]);
  },
  u0: [0.1],
  tspan: [0, 1],
  p: [1.5, 7],
});

/** Two genes that repress each other (Gardner, Cantor and Collins 2000, Nature 403, 339-342). */
const toggle = odeProblem({
  rhs(du: { a: number; b: number }, u, p) {
    du.a = p.k / (1 + u.b ** 2) - u.a;
    du.b = p.k / (1 + u.a ** 2) - u.b;
  },
  u0: { a: 1, b: 0.1 },
  tspan: [0, 1],
  p: { k: 4 },
});

const closed = odeProblem({
  rhs(du: { A: number; B: number; C: number }, u, p) {
    const [first, second] = [p.k1 * u.A - p.k2 * u.B, p.k3 * u.B - p.k4 * u.C];
    du.A = -first;
    du.B = first - second;
    du.C = second;
  },
  u0: { A: 1, B: 0.5, C: 0 },
  tspan: [0, 1],
  p: { k1: 1, k2: 2, k3: 3, k4: 4 },
});

const brusselator = odeProblem({
  rhs(du: number[], u, p) {
    du[0] = p[0] + u[0] ** 2 * u[1] - (p[1] + 1) * u[0];
    du[1] = p[1] * u[0] - u[0] ** 2 * u[1];
  },
  u0: [1.2, 3],
  tspan: [0, 1],
  p: [1, 1.5],
});

/** Robertson 1966: everything ends as the third species, ever more slowly. */
const robertson = odeProblem({
  rhs(du: number[], u, p) {
    const [a, b, c] = [p[0] * u[0], p[1] * u[1] * u[2], p[2] * u[1] ** 2];
    du[0] = b - a;
    du[1] = a - b - c;
    du[2] = c;
  },
  u0: [1, 0, 0],
  tspan: [0, 1e5],
  p: [0.04, 1e4, 3e7],
});

describe("steady states", () => {
  it("of logistic growth: the capacity", () => {
    const { u, residual, stable, eigenvalue, result, conserved, warnings } = steadyState(logistic);
    expect(u[0]).toBeCloseTo(7, 12);
    expect(residual).toBeLessThan(1e-13);
    expect({ stable, result, conserved, warnings }).toEqual({ stable: true, result: "success", conserved: [], warnings: [] });
    expect(eigenvalue!.re).toBeCloseTo(-1.5, 12);
    expect(eigenvalue!.im).toBe(0);
  });

  it("of an enzyme with inflow: Michaelis-Menten's formula", () => {
    const enzyme = odeProblem({
      rhs(du: { S: number; ES: number; E: number }, u, p) {
        const bound = p.on * u.E * u.S - p.off * u.ES;
        du.S = p.inflow - bound;
        du.ES = bound - p.cat * u.ES;
        du.E = p.cat * u.ES - bound;
      },
      u0: { S: 0, ES: 0, E: 2 },
      tspan: [0, 1],
      p: { on: 1e3, off: 1e2, cat: 10, inflow: 5 },
    });
    const { u, conserved, stable } = steadyState(enzyme);
    // inflow = cat E0 S / (Km + S), with Km = (off + cat) / on
    const Km = 0.11;
    expect(u.ES).toBeCloseTo(0.5, 12);
    expect(u.S).toBeCloseTo((5 * Km) / (10 * 2 - 5), 12);
    expect(u.E + u.ES).toBeCloseTo(2, 12);
    expect(conserved).toHaveLength(1);
    expect(stable).toBe(true);
  });

  it("of a toggle switch: the one of three whose basin u0 is in, and on the border the one between", () => {
    const [high, low] = [2 + Math.sqrt(3), 2 - Math.sqrt(3)];
    const first = steadyState(toggle);
    expectNumbers(first.flat, [high, low], 1e-12);
    expect(first.stable).toBe(true);
    expectNumbers(steadyState(toggle, { u0: { a: 1, b: 1.0001 } }).flat, [low, high], 1e-12);
    const between = steadyState(toggle, { u0: { a: 1, b: 1 } });
    expect(between.u.a).toBeCloseTo(between.u.b, 10);
    expect(between.u.a ** 3 + between.u.a).toBeCloseTo(4, 10);
    expect(between.stable).toBe(false);
    expect(between.eigenvalue!.re).toBeGreaterThan(0.3);
    expect(between.warnings).toEqual([expect.stringContaining("unstable")]);
  });

  it("of starts all over the plane: those that solves come to", () => {
    for (const a of [0.05, 0.9, 2, 6])
      for (const b of [0.3, 1.1, 1.9, 7]) {
        const u0 = { a, b };
        expectNumbers(
          steadyState(toggle, { u0 }).flat,
          solve(toggle, { u0, tspan: [0, 500], rtol: 1e-10, solver: rodas5P() }).states.at(-1)!,
          1e-8,
        );
      }
  });

  it("of a closed network: with the total that it began with, which does not count against its stability", () => {
    const { u, conserved, stable, eigenvalue } = steadyState(closed);
    // A : B : C = k2 k4 : k1 k4 : k1 k3
    expectNumbers(
      [u.A, u.B, u.C],
      [8, 4, 3].map((x) => (1.5 * x) / 15),
      1e-13,
    );
    expect(conserved).toHaveLength(1);
    expectNumbers(
      conserved[0].map(Math.abs),
      [1, 1, 1].map((x) => x / Math.sqrt(3)),
      1e-12,
    );
    expect(stable).toBe(true);
    // The other two of the network's matrix: x² + 10 x + 15 = 0.
    expect(eigenvalue!.re).toBeCloseTo(-5 + Math.sqrt(10), 12);
  });

  it("of the Brusselator: stable below B = 1 + A², and approached in spirals", () => {
    const { flat, stable, eigenvalue } = steadyState(brusselator, { p: [1, 1.9] });
    expectNumbers(flat, [1, 1.9], 1e-12);
    expect(stable).toBe(true);
    expect(eigenvalue!.re).toBeCloseTo(-0.05, 10);
    expect(eigenvalue!.im).toBeCloseTo(Math.sqrt(1 - 0.05 ** 2), 10);
  });

  it("where it begins in one: that, whether it is stable or not", () => {
    const { flat, t, stable, eigenvalue } = steadyState(brusselator, { p: [1, 3], u0: [1, 3] });
    expectNumbers(flat, [1, 3], 1e-14);
    expect(t).toBe(0);
    expect(stable).toBe(false);
    expect(eigenvalue!.re).toBeCloseTo(0.5, 12);
    const center = steadyState(lotkaVolterra, { u0: [1, 1] });
    expect(center.stable).toBeUndefined();
    expect(center.eigenvalue).toEqual({ re: 0, im: expect.closeTo(1, 12) });
    expect(center.warnings).toEqual([expect.stringContaining("imaginary axis")]);
  });

  it("of Robertson's reactions, which come to rest in no time that can be told: the third species alone", () => {
    const { flat, stable, conserved, warnings } = steadyState(robertson);
    expect(Math.abs(flat[0])).toBeLessThan(1e-10);
    expect(Math.abs(flat[1])).toBeLessThan(1e-14);
    expect(flat[2]).toBeCloseTo(1, 9);
    expect(conserved).toHaveLength(1);
    expect(stable).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining("singular")]);
  });

  it("of which there are many side by side: the one at the end of the way, with the digits asked for", () => {
    const epidemic = odeProblem({
      rhs(du: number[], u, p) {
        const infections = p[0] * u[0] * u[1];
        du[0] = -infections;
        du[1] = infections - p[1] * u[1];
        du[2] = p[1] * u[1];
      },
      u0: [1, 1e-6, 0],
      tspan: [0, 10],
      p: [0.5, 0.2],
    });
    const { flat, warnings } = steadyState(epidemic);
    // Kermack and McKendrick 1927: ln(S∞ / S0) = −β / γ (N − S∞)
    expect(Math.log(flat[0])).toBeCloseTo(-2.5 * (1 + 1e-6 - flat[0]), 8);
    expect(warnings).toEqual([expect.stringContaining("singular")]);
  });

  it("of heat with a source on 10,000 points", () => {
    const N = 100;
    const heat = odeProblem({
      rhs(du: Float64Array, u, p: number[], _t, { N }: { N: number }) {
        for (let i = 0; i < N; i++) {
          for (let j = 0; j < N; j++) {
            const k = i * N + j;
            const around =
              (i > 0 ? u[k - N] : 0) + (i < N - 1 ? u[k + N] : 0) + (j > 0 ? u[k - 1] : 0) + (j < N - 1 ? u[k + 1] : 0);
            // The source of sin(πx) sin(πy), an eigenvector of the difference operator.
            const source = Math.sin((Math.PI * (i + 1)) / (N + 1)) * Math.sin((Math.PI * (j + 1)) / (N + 1));
            du[k] = p[0] * (around - 4 * u[k]) + source;
          }
        }
      },
      u0: new Float64Array(N * N),
      tspan: [0, 1],
      p: [2],
      constants: { N },
    });
    const { flat, stable, warnings } = steadyState(heat);
    const rate = 2 * (4 - 4 * Math.cos(Math.PI / (N + 1)));
    const middle = 49 * N + 49;
    expect((flat[middle] * rate) / Math.sin((Math.PI * 50) / (N + 1)) ** 2).toBeCloseTo(1, 9);
    expect(stable).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining("Eigenvalues are computed up to 300 states")]);
  });

  it("of a Brusselator on a grid that diffuses: the same everywhere", () => {
    const N = 8;
    const grid = odeProblem({
      rhs(du: Float64Array, u, p: number[], _t, { N }: { N: number }) {
        for (let k = 0; k < N * N; k++) {
          const [i, j] = [Math.floor(k / N), k % N];
          const [n, s, e, w] = [
            ((i + 1) % N) * N + j,
            ((i + N - 1) % N) * N + j,
            i * N + ((j + 1) % N),
            i * N + ((j + N - 1) % N),
          ];
          const [x, y] = [u[2 * k], u[2 * k + 1]];
          du[2 * k] = p[0] + x * x * y - (p[1] + 1) * x + p[2] * (u[2 * n] + u[2 * s] + u[2 * e] + u[2 * w] - 4 * x);
          du[2 * k + 1] = p[1] * x - x * x * y + p[2] * (u[2 * n + 1] + u[2 * s + 1] + u[2 * e + 1] + u[2 * w + 1] - 4 * y);
        }
      },
      u0: Float64Array.from({ length: 2 * N * N }, (_, k) => 1 + 0.3 * Math.sin(k)),
      tspan: [0, 1],
      p: [1, 1.5, 0.2],
      constants: { N },
    });
    const { flat, stable, eigenvalue } = steadyState(grid);
    flat.forEach((x, k) => expect(x).toBeCloseTo(k % 2 ? 1.5 : 1, 11));
    expect(stable).toBe(true);
    expect(eigenvalue!.re).toBeCloseTo(-0.25, 9);
  });

  it("of functions that cannot be read, of one number, and with a Jacobian of the author's own", () => {
    const rates = new Map([["growth", 1]]);
    const closure = odeProblem({
      rhs: makeLogistic((name) => rates.get(name)!),
      u0: [0.1],
      tspan: [0, 1],
      p: [7],
    });
    const byItself = steadyState(closure);
    expect(byItself.stats.compiled).toBe(false);
    expect(byItself.u[0]).toBeCloseTo(7, 10);
    expect(steadyState(odeProblem({ rhs: (u: number, p: number[]) => p[0] - u, u0: 0, tspan: [0, 1], p: [7] })).u).toBeCloseTo(
      7,
      12,
    );
    const jac = (J: { set(i: number, j: number, x: number): void }, u: number[], p: number[]): void =>
      J.set(0, 0, p[0] * (1 - (2 * u[0]) / p[1]));
    const own = odeProblem({
      rhs: logistic.rhs as never,
      u0: [0.1],
      tspan: [0, 1],
      p: [1.5, 7],
      derivatives: { jac: jac as never },
    });
    expect((steadyState(own).u as number[])[0]).toBeCloseTo(7, 12);
  });

  it("of what is almost conserved: nothing is left in the end, however long that takes", () => {
    const leak = odeProblem({
      rhs: (u: number[], p: number[]) => [u[1] - u[0] - p[0] * u[0], u[0] - u[1]],
      u0: [1, 0],
      tspan: [0, 1],
      p: [1e-6],
    });
    const { flat, conserved, stable, eigenvalue, warnings } = steadyState(leak);
    expectNumbers(flat, [0, 0], 1e-15);
    expect({ conserved, stable, warnings }).toEqual({ conserved: [], stable: true, warnings: [] });
    expect(eigenvalue!.re / -0.5e-6).toBeCloseTo(1, 5);
    const slow = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] * (3 - u[0])], u0: [1], tspan: [0, 1], p: [1e-13] });
    const { u, warnings: said } = steadyState(slow);
    expect(u[0]).toBeCloseTo(3, 12);
    expect(said).toEqual([]);
  });

  it("are the same whatever the units of state and time", () => {
    const scaled = odeProblem({
      rhs(du: number[], u, p) {
        const [first, second] = [p[0] * u[0] - p[1] * u[1], p[2] * u[1] - p[3] * u[2]];
        du[0] = -first;
        du[1] = first - second;
        du[2] = second;
      },
      u0: [1e-9, 0.5e-9, 0],
      tspan: [0, 1e-12],
      p: [1e12, 2e12, 3e12, 4e12],
    });
    expectNumbers(
      steadyState(scaled).flat,
      [8, 4, 3].map((x) => (1.5e-9 * x) / 15),
      1e-20,
    );
  });
});

function makeLogistic(lookUp: (name: string) => number): (du: number[], u: number[], p: number[]) => void {
  return (du, u, p) => {
    const { growth } = {
      get growth() {
        return lookUp("growth");
      },
    };
    du[0] = growth * u[0] * (1 - u[0] / p[0]);
  };
}

const lotkaVolterra = odeProblem({
  rhs(du: number[], u) {
    du[0] = u[0] - u[0] * u[1];
    du[1] = u[0] * u[1] - u[1];
  },
  u0: [1.5, 1],
  tspan: [0, 1],
});

describe("no steady state", () => {
  it.each([
    ["a limit cycle", brusselator, { p: [1, 3] }],
    ["a center", lotkaVolterra, {}],
  ] as [string, OdeProblem<number[], number[]>, object][])(
    "is reached from beside %s, which oscillates",
    (_, problem, options) => {
      expect(() => steadyState(problem, options)).toThrow(NoSteadyState);
      expect(() => steadyState(problem, options)).toThrow(/u\[0\] goes on oscillating between .* and .*solve/);
    },
  );

  it.each([
    ["exponentially", (du: number[], u: number[]) => void (du[0] = u[0])],
    ["evenly", (du: number[]) => void (du[0] = 1)],
    ["to infinity in a finite time", (du: number[], u: number[]) => void (du[0] = u[0] ** 2)],
  ])("is reached by what grows %s", (_, rhs) => {
    const growing = odeProblem({ rhs, u0: [0.1], tspan: [0, 1] });
    expect(() => steadyState(growing)).toThrow(NoSteadyState);
    expect(() => steadyState(growing)).toThrow(/u\[0\] grows without bound: it was 0\.1/);
  });

  it("is there in the steps allowed: with the state so far", () => {
    const asked = { maxSteps: 5 };
    expect(() => steadyState(toggle, asked)).toThrow(/derivative of [ab] is still .* Raise maxSteps/);
    const { result, flat, residual } = steadyState(toggle, { ...asked, throwOnFailure: false });
    expect(result).toBe("noSteadyState");
    expect(flat.every(Number.isFinite)).toBe(true);
    expect(residual).toBeGreaterThan(1e-6);
  });

  it("is there of what changes with t, or has events", () => {
    const forced = odeProblem({ rhs: (u: number, _p: number[], t: number) => (t > 5 ? -u : 1 - u), u0: 1, tspan: [0, 1] });
    expect(() => steadyState(forced)).toThrow(NotAutonomous);
    expect(() => steadyState(forced)).toThrow(/depends on t/);
    const dosed = odeProblem({
      rhs: (u: number[]) => [-u[0]],
      u0: [1],
      tspan: [0, 1],
      events: { at: [0.5], apply: (u: number[]) => void u[0]++ },
    });
    expect(() => steadyState(dosed)).toThrow(/has events/);
    const weighted = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 1], massMatrix: [2] });
    expect(() => steadyState(weighted)).toThrow(/has a mass matrix/);
  });

  it("is found once time is over, or the signal aborted", () => {
    expect(() => steadyState(brusselator, { p: [1, 3], maxSteps: Infinity, maxTime: 50 })).toThrow(OutOfTime);
    const abort = new AbortController();
    const options = {
      p: [1, 3],
      maxSteps: Infinity,
      signal: abort.signal,
      onProgress: ({ steps }: { steps: number }) => void (steps > 100 && abort.abort()),
    };
    expect(() => steadyState(brusselator, options)).toThrow(SolveAborted);
  });

  it("for options that there are not", () => {
    expect(() => steadyState(toggle, { saveat: 1 } as never)).toThrow(UnknownOption);
  });
});
