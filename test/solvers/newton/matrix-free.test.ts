/** Methods whose Newton iterations are solved by GMRES: as accurate as with factors, and nothing is formed. */
import { describe, expect, it } from "vitest";
import {
  BadOption,
  BadPreconditioner,
  explain,
  fbdf,
  gmres,
  gradient,
  implicitEuler,
  IndexOutOfRange,
  kenCarp3,
  kenCarp4,
  kenCarp5,
  kvaerno3,
  kvaerno5,
  MassMatrixRefused,
  MatrixFreeRefused,
  odeProblem,
  remake,
  rodas5P,
  solve,
  TooManySteps,
  TooMuchMemory,
  trbdf2,
  UnknownOption,
  type Method,
  type NewtonOptions,
  type OdeProblem,
  type OdeProblemSpec,
} from "../../../index.ts";
import { grayScott, heat, hires, robertson } from "../../../problems/index.ts";
import { prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";

const krylov: NewtonOptions = { linearSolver: gmres() };
const makers: Readonly<Record<string, (options?: NewtonOptions) => Method>> = {
  fbdf,
  trbdf2,
  kvaerno3,
  kvaerno5,
  kenCarp3,
  kenCarp4,
  kenCarp5,
};
const methods = Object.entries(makers);

/** Each state decays towards the mean of all, k times as fast as the mean grows: a Jacobian without zeros, and a closed form. */
function meanField(n: number) {
  const problem = odeProblem({
    name: "meanField",
    rhs(du, u, { k }, _t, { n }) {
      let mean = 0;
      for (let i = 0; i < n; i++) mean += u[i] / n;
      for (let i = 0; i < n; i++) du[i] = k * (mean - u[i]) - mean;
    },
    u0: Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i)),
    p: { k: 1000 },
    tspan: [0, 1],
    constants: { n },
  });
  const mean = problem.u0.reduce((sum, x) => sum + x, 0) / n;
  return { problem, exact: problem.u0.map((x) => (x - mean) * Math.exp(-1000) + mean * Math.exp(-1)) };
}

/** Relative to the largest component. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]))) / largest;
}

const stiff: readonly (readonly [string, OdeProblem])[] = [
  ["hires", hires().problem as OdeProblem],
  ["heat", heat({ n: 200 }).problem as OdeProblem],
  ["grayScott", grayScott({ n: 16, side: 0.3, tEnd: 20 }).problem as OdeProblem],
];

describe.each(stiff)("%s", (_, problem) => {
  const options = { rtol: 1e-7, atol: 1e-9, saveat: [problem.tspan[1]] };
  const reference = solve(problem, { ...options, rtol: 1e-10, atol: 1e-12, solver: rodas5P() }).states[0];

  it.each(methods)("%s: the same solution by GMRES as by factors, in about as many steps", (_name, make) => {
    const [factored, free] = [make(), make(krylov)].map((solver) => solve(problem, { ...options, solver }));
    const accuracy = distance(factored.states[0], reference);
    expect(distance(free.states[0], reference)).toBeLessThan(3 * accuracy + 1e-7);
    expect(free.stats.steps).toBeLessThan(1.3 * factored.stats.steps + 10);
    expect(free.stats).toMatchObject({ jacobians: 0, factorizations: 0 });
    expect(free.stats.linearIterations).toBeGreaterThanOrEqual(free.stats.linearSolves / 2);
    expect(factored.stats.linearIterations).toBe(0);
  });
});

describe("nothing is formed", () => {
  it.each(methods)("%s: neither Jacobian nor pattern is asked for, and memory grows with the unknowns", (_, make) => {
    const sizes = [1000, 2000].map((n) => {
      const system = {
        ...systemOf(meanField(n).problem.code)!,
        get jacobian(): never {
          throw new Error("the Jacobian was asked for");
        },
      };
      const { programs } = prepare(system, make(krylov), { target: "wasm" });
      return programs.workSize + programs.memorySize + programs.cacheSize!;
    });
    expect(sizes[1] / sizes[0]).toBeLessThan(2.01);
  });

  it("20,000 states that all depend on each other, and the gradient by all that they begin with", () => {
    const { problem, exact } = meanField(20_000);
    const tolerances = { rtol: 1e-6, atol: 1e-8 };
    expect(() => solve(problem, { solver: fbdf(), ...tolerances })).toThrow(TooMuchMemory);
    const solution = solve(problem, { solver: fbdf(krylov), ...tolerances, saveat: [1] });
    expect(distance(solution.states[0], exact)).toBeLessThan(1e-5);
    const { gradient: found } = gradient(problem, {
      loss: { final: (u) => u[0] },
      wrt: ["u0", "p"],
      solver: kenCarp4(krylov),
      adjoint: "discrete",
      ...tolerances,
    });
    // Of the mean at the end, e⁻¹, whatever k is.
    expect(distance(found.u0!, new Float64Array(20_000).fill(Math.exp(-1) / 20_000))).toBeLessThan(1e-4);
    expect(Math.abs(found.p!.k)).toBeLessThan(1e-9);
  });
});

describe("gradients", () => {
  const { problem } = grayScott({ n: 12, side: 0.3, tEnd: 5 });
  const loss = { final: (u: { u: Float64Array }) => u.u[5] ** 2 + u.u[70] } as never;
  const options = { loss, wrt: ["p", "u0"], rtol: 1e-9, atol: 1e-11 } as const;
  const expected = gradient(problem, { ...options, solver: rodas5P(), adjoint: "discrete" });

  it.each(["discrete", "dual", "gauss"])("%s: as by factors", (adjoint) => {
    for (const solver of adjoint === "dual" ? [kenCarp4(krylov)] : [kenCarp4(krylov), fbdf(krylov)]) {
      const found = gradient(problem, {
        ...options,
        wrt: adjoint === "dual" ? ["p"] : ["p", "u0"],
        solver,
        adjoint,
      } as never) as {
        flat: { p: Float64Array; u0?: Float64Array };
      };
      expect(distance(found.flat.p, expected.flat.p!)).toBeLessThan(2e-6);
      if (found.flat.u0) expect(distance(found.flat.u0, expected.flat.u0!)).toBeLessThan(2e-6);
    }
  });

  it("plans name it", () => {
    const plan = explain(problem, { ...options, solver: kenCarp4(krylov), adjoint: "discrete" });
    expect(plan.decisions.find(({ about }) => about === "linear solver")).toMatchObject({ chosen: "GMRES", asked: true });
  });
});

/** A rod whose cells diffuse as fast as they react, with the exact inverse of d I − J by Thomas's algorithm, and with none. */
function rod(preconditioner?: OdeProblemSpec<Float64Array, { k: number }, { n: number }>["preconditioner"]) {
  return odeProblem({
    name: "rod",
    rhs(du, u, { k }, _t, { n }) {
      for (let i = 0; i < n; i++) {
        const left = i > 0 ? u[i - 1] - u[i] : 0;
        const right = i < n - 1 ? u[i + 1] - u[i] : 0;
        du[i] = k * n * n * (left + right) + u[i] * (1 - u[i]);
      }
    },
    u0: Float64Array.from({ length: 300 }, (_, i) => (i < 30 ? 1 : 0)),
    p: { k: 0.01 },
    tspan: [0, 2],
    constants: { n: 300 },
    ...(preconditioner && { preconditioner }),
  });
}

