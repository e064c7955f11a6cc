/** The discrete adjoint against dual numbers through the same fixed steps, closed forms, and itself under small memory budgets. */
import type { GradientOptions } from "../../../../sensitivity/gradient.ts";
import { describe, expect, it } from "vitest";
import { fbdf, gmres, gradient, kenCarp4, odeProblem, remake, rodas5P, vern7 } from "../../../../index.ts";
import { brusselatorCells, lotkaVolterra, pollution, robertson } from "../../../../problems/index.ts";
import { appliedLoss } from "../../../../sensitivity/losses/compiled.ts";
import { stepSizes } from "../../../../sensitivity/adjoints/discrete/guarded-solve.ts";
import { RecordedSteps } from "../../../../sensitivity/adjoints/discrete/recorded-steps.ts";
import { ReverseSweep } from "../../../../sensitivity/adjoints/discrete/reverse-sweep.ts";
import { dualRhs } from "../../../../sensitivity/adjoints/forward/dual-system.ts";
import type { GradientTask } from "../../../../sensitivity/task/task.ts";
import { withLoss } from "../../../../sensitivity/losses/loss.ts";
import { source } from "../../../../sensitivity/vjp/backends/source.ts";
import { pack } from "../../../../src/arrays/pack.ts";
import { Arena } from "../../../../src/compile/arena.ts";
import { compile } from "../../../../src/compile/compile.ts";
import { memo } from "../../../../src/core/memo.ts";
import { forward } from "../../../../src/derive/forward.ts";
import { BadLoss } from "../../../../sensitivity/losses/errors.ts";
import type { Loss, OdeProblem } from "../../../../src/problem/problem.ts";
import { integrate, prepare } from "../../../../solvers/step-loop/integrate.ts";
import { jacobianOf, timeDerivativeOf } from "../../../../src/derive/jacobian.ts";
import { derivedAdjoint } from "../../../../solvers/step/derived-adjoint.ts";
import type { Method } from "../../../../solvers/step/method.ts";
import type { System } from "../../../../solvers/step/system.ts";
import { systemOf } from "../../../../solvers/systems/problem-system.ts";
import { alternatingMethods, everyMethod, oneOfEachFamily } from "../../../tables.ts";

/** Van der Pol, forced in time. */
const vanDerPol = odeProblem({
  rhs(du, u, { mu, a }, t) {
    du[0] = u[1];
    du[1] = mu * ((1 - u[0] * u[0]) * u[1] - u[0]) + a * Math.cos(3 * t);
  },
  u0: [2, 0.1],
  tspan: [0, 1],
  p: { mu: 3, a: 2 },
});

/** A ring of states, too many to be written out. */
const ring = odeProblem({
  rhs(du, u, p, t) {
    for (let i = 0; i < 12; i++) {
      const left = u[(i + 11) % 12];
      const right = u[(i + 1) % 12];
      du[i] = p[0] * (left - 2 * u[i] + right) + p[1] * (u[i] * left - u[i] ** 3) + p[2] * Math.sin(t + i);
    }
  },
  u0: Array.from({ length: 12 }, (_, i) => Math.cos(i)),
  tspan: [0, 1],
  p: [0.7, 0.3, 0.5],
});

/** Springs between masses, driven, in halves. */
const springs = odeProblem({
  rhs: {
    position: (v: number[], p: number[], t: number) => [v[0] * p[1] + Math.sin(3 * t), v[1] / p[1]],
    velocity(a: number[], q: number[], p: number[], t: number) {
      a[0] = -p[0] * Math.sin(q[0]) + q[1];
      a[1] = -p[0] * q[1] ** 3 + q[0] * Math.cos(t);
    },
  },
  u0: { position: [1, 0.3], velocity: [0.2, -0.4] },
  tspan: [0, 1],
  p: [2, 1.3],
});

/** The ring in two parts, one of which is stiff. */
const split = odeProblem({
  rhs: {
    stiff(du: number[], u: number[], p: number[]) {
      for (let i = 0; i < 12; i++) du[i] = 40 * p[0] * (u[(i + 11) % 12] - 2 * u[i] + u[(i + 1) % 12]);
    },
    nonstiff(du: number[], u: number[], p: number[], t: number) {
      for (let i = 0; i < 12; i++) du[i] = p[1] * (u[i] * u[(i + 11) % 12] - u[i] ** 3) + p[2] * Math.sin(t + i);
    },
  },
  u0: Array.from({ length: 12 }, (_, i) => Math.cos(i)),
  tspan: [0, 1],
  p: [0.7, 0.3, 0.5],
});

