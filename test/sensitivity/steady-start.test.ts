/** Problems that begin at the steady state of a problem: by closed forms, and by differences, of first and second order. */
import { describe, expect, it } from "vitest";
import {
  BadProblem,
  DegenerateSteadyState,
  fromSteadyState,
  gradient,
  gradientBatch,
  hessian,
  ndarray,
  NoSteadyState,
  NotAutonomous,
  odeProblem,
  remake,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
  steadyState,
  UnknownOption,
  type OdeProblem,
} from "../../index.ts";
import { uniforms } from "../../src/core/random.ts";
import { fit, observations } from "../../training/index.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { jacobianOf } from "../matrix/jacobian.ts";

const tight = { rtol: 1e-10, atol: 1e-12 } as const;
const solving = Object.keys(adjointMethods).filter((name) => name !== "steadyState");

type U = { x: number; y: number };
type P = { s: number; k: number; e: number };

// At rest x = √(s / k), y = x^{1/3}.
const untreated = odeProblem({
  rhs: (u: U, p: P) => ({ x: p.s - p.k * u.x * u.x, y: p.e * (u.x - u.y ** 3) }),
  u0: { x: 1, y: 1 },
  p: { s: 2, k: 0.5, e: 3 },
  tspan: [0, 1],
});
// For TypeScript it has a name of its own.
const atRest = fromSteadyState(untreated);
const washed = odeProblem({
  u0: atRest,
  rhs: (u: U, p: P) => ({ x: -p.k * u.x, y: -p.e * u.y }),
  p: { s: 2.3, k: 0.6, e: 0.4 },
  tspan: [0, 2],
});
const loss = { final: (u: U) => u.x * u.y };
const formula = ([s, k, e]: number[]): number => Math.sqrt(s / k) ** (4 / 3) * Math.exp(-2 * (k + e));
const at = [2.3, 0.6, 0.4];
const slopes = jacobianOf((x) => Float64Array.of(formula([...x])), Float64Array.from(at)).map(([slope]) => slope);

describe("the same names of states and parameters", () => {
  it("begins at rest, at the problem's p and at others", () => {
    expect(washed.u0.x).toBeCloseTo(Math.sqrt(2.3 / 0.6), 10);
    expect(solve(washed, { ...tight, p: { s: 1, k: 2, e: 0.3 } }).u[0].y).toBeCloseTo(0.5 ** (1 / 6), 9);
    expect(remake(washed, { p: { s: 4, k: 1, e: 1 } }).u0.x).toBeCloseTo(2, 9);
    expect(solve(washed, { u0: { x: 3, y: 4 } }).u[0]).toMatchObject({ x: 3, y: 4 });
  });

  it.each(solving)("gradients and Hessians by %s", (adjoint) => {
    const found = gradient(washed, { ...tight, loss, adjoint, check: true });
    expect(found.value).toBeCloseTo(formula(at), 9);
    found.flat.p!.forEach((x, j) => expect(x).toBeCloseTo(slopes[j], 8));
    expect(found.structuralZeros).toEqual([]);
    const second = hessian(washed, { ...tight, loss, adjoint });
    hessian(formula as (x: number[]) => number)(at).data.forEach((x, k) => expect(second.flat[k]).toBeCloseTo(x, 6));
  });

  it("by the start it is not the start's", () => {
    const { flat } = gradient(washed, { ...tight, loss, wrt: ["p", "u0"] });
    flat.p!.forEach((x, j) => expect(x).toBeCloseTo(slopes[j], 8));
    const decay = Math.exp(-2);
    expect(flat.u0![0]).toBeCloseTo((2.3 / 0.6) ** (1 / 6) * decay, 8);
  });

  it("sensitivities, pullbacks and batches", async () => {
    const { p: by } = sensitivities(washed, { ...tight, saveat: [0, 1] });
    expect(by![0].x.s).toBeCloseTo(Math.sqrt(1 / (2.3 * 0.6)) / 2, 8);
    expect(by![1].x.s).toBeCloseTo((Math.sqrt(1 / (2.3 * 0.6)) / 2) * Math.exp(-0.6), 8);
    const { pullback } = solveWithPullback(washed, { ...tight, saveat: [2] });
    expect(pullback([{ x: 1, y: 0 }]).p!.s).toBeCloseTo((Math.sqrt(1 / (2.3 * 0.6)) / 2) * Math.exp(-1.2), 8);
    const rows = ndarray(Float64Array.of(2.3, 0.6, 0.4, 1, 2, 0.3), [2, 3]);
    const solved = await solveBatch(washed, { ...tight, p: rows, saveat: [0] });
    expect(solved.u.get(1, 0, 0)).toBeCloseTo(Math.sqrt(0.5), 9);
    const batch = await gradientBatch(washed, { ...tight, p: rows, loss });
    slopes.forEach((x, j) => expect((batch.p as { data: Float64Array }).data[j]).toBeCloseTo(x, 7));
  });

  it("a fit finds parameters that show in the start alone", async () => {
    const t = [0.1, 0.5, 1, 1.5, 2];
    const x = t.map((s) => Math.sqrt(3 / 0.6) * Math.exp(-0.6 * s));
    const found = await fit(washed, observations({ t, values: { x } }), { parameters: { s: true, k: true } });
    expect(found.p.s).toBeCloseTo(3, 4);
    expect(found.p.k).toBeCloseTo(0.6, 4);
  });
});