const exactInverse = rod((z, r, u, { k }, _t, d, { n }) => {
  const w = k * n * n;
  const above = new Float64Array(n);
  let before = 0;
  for (let i = 0; i < n; i++) {
    const neighbours = (i > 0 ? 1 : 0) + (i < n - 1 ? 1 : 0);
    const pivot = d + w * neighbours - (1 - 2 * u[i]) - (i > 0 ? (w * w) / before : 0);
    z[i] = (r[i] + (i > 0 ? w * z[i - 1] : 0)) / pivot;
    above[i] = w / pivot;
    before = pivot;
  }
  for (let i = n - 2; i >= 0; i--) z[i] += above[i] * z[i + 1];
});

describe("a preconditioner", () => {
  const options = { rtol: 1e-7, atol: 1e-9, saveat: [2] };

  it.each(methods)("%s: the exact inverse leaves one iteration a solve, and the solution as it is", (_, make) => {
    const [plain, near] = [rod(), exactInverse].map((problem) => solve(problem, { ...options, solver: make(krylov) }));
    expect(near.stats.linearIterations).toBeLessThan(1.2 * near.stats.linearSolves + 5);
    expect(plain.stats.linearIterations).toBeGreaterThan(2 * near.stats.linearIterations);
    expect(distance(near.states[0], plain.states[0])).toBeLessThan(1e-5);
  });

  it("is transposed by its derivative for adjoints, and applied to each tangent", () => {
    const loss = { final: (u: Float64Array) => u[40] ** 2, integral: (u: Float64Array) => u[200] };
    const wanted = { loss, wrt: ["p", "u0"], rtol: 1e-9, atol: 1e-11 } as const;
    const expected = gradient(rod(), { ...wanted, solver: rodas5P(), adjoint: "discrete" });
    const found = gradient(exactInverse, { ...wanted, solver: kenCarp4(krylov), adjoint: "discrete" });
    expect(distance(found.flat.p!, expected.flat.p!)).toBeLessThan(1e-6);
    expect(distance(found.flat.u0!, expected.flat.u0!)).toBeLessThan(1e-6);
    // With the tangent that goes along.
    expect(found.stats.forward.linearIterations).toBeLessThan(2.5 * found.stats.forward.linearSolves);
    const dual = gradient(exactInverse, { ...wanted, wrt: ["p"], solver: kenCarp4(krylov), adjoint: "dual" });
    expect(dual.flat.p![0] / expected.flat.p![0]).toBeCloseTo(1, 6);
  });

  it("that is near nothing costs iterations, not the solution", () => {
    const wrong = rod((z, r) => {
      for (let i = 0; i < 300; i++) z[i] = (1 + (i % 3)) * r[i];
    });
    const solver = fbdf(krylov);
    const [plain, far] = [rod(), wrong].map((problem) => solve(problem, { ...options, solver }));
    expect(distance(far.states[0], plain.states[0])).toBeLessThan(1e-5);
  });

  it("stays with a problem that is remade, and is not exchanged behind its back", () => {
    const again = remake(exactInverse, { p: { k: 0.02 } });
    expect(again.preconditioner).toBe(exactInverse.preconditioner);
    const { stats } = solve(again, { ...options, solver: fbdf(krylov) });
    expect(stats.linearIterations).toBeLessThan(1.2 * stats.linearSolves + 5);
    const copy = { ...exactInverse, preconditioner: () => {} };
    expect(() => solve(copy, { solver: fbdf(krylov) })).toThrow(/preconditioner was exchanged/);
  });

  it("is told what is wrong with it, by name", () => {
    const solver = fbdf(krylov);
    expect(() => rod("jacobi" as never)).toThrow(BadOption);
    const beyond = rod((z, r) => {
      for (let i = 0; i <= 300; i++) z[i] = r[i];
    });
    expect(() => solve(beyond, { solver })).toThrow(IndexOutOfRange);
    const hidden = rod(new Proxy((z: Float64Array) => void z.fill(1), {}) as never);
    expect(() => solve(hidden, { solver })).toThrow(/preconditioner/);
    // Who does not ask for it is not held up by it.
    expect(solve(hidden, { ...options, solver: fbdf() }).result).toBe("success");
    const wrong: [RegExp, ReturnType<typeof rod>][] = [
      [/nothing but zeros/, rod((z) => void z.fill(0))],
      [/NaN for z\[7\]/, rod((z, r) => void (z.set(r), (z[7] = Math.sqrt(-r[0]))))],
      [/linear in r/, rod((z, r) => void (z.set(r), (z[3] = r[3] ** 2)))],
    ];
    for (const [message, problem] of wrong) {
      expect(() => solve(problem, { solver })).toThrow(BadPreconditioner);
      expect(() => solve(problem, { solver })).toThrow(message);
    }
  });
});