const H = 1 / 32;
/** Steps of one length are not judged; what is iterated is iterated to these. */
const tolerances = { rtol: 1e-13, atol: 1e-13 };
/** Within steps, at their ends, at both ends of the time span, twice the same. */
const times = [0, 0.1, 0.17, 0.17, 0.25, 0.5, 0.93, 1];
const sumLoss = (u: ArrayLike<number>, _p: unknown, t: number): number => u[0] ** 2 + u[1] * t;
const finalLoss = (u: ArrayLike<number>): number => u[0] * u[1];

function flat({ u0, p, layout }: OdeProblem): Record<"state" | "parameters", Float64Array> {
  return { state: pack(layout.u, u0, "u0"), parameters: pack(layout.p, p, "p") };
}

/** The derivatives of Σ sumLoss + finalLoss through fixed steps: tangents carried by the same method over the same steps. */
function throughSteps(problem: OdeProblem, method: Method, loss: Loss): { value: number; slopes: number[] } {
  const { code } = problem;
  const { state, parameters } = flat(problem);
  const [n, np] = [state.length, parameters.length];
  const k = n + np;
  const rhs = dualRhs(code.rhsProgram(), undefined, { n, np, k });
  const system = {
    n: n * (1 + k),
    np: np * (1 + k),
    rhs,
    jacobian: jacobianOf(rhs),
    timeDerivative: timeDerivativeOf(rhs),
    primal: { n, np, rhs: code.rhsProgram() },
  };
  const at = new Float64Array(system.n);
  const withDirections = new Float64Array(system.np);
  at.set(state);
  withDirections.set(parameters);
  for (let j = 0; j < np; j++) withDirections[np * (1 + j) + j] = 1;
  for (let i = 0; i < n; i++) at[n * (1 + np + i) + i] = 1;
  const [t0, t1] = problem.tspan;
  const trajectory = integrate(prepare(system, method, { target: "wasm" }), {
    u0: at,
    p: withDirections,
    t0,
    t1,
    ...tolerances,
    fixedStep: H,
    saveat: times,
  });
  expect(trajectory.result.kind).toBe("success");
  const programs = withLoss(loss, problem, (programs) => programs);
  const arena = new Arena();
  const unit = compile(
    { sum: forward(programs.sum!.value, { wrt: ["u"] }), final: forward(programs.final!.value, { wrt: ["u"] }) },
    arena,
    "wasm",
  );
  const [u, q, uDot, out] = [n, np, n, 1].map((size) => arena.reserve(size));
  const { sum, final } = unit.link();
  arena.f64(q, np).set(parameters);
  const slopes = new Array<number>(k).fill(0);
  let value = 0;
  const take = (data: Float64Array, call: () => number): void => {
    arena.f64(u, n).set(data.subarray(0, n));
    for (let d = 0; d < k; d++) {
      arena.f64(uDot, n).set(data.subarray(n * (1 + d), n * (2 + d)));
      const x = call();
      if (d === 0) value += x;
      slopes[d] += arena.f64(out, 1)[0];
    }
  };
  times.forEach((t, i) =>
    take(trajectory.savedStates.data.subarray(i * system.n, (i + 1) * system.n), () => sum(u, q, t, i, uDot, out)),
  );
  take(trajectory.final, () => final(u, q, uDot, out));
  return { value, slopes };
}

/** What is compiled for a method and a loss, once for all values and budgets, as gradients have it. */
const compiledFor = memo(
  (system: System, method: Method, _loss: Loss, task: GradientTask) => ({
    prepared: prepare(system, method, { target: "wasm" }),
    sweep: new ReverseSweep(system, method, task),
  }),
  { by: (system, method, loss) => [system, method, loss] },
);