describe("other names, and what is conserved", () => {
  // Of a and b the sum stays: at rest a = n r / (f + r).
  const closed = odeProblem({
    u0: (p: { f: number; r: number; n: number }) => ({ a: p.n, b: 0 }),
    rhs: (u: { a: number; b: number }, p) => ({ a: p.r * u.b - p.f * u.a, b: p.f * u.a - p.r * u.b }),
    p: { f: 2, r: 1, n: 3 },
    tspan: [0, 1],
  });
  const settled = fromSteadyState(closed, {
    parameters: (p: number[], { r }) => ({ f: p[0], r, n: p[1] }),
    state: (u, p: number[]) => [u.a + p[2] ** 2, u.b],
    constants: { r: 1.5 },
  });
  const opened = odeProblem({
    u0: settled,
    rhs: (u: number[], p: number[]) => [-p[0] * u[0], 0 * u[1]],
    p: [2, 3, 0.5],
    tspan: [0, 1],
  });
  const value = ([f, n, extra]: number[]): number => ((n * 1.5) / (f + 1.5) + extra ** 2) * Math.exp(-f);

  it("has the totals of its own start, which p may change", () => {
    const options = { ...tight, loss: { final: (u: number[]) => u[0] } };
    const { value: found, flat } = hessian(opened, options);
    expect(found).toBeCloseTo(value([2, 3, 0.5]), 9);
    hessian(value as (x: number[]) => number)([2, 3, 0.5]).data.forEach((x, k) => expect(flat[k]).toBeCloseTo(x, 7));
    const by = jacobianOf((x) => Float64Array.of(value([...x])), Float64Array.of(2, 3, 0.5)).map(([slope]) => slope);
    gradient(opened, { ...options, check: true }).flat.p!.forEach((x, j) => expect(x).toBeCloseTo(by[j], 8));
  });

  it("another basin by another start", () => {
    const toggle = (u0: number[]): OdeProblem<number[], number[]> =>
      odeProblem({ rhs: (u, p) => [p[0] / (1 + u[1] ** 2) - u[0], p[0] / (1 + u[0] ** 2) - u[1]], u0, p: [4], tspan: [0, 1] });
    const high = [2 + Math.sqrt(3), 2 - Math.sqrt(3)];
    for (const [u0, expected] of [
      [[1, 0.1], high],
      [[0.1, 1], high.toReversed()],
    ]) {
      // prettier-ignore
      const begun = remake(toggle(u0), { u0: fromSteadyState(toggle(u0)) });
      begun.u0.forEach((x, i) => expect(x).toBeCloseTo(expected[i], 9));
      const by = gradient(begun, { ...tight, loss: { final: (u) => u[0] } }).flat.p![0];
      expect(by).toBeCloseTo(expected[0] > 1 ? 0.5 + 1 / Math.sqrt(3) : 0.5 - 1 / Math.sqrt(3), 7);
    }
  });

  it("problems of one text and other constants keep theirs, one within the other", () => {
    const scaled = (table: number[]): OdeProblem<number[], number[]> =>
      odeProblem({
        rhs: (u: number[], p: number[], _t: number, c: { table: number[] }) => [c.table[0] * p[0] - u[0] * c.table[1]],
        u0: [1],
        p: [2],
        tspan: [0, 1],
        constants: { table },
      }) as never;
    const begins = ([first, second]: number[][]): OdeProblem<number[], number[]> =>
      remake(scaled(second), { u0: fromSteadyState(scaled(first)) });
    const [one, two] = [begins([[3, 4], [0, 1]]), begins([[5, 6], [0, 2]])]; // prettier-ignore
    const by = (problem: typeof one, onProgress?: () => void): number =>
      gradient(problem, { ...tight, loss: { final: (u: number[]) => u[0] }, onProgress }).flat.p![0];
    for (let i = 0; i < 2; i++) {
      expect(by(one)).toBeCloseTo(0.75 * Math.exp(-1), 8);
      expect(by(two)).toBeCloseTo((5 / 6) * Math.exp(-2), 8);
    }
    let inner = NaN;
    const outer = by(one, () => (inner = by(two)));
    expect(outer).toBeCloseTo(0.75 * Math.exp(-1), 8);
    if (!Number.isNaN(inner)) expect(inner).toBeCloseTo((5 / 6) * Math.exp(-2), 8);
  });
});