describe("what cannot be", () => {
  const { problem } = robertson();

  it("is told by name", () => {
    const solver = fbdf(krylov);
    expect(() => gmres({ restart: 0 })).toThrow(BadOption);
    expect(() => gmres({ restart: 2.5 })).toThrow(/from 1 to/);
    expect(() => gmres({ restarts: 5 } as never)).toThrow(UnknownOption);
    expect(() => fbdf({ linearSolver: "gmres" } as never)).toThrow(BadOption);
    expect(() => trbdf2({ linearSolver: gmres } as never)).toThrow(/must be gmres\(\)/);
    expect(() => kenCarp4({ linearsolver: gmres() } as never)).toThrow(UnknownOption);
    expect(() => implicitEuler({ dt: 0.1, linearSolver: gmres() } as never)).toThrow(UnknownOption);
    const massive = odeProblem({ rhs: (u: number[]) => [-u[0], u[0] - u[1]], u0: [1, 1], tspan: [0, 1], massMatrix: [[1, 0], [0, 0]] }); // prettier-ignore
    expect(() => solve(massive, { solver: kenCarp4(krylov) })).toThrow(MassMatrixRefused);
    const hidden = [0.5];
    const closure = new Proxy((u: number[]) => [-hidden[0] * u[0]], {});
    expect(() => solve(odeProblem({ rhs: closure, u0: [1], tspan: [0, 1] }), { solver })).toThrow(MatrixFreeRefused);
  });

  it("systems that one direction does not solve shorten the steps until that ends the solve", () => {
    const solver = trbdf2({ linearSolver: gmres({ restart: 1 }) });
    expect(() => solve(problem, { solver, rtol: 1e-6, atol: 1e-10, tspan: [0, 40], maxSteps: 2000 })).toThrow(TooManySteps);
  });

  it("a solve of another length of restart is another method", () => {
    const rod = heat({ n: 100 }).problem;
    const [few, many] = [2, 20].map((restart) => solve(rod, { solver: fbdf({ linearSolver: gmres({ restart }) }) }));
    expect(few.stats.linearIterations).toBeGreaterThan(many.stats.linearIterations);
  });
});