/** The loss and its gradient with respect to p and u0 by the adjoint of fixed steps. */
function backOverSteps(problem: OdeProblem, method: Method, loss: Loss, budget = Infinity): { values: number[]; peak: number } {
  const {
    tspan: [t0, t1],
    code,
  } = problem;
  const { state, parameters } = flat(problem);
  const n = state.length;
  const system = systemOf(code)!;
  const task = {
    problem,
    code,
    loss: withLoss(loss, problem, (programs) => programs),
    wrt: { p: true, u0: true },
    u0: state,
    p: parameters,
    backend: source,
    target: "wasm",
    ...tolerances,
  } as unknown as GradientTask;
  const { prepared, sweep } = compiledFor(system, method, loss, task);
  const steps = new RecordedSteps(method, n, stepSizes(prepared, system), budget);
  const trajectory = integrate(prepared, {
    u0: state,
    p: parameters,
    t0,
    t1,
    ...tolerances,
    fixedStep: H,
    saveat: loss.at,
    onSteps: (taken) => steps.add(taken),
  });
  const held = steps.size;
  const next = task.loss.times.length - 1;
  const cotangents = {
    u: new Float64Array(n),
    p: new Float64Array(parameters.length),
    value: 0,
    terms: 0,
    next,
    steps: 0,
    held,
    peak: held,
    rhsCalls: 0,
  };
  const applied = appliedLoss(task);
  cotangents.value = applied.final(trajectory.final, cotangents.u, cotangents.p);
  sweep.over(steps, task, trajectory.savedStates.data, cotangents);
  for (; cotangents.next >= 0; cotangents.next--)
    cotangents.value += applied.summand(cotangents.next, state, cotangents.u, cotangents.p);
  return { values: [cotangents.value, ...cotangents.p, ...cotangents.u], peak: cotangents.peak };
}

/** A method that chooses its order by its errors chooses by others where tangents are carried along; without errors it takes the largest. */
function ofGivenOrders(method: Method): Method {
  const { tableau } = method as { readonly tableau: object };
  return "strictness" in tableau ? { ...method, tableau: { ...tableau, strictness: 0 } } : method;
}

const krylov = { linearSolver: gmres() };
const matrixFree = [kenCarp4(krylov), fbdf(krylov)].map((method) => ({ ...method, name: `${method.name} by GMRES` }));
const methods = [...everyMethod(H), ...matrixFree].map(ofGivenOrders);

const additiveMethods = methods.filter(({ tableau }) => (tableau as { readonly explicit?: object }).explicit);

/** The same method, with the adjoint of its steps derived, if it is written by hand. */
function derived(method: Method): Method[] {
  const { family } = method;
  return family.adjoint ? [{ ...method, family: deriving(family) }] : [];
}

const deriving = memo((family: Method["family"]) => ({ ...family, adjoint: derivedAdjoint }));
const loss = { at: times, of: sumLoss, final: finalLoss } as Loss;

interface Halves {
  readonly position: ArrayLike<number>;
  readonly velocity: ArrayLike<number>;
}

const lossOfHalves = {
  at: times,
  of: ({ position, velocity }: Halves, _p: unknown, t: number) => position[0] ** 2 + velocity[1] * t,
  final: ({ position, velocity }: Halves) => position[1] * velocity[0],
} as Loss;

/** The largest difference over the Euclidean norm. */
function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / Math.hypot(...b);
}

describe.each([
  ["a small system", vanDerPol as OdeProblem, methods, loss],
  ["a larger system", ring as OdeProblem, methods, loss],
  ["one in two parts", split as OdeProblem, additiveMethods, loss],
  ["one in halves", springs as OdeProblem, [...alternatingMethods(H), rodas5P()], lossOfHalves],
])("%s: dual numbers through the same steps", (_, problem, taking, loss) => {
  it.each(taking.map((method) => [method.name, method] as const))("%s", (_, method) => {
    const expected = throughSteps(problem, method, loss);
    for (const one of [method, ...derived(method)]) {
      const [value, ...slopes] = backOverSteps(problem, one, loss).values;
      expect(value / expected.value).toBeCloseTo(1, 12);
      expect(distance(slopes, expected.slopes)).toBeLessThan(1e-12);
    }
  });
});

describe("an integral", () => {
  const integral = {
    integral: (u: number[], p: { mu: number; a: number }, t: number) => u[0] ** 2 * p.a + Math.sin(t * u[1]),
  } as unknown as Loss;

  it.each(methods.map((method) => [method.name, method] as const))("%s: differences of its discrete value", (_, method) => {
    const [value, ...slopes] = backOverSteps(vanDerPol as OdeProblem, method, integral).values;
    const moved = (i: number, by: number): number => {
      const p = { mu: 3 + (i === 0 ? by : 0), a: 2 + (i === 1 ? by : 0) };
      const u0 = [2 + (i === 2 ? by : 0), 0.1 + (i === 3 ? by : 0)];
      return backOverSteps(remake(vanDerPol, { p, u0 }) as OdeProblem, method, integral).values[0];
    };
    expect(value).toBeGreaterThan(1);
    slopes.forEach((slope, i) => {
      const d = 1e-3;
      const difference = (8 * (moved(i, d) - moved(i, -d)) - (moved(i, 2 * d) - moved(i, -2 * d))) / (12 * d);
      expect(slope).toBeCloseTo(difference, 8);
    });
  });
});