describe.each([1, 2, 3, 4])("random model %i", (seed) => {
  it("agrees with differences, of values and of gradients", () => {
    const uniform = uniforms(seed);
    const n = 2 + (seed % 3);
    const constants = { n, A: Array.from({ length: n * n }, () => uniform() - 0.5) };
    const rhs = (du: number[], u: number[], p: number[], _t: number, { n, A }: typeof constants): void => {
      for (let i = 0; i < n; i++) {
        let x = p[i];
        for (let j = 0; j < n; j++) x += A[i * n + j] * Math.tanh(u[j]) * p[n];
        du[i] = x - u[i] * (1 + u[i] ** 2);
      }
    };
    const p = Array.from({ length: n + 1 }, () => 0.5 + uniform());
    const rest = odeProblem({ rhs, u0: p.slice(0, n), p, tspan: [0, 1], constants });
    const settled = fromSteadyState(rest, { parameters: (p: number[]) => p.map((x) => x * x) });
    const begun = odeProblem({
      rhs,
      u0: settled,
      p,
      tspan: [0, 1.5],
      constants,
    });
    const all = { ...tight, loss: { final: (u: number[]) => u[0] * u[1] } };
    const { flat, value } = hessian(begun, { ...all, check: true });
    const by = gradient(begun, all).flat.p!;
    expect(value).not.toBeCloseTo(steadyState(rest).u[0], 3);
    const moved = (x: Float64Array) => gradient(begun, { ...all, p: Array.from(x), rtol: 1e-12, atol: 1e-13 });
    jacobianOf((x) => Float64Array.of(moved(x).value), Float64Array.from(p)).forEach(([slope], j) =>
      expect(by[j]).toBeCloseTo(slope, 7),
    );
    jacobianOf((x) => moved(x).flat.p!, Float64Array.from(p)).forEach((column, j) =>
      column.forEach((x, i) => expect(flat[i * (n + 1) + j]).toBeCloseTo(x, 6)),
    );
  });
});

describe("what has no such start is named", () => {
  const spec = { rhs: (u: number[]) => [-u[0]], tspan: [0, 1] as const };
  const final = { final: (u: number[]) => u[0] };
  const starting = (rest: object): OdeProblem<number[], number[]> =>
    odeProblem({ ...spec, p: [1], u0: fromSteadyState(odeProblem({ ...spec, p: [1], u0: [1], ...rest } as never)) as never });

  it("shapes that differ, and options", () => {
    const rest = odeProblem({ ...spec, u0: [1], p: { k: 1 } });
    expect(() => odeProblem({ ...spec, p: [1], u0: fromSteadyState(rest) as never })).toThrow(/"k"|\bk\b/);
    const longer = fromSteadyState(rest, { parameters: (p: number[]) => ({ k: p[0] }) });
    expect(() => odeProblem({ rhs: (u: number[]) => [-u[0]], tspan: [0, 1], p: [1, 2], u0: longer as never })).not.toThrow();
    const names = fromSteadyState(odeProblem({ ...spec, u0: [1], p: [1, 2] }), {});
    expect(() => odeProblem({ ...spec, p: Float64Array.of(1, 2) as never, u0: names as never })).toThrow(BadProblem);
    expect(() => odeProblem({ ...spec, p: Float64Array.of(1, 2) as never, u0: names as never })).toThrow(
      /parameters: \(p\) => …/,
    );
    expect(() => fromSteadyState(rest, { parameter: () => [1] } as never)).toThrow(UnknownOption);
    expect(() => fromSteadyState({} as never)).toThrow(BadProblem);
  });

  it("no steady state, at these parameters or at others", () => {
    expect(() => starting({ rhs: (u: number[], p: number[]) => [p[0] * u[0]] })).toThrow(/grows without bound/);
    const grows = starting({ rhs: (u: number[], p: number[]) => [(p[0] - 2) * u[0]], u0: [1] });
    expect(() => solve(grows, { p: [3] })).toThrow(NoSteadyState);
    expect(() => gradient(grows, { p: [3], loss: final })).toThrow(NoSteadyState);
    expect(gradient(grows, { p: [3], loss: final, onFailure: "infinity" }).value).toBe(Infinity);
    expect(() => starting({ rhs: (u: number[], _p: number[], t: number) => [t - u[0]] })).toThrow(/depends on t/);
    expect(() => steadyState(odeProblem({ ...spec, rhs: (u: number[], _p, t) => [t - u[0]], u0: [1] }))).toThrow(NotAutonomous);
  });

  it("no derivative: one of many side by side, laws that p breaks, and text that cannot be read", () => {
    const many = starting({ rhs: (u: number[], p: number[]) => [-((u[0] - p[0]) ** 3)], u0: [2] });
    expect(() => gradient(many, { loss: final })).toThrow(DegenerateSteadyState);
    const broken = starting({ rhs: (u: number[], p: number[]) => [(1 - p[0]) * u[0]], u0: [2] });
    expect(() => gradient(broken, { loss: final })).toThrow(DegenerateSteadyState);
    const unread = starting({ rhs: (u: number[], p: number[]) => [new Map([["x", p[0] - u[0]]]).get("x")!] });
    const began = starting({ u0: (p: number[]) => [new Map([["x", p[0]]]).get("x")!] });
    expect(() => gradient(began, { loss: final })).toThrow(/fromSteadyState: u0 cannot be read/);
    expect(solve(unread, tight).u[0][0]).toBeCloseTo(1, 8);
    expect(() => gradient(unread, { loss: final })).toThrow(/rhs cannot be read, and derivatives of a steady state/);
  });
});
