/** Symplectic methods: closed forms of what they compute, what they conserve, their gradients, and what they refuse. */
import { describe, expect, it, test } from "vitest";
import {
  checkGradient,
  dop853,
  gradient,
  kahanLi8,
  MissingHalves,
  MethodRefused,
  odeProblem,
  remake,
  rk4,
  rodas5P,
  sensitivities,
  solve,
  solveBatch,
  tsit5,
  velocityVerlet,
  type Method,
} from "../../../index.ts";
import { adjointsThat, alternatingMethods } from "../../tables.ts";
import { withoutInspector } from "../../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

const oscillator = odeProblem({
  rhs: { position: (v) => v, velocity: (q, p) => -p.k * q },
  u0: { position: 1, velocity: 0.5 },
  tspan: [0, 5],
  p: { k: 2 },
});

test("velocityVerlet on the oscillator gives the closed form of its own recurrence", () => {
  const [dt, k] = [0.125, 2];
  const solution = solve(remake(oscillator, { u0: { position: 1, velocity: 0 } }), { solver: velocityVerlet({ dt }) });
  // q₊ − 2q + q₋ = −k h² q: E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration, 2nd ed. (2006), I.5.2.
  const angle = Math.acos(1 - (k * dt ** 2) / 2);
  expect(solution.u.length).toBe(41);
  solution.u.forEach(({ position, velocity }, i) => {
    expect(position).toBeCloseTo(Math.cos(i * angle), 12);
    expect(velocity).toBeCloseTo((-Math.sin(angle) * Math.sin(i * angle)) / dt, 12);
  });
});

test("what changes with time is taken at the time of the half that it is in", () => {
  // q = sin t + t² by q' = v + 2t, v' = −q + t².
  const driven = odeProblem({
    rhs: { position: (v, _p, t) => v + 2 * t, velocity: (q, _p, t) => -q + t ** 2 },
    u0: { position: 0, velocity: 1 },
    tspan: [0, 4],
  });
  const errorAt = (solver: Method): number => Math.abs(solve(driven, { solver, saveat: [4] }).u[0].position - Math.sin(4) - 16);
  expect(Math.log2(errorAt(velocityVerlet({ dt: 0.02 })) / errorAt(velocityVerlet({ dt: 0.01 })))).toBeCloseTo(2, 1);
  expect(errorAt(kahanLi8({ dt: 0.25 }))).toBeLessThan(1e-9);
});

interface Halves {
  readonly position: readonly number[];
  readonly velocity: readonly number[];
}

interface Conserving {
  readonly name: string;
  readonly rhs: { readonly position: (v: number[]) => number[]; readonly velocity: (q: number[]) => number[] };
  readonly u0: { position: number[]; velocity: number[] };
  readonly energy: (u: Halves) => number;
}

const conserving: readonly Conserving[] = [
  {
    name: "the pendulum",
    rhs: { position: (v) => v, velocity: (q) => [-Math.sin(q[0])] },
    u0: { position: [0], velocity: [1.5] },
    energy: ({ position: [q], velocity: [v] }) => v ** 2 / 2 - Math.cos(q),
  },
  {
    name: "Kepler's problem",
    rhs: { position: (v) => v, velocity: ([x, y]) => [-x / Math.hypot(x, y) ** 3, -y / Math.hypot(x, y) ** 3] },
    u0: { position: [0.8, 0], velocity: [0, Math.sqrt(1.2 / 0.8)] },
    energy: ({ position: [x, y], velocity: [v, w] }) => (v ** 2 + w ** 2) / 2 - 1 / Math.hypot(x, y),
  },
  {
    // M. Hénon, C. Heiles, The applicability of the third integral of motion, Astron. J. 69 (1964) 73–79, at their energy of 1/12.
    name: "the problem of Hénon and Heiles",
    rhs: { position: (v) => v, velocity: ([x, y]) => [-x - 2 * x * y, -y - x ** 2 + y ** 2] },
    u0: { position: [0, 0.1], velocity: [Math.sqrt(1 / 6 - 0.06 ** 2 - 0.1 ** 2 + (2 * 0.1 ** 3) / 3), 0.06] },
    energy: ({ position: [x, y], velocity: [v, w] }) => (v ** 2 + w ** 2 + x ** 2 + y ** 2) / 2 + x ** 2 * y - y ** 3 / 3,
  },
];