describe("memory", () => {
  // Several blocks of the steps that a sweep has in memory at once.
  const long = remake(ring, { tspan: [0, 20] }) as OdeProblem;
  const sums = { at: times.map((t) => 20 * t), of: sumLoss, final: finalLoss } as Loss;

  it.each(oneOfEachFamily.map((method) => [method.name, method] as const))(
    "%s: the same gradient from any budget",
    (_, method) => {
      const all = backOverSteps(long, method, sums);
      for (const part of [2, 10, 20, 1e9]) {
        const less = backOverSteps(long, method, sums, all.peak / part);
        expect(distance(less.values, all.values)).toBeLessThan(1e-11);
        expect(less.peak).toBeLessThan(part === 1e9 ? all.peak / 4 : all.peak / part + 1);
      }
    },
  );

  it("is reported", () => {
    const options = { loss: { final: finalLoss }, adjoint: "discrete", rtol: 1e-10, atol: 1e-10 };
    const all = gradient(long, options as never);
    const less = gradient(long, { ...options, memoryBudget: all.stats.memory! / 20 } as never);
    expect(less.stats.memory).toBeLessThan(all.stats.memory! / 20);
    expect(less.stats.backward!.rhsCalls).toBeGreaterThan(all.stats.backward!.rhsCalls);
    expect(distance([...less.flat.p!], [...all.flat.p!])).toBeLessThan(1e-11);
  });
});

it("more samples than are in memory at once, many within a step", () => {
  const at = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000);
  const often = { at, of: (u: ArrayLike<number>, p: { a: number }, t: number, i: number) => (u[0] * t - p.a * i) ** 2 };
  const options = { loss: often as never, wrt: ["p", "u0"] as const, rtol: 1e-10, atol: 1e-10 };
  const [found, expected] = ["discrete", "dual"].map((adjoint) => gradient(vanDerPol, { ...options, solver: vern7(), adjoint }));
  expect(found.stats.forward.steps).toBeLessThan(100);
  expect(found.value / expected.value).toBeCloseTo(1, 9);
  expect(distance([...found.flat.p!], [...expected.flat.p!])).toBeLessThan(1e-8);
  expect(distance([...found.flat.u0!], [...expected.flat.u0!])).toBeLessThan(1e-7);
});

describe("gradient", () => {
  it.each(oneOfEachFamily.map((method) => [method.name, method] as const))(
    "%s: agrees with dual numbers at tight tolerances",
    (_, solver) => {
      const stiff = remake(vanDerPol, { p: { mu: 100, a: 2 }, tspan: [0, 1] });
      const options = {
        loss: { at: [0.25, 0.5, 1], of: sumLoss, integral: (u: number[]) => u[1] },
        wrt: ["p", "u0"] as const,
        rtol: 1e-9,
        atol: 1e-11,
        solver,
      };
      const [found, expected] = ["discrete", "dual"].map((adjoint) => gradient(stiff, { ...options, adjoint }));
      expect(found.plan.adjoint).toBe("discrete");
      expect(found.value).toBeCloseTo(expected.value, 6);
      expect(distance([...found.flat.p!], [...expected.flat.p!])).toBeLessThan(1e-5);
      expect(distance([...found.flat.u0!], [...expected.flat.u0!])).toBeLessThan(1e-5);
    },
  );

  it("goes back over steps of both methods where the solve changed from one to the other", () => {
    const problem = remake(robertson().problem, { tspan: [0, 40] });
    const options = {
      loss: { at: [1e-3, 20, 40], of: (u: number[]) => 1e4 * u[1] + u[2] },
      wrt: ["p", "u0"] as const,
      rtol: 1e-9,
      atol: 1e-13,
    };
    const found = gradient(problem as OdeProblem, { ...options, adjoint: "discrete" } as unknown as GradientOptions);
    const expected = gradient(
      problem as OdeProblem,
      { ...options, adjoint: "dual", solver: rodas5P() } as unknown as GradientOptions,
    );
    expect(found.plan.solver).toMatch(/^dop853 -> rodas5P/);
    const p = Object.values(problem.p as object) as number[];
    const scaled = (g: Float64Array): number[] => Array.from(g, (x, j) => x * p[j]);
    expect(distance(scaled(found.flat.p!), scaled(expected.flat.p!))).toBeLessThan(1e-6);
    expect(distance([...found.flat.u0!], [...expected.flat.u0!])).toBeLessThan(1e-6);
  });

  it.each(["wasm", "javascript"] as const)("backwards in time, %s: the closed form", (target) => {
    const decay = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [2], p: [0.7], tspan: [1.5, 0] });
    const found = gradient(decay, {
      loss: { at: [1, 0.3], of: (u) => u[0] },
      wrt: ["p", "u0"],
      adjoint: "discrete",
      target,
      rtol: 1e-10,
      atol: 1e-10,
    });
    const parts = [1, 0.3].map((t) => ({ e: Math.exp(0.7 * (1.5 - t)), s: 1.5 - t }));
    expect(found.flat.p![0]).toBeCloseTo(
      parts.reduce((sum, { e, s }) => sum + 2 * s * e, 0),
      7,
    );
    expect(found.flat.u0![0]).toBeCloseTo(
      parts.reduce((sum, { e }) => sum + e, 0),
      7,
    );
  });

  it("values that are no numbers are an error of the loss", () => {
    expect(() => gradient(vanDerPol, { loss: { at: [0.5], of: (u) => Math.log(-u[0]) }, adjoint: "discrete" })).toThrow(BadLoss);
    expect(() => gradient(vanDerPol, { loss: { integral: (u) => Math.log(-u[0]) }, adjoint: "discrete" })).toThrow(/integrand/);
  });
});

it("factors kept from the steps, of all, of some or of none, give the same gradient", () => {
  const { problem, loss } = brusselatorCells({ n: 6, tEnd: 1 });
  const within = (memoryBudget: number | undefined) =>
    gradient(
      problem as OdeProblem,
      { loss: loss as Loss, solver: rodas5P(), adjoint: "discrete", wrt: ["p"], memoryBudget } as never,
    );
  const all = within(undefined);
  const { steps } = all.stats.forward;
  const recordSize = 8 * 10 * problem.layout.u.size;
  // Had they not been kept, this would be the records alone.
  expect(all.stats.memory).toBeGreaterThan(2 * steps * recordSize);
  for (const share of [0.9, 0.5, 0.4]) {
    const budget = share * all.stats.memory!;
    const some = within(budget);
    expect(some.stats.memory).toBeLessThanOrEqual(budget);
    expect(some.stats.memory).toBeGreaterThan(steps * recordSize);
    expect(distance([...some.flat.p!], [...all.flat.p!])).toBeLessThan(1e-13);
  }
  const none = within(steps * recordSize);
  expect(none.stats.memory).toBe(steps * recordSize);
  expect(distance([...none.flat.p!], [...all.flat.p!])).toBeLessThan(1e-13);
});

describe("known answers", () => {
  const cells = brusselatorCells({ n: 5, tEnd: 1 });
  const relative = (found: ArrayLike<number>, known: ArrayLike<number>): number => distance(Array.from(found), Array.from(known));
  const tight = { wrt: ["p"] as const, adjoint: "discrete", rtol: 1e-11, atol: 1e-13 };

  it("Lotka-Volterra", () => {
    const { problem, loss, reference } = lotkaVolterra();
    for (const solver of oneOfEachFamily) {
      const { flat, value } = gradient(problem, { ...tight, loss: loss!, solver });
      expect(value / reference!.loss!).toBeCloseTo(1, 8);
      expect(relative(flat.p!, Object.values(reference!.gradient!))).toBeLessThan(1e-7);
    }
  });

  it("POLLU, k dL/dk", () => {
    const { problem, loss, reference } = pollution();
    const scaled = (g: ArrayLike<number>): number[] => Array.from(g, (x, j) => x * problem.p[j]);
    const { flat } = gradient(problem, { ...tight, loss: loss!, solver: rodas5P() });
    expect(relative(scaled(flat.p!), scaled(reference!.gradient as unknown as ArrayLike<number>))).toBeLessThan(1e-7);
  });

  it("Brusselator cells", () => {
    const { flat } = gradient(cells.problem as OdeProblem, {
      ...tight,
      rtol: 1e-10,
      atol: 1e-12,
      loss: cells.loss as Loss,
      solver: rodas5P(),
    });
    const g = flat.p!;
    const sums = [0, 1, 2, 3].map((block) =>
      g.subarray((block * g.length) / 4, ((block + 1) * g.length) / 4).reduce((sum, x) => sum + x, 0),
    );
    expect(relative(sums, [134.8085123, -6.107720849, 0.09692603961, 0.00167997974])).toBeLessThan(1e-7);
  });
});