describe.each(conserving)("$name over 100,000 steps", ({ rhs, u0, energy }) => {
  const STEPS = 1e5;

  /** The largest errors of the energy in the first and in the last tenth. */
  function drift(solver: Method): { first: number; last: number } {
    const end = STEPS * solver.dt!;
    const problem = odeProblem({ rhs, u0, tspan: [0, end] });
    const { u } = solve(problem, { solver, saveat: end / 2e4 });
    const errors = u.map((state) => Math.abs(energy(state) - energy(u0)));
    return { first: Math.max(...errors.slice(0, 2000)), last: Math.max(...errors.slice(-2000)) };
  }

  it.each([
    [velocityVerlet({ dt: 0.05 }), 5e-3],
    [kahanLi8({ dt: 0.3 }), 1e-5],
  ])("$name: the energy errs as much at the end as at the beginning", (solver, most) => {
    const { first, last } = drift(solver);
    expect(first).toBeGreaterThan(0);
    expect(last).toBeLessThan(1.2 * first);
    expect(last).toBeLessThan(most);
  });

  it("rk4 loses energy all along", () => {
    const { first, last } = drift(rk4({ dt: 0.1 }));
    expect(last).toBeGreaterThan(5 * first);
  });
});

const pendula = odeProblem({
  rhs: {
    position: (v, p) => ({ a: v.a / p.mass, b: v.b }),
    velocity(f, q, p) {
      f.a = -p.mass * p.g * Math.sin(q.a) + p.k * (q.b - q.a);
      f.b = -p.g * Math.sin(q.b) - p.k * (q.b - q.a);
    },
  },
  u0: { position: { a: 1, b: -0.5 }, velocity: { a: 0, b: 0.4 } },
  tspan: [0, 3],
  p: { g: 9.81, k: 2, mass: 1.5 },
});

describe.each(alternatingMethods(0.05))("$name", (solver) => {
  it("comes back to where it began", () => {
    const there = solve(pendula, { solver, saveat: [3] }).u[0];
    const back = solve(pendula, { solver, u0: there, tspan: [3, 0], saveat: [0] }).u[0];
    for (const half of ["position", "velocity"] as const) {
      for (const of of ["a", "b"] as const) expect(back[half][of]).toBeCloseTo(pendula.u0[half][of], 11);
    }
  });

  it("is symplectic: Mᵀ J M = J of its derivatives M by the initial state", () => {
    const { u0 } = sensitivities(pendula, { solver, saveat: [3], wrt: ["u0"] });
    const names = [["position", "a"], ["position", "b"], ["velocity", "a"], ["velocity", "b"]] as const; // prettier-ignore
    const M = names.map(([half, of]) => names.map(([h, o]) => u0[0][half][of][h][o]));
    const form = (x: number[], y: number[]): number => x[0] * y[2] + x[1] * y[3] - x[2] * y[0] - x[3] * y[1];
    const column = (j: number): number[] => M.map((row) => row[j]);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) expect(form(column(i), column(j))).toBeCloseTo(j - i === 2 ? 1 : i - j === 2 ? -1 : 0, 10);
    }
  });

  it("is refused for a right-hand side in one piece, for one that cannot be read, and in batches", async () => {
    const whole = odeProblem({ rhs: (u) => [u[1], -u[0]], u0: [1, 0], tspan: [0, 1] });
    expect(() => solve(whole, { solver })).toThrow(MissingHalves);
    const springs = [1];
    const velocity = (q: number): number => -springs[0] * q;
    const captured = odeProblem({ rhs: { position: (v) => v, velocity }, u0: { position: 1, velocity: 0 }, tspan: [0, 1] });
    expect(() => solve(captured, { solver })).toThrow(/could not be read/);
    await expect(solveBatch(oscillator, { solver, p: [{ k: 1 }] as never })).rejects.toThrow();
  });
});

test("other methods solve the same problem", () => {
  const exact = Math.cos(5 * Math.SQRT2) + (0.5 / Math.SQRT2) * Math.sin(5 * Math.SQRT2);
  for (const solver of [undefined, tsit5(), rodas5P(), kahanLi8({ dt: 0.05 })]) {
    expect(solve(oscillator, { solver, rtol: 1e-9, atol: 1e-9, saveat: [5] }).u[0].position).toBeCloseTo(exact, 7);
  }
});

describe("gradients", () => {
  // q = cos ωt + 0.5 sin ωt / ω with ω = √k.
  const w = Math.SQRT2;
  const t = [1.03, 5];
  const byK = (x: number): number =>
    (-x * Math.sin(w * x) + (0.5 * x * Math.cos(w * x)) / w - (0.5 * Math.sin(w * x)) / w ** 2) / (2 * w);
  const loss = { at: t, of: (u: { position: number }) => u.position };

  it.each(adjointsThat())("%s: the closed form", (adjoint) => {
    const solver = kahanLi8({ dt: 0.1 });
    const found = gradient(oscillator, { loss, wrt: ["p", "u0", "t1"], solver, adjoint, rtol: 1e-10, atol: 1e-10 });
    expect(found.gradient.p!.k).toBeCloseTo(byK(t[0]) + byK(t[1]), 7);
    expect(found.gradient.u0!.position).toBeCloseTo(Math.cos(w * t[0]) + Math.cos(w * t[1]), 7);
    expect(found.gradient.u0!.velocity).toBeCloseTo((Math.sin(w * t[0]) + Math.sin(w * t[1])) / w, 7);
  });

  it("of an integral are those of the steps' dense output; what would carry it along is refused by name", () => {
    const integral = { integral: (u: { position: number }) => u.position ** 2 };
    const options = { loss: integral, wrt: ["p", "u0"] as const, solver: kahanLi8({ dt: 0.1 }) };
    const found = gradient(oscillator, options);
    const expected = gradient(oscillator, { ...options, solver: dop853(), rtol: 1e-11, atol: 1e-11 });
    expect(found.value).toBeCloseTo(expected.value, 9);
    expect(found.gradient.p!.k).toBeCloseTo(expected.gradient.p!.k, 8);
    expect(found.gradient.u0!.velocity).toBeCloseTo(expected.gradient.u0!.velocity, 8);
    const verlet = gradient(oscillator, { ...options, solver: velocityVerlet({ dt: 1e-3 }) });
    expect(verlet.value).toBeCloseTo(expected.value, 5);
    for (const adjoint of adjointsThat(({ integratesOverSteps }) => !integratesOverSteps)) {
      expect(() => gradient(oscillator, { ...options, adjoint })).toThrow(MethodRefused);
    }
  });

  it("agree with differences over the same steps", () => {
    const report = checkGradient(pendula, {
      loss: { final: (u) => u.position.a * u.velocity.b },
      wrt: ["p", "u0"],
      solver: velocityVerlet({ dt: 0.01 }),
    });
    expect(report.passed).toBe(true);
  });

  it("follow switches by the state: a wall that is a spring", () => {
    const wall = odeProblem({
      rhs: { position: (v) => v, velocity: (q, p) => (q > 0 ? -p.g : -p.g - p.k * q) },
      u0: { position: 1, velocity: 0 },
      tspan: [0, 2],
      p: { g: 10, k: 1000 },
    });
    const options = { loss: { final: (u: { position: number }) => u.position }, wrt: ["p", "u0"] as const };
    const found = gradient(wall, { ...options, solver: kahanLi8({ dt: 0.01 }) });
    const expected = gradient(wall, { ...options, rtol: 1e-11, atol: 1e-11 });
    expect(found.switches.length).toBe(expected.switches.length);
    for (const name of ["g", "k"] as const) {
      expect(Math.abs(found.gradient.p![name] / expected.gradient.p![name] - 1)).toBeLessThan(1e-4);
    }
  });
});
