/** Initial states that are functions of parameters: solves begin where they say, and derivatives by p are through them. */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  explain,
  gradient,
  gradientBatch,
  hessian,
  hessianVectorProduct,
  implicit,
  ndarray,
  NoInfluence,
  odeProblem,
  remake,
  rodas5P,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
  steadyState,
  tsit5,
} from "../../index.ts";
import { fit, multipleShooting, observations } from "../../training/index.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { jacobianOf } from "../matrix/jacobian.ts";

type P = { dose: number; volume: number; k: number };

/** x(t) = dose² / volume · scale · e^{-k t}. */
const infusion = odeProblem({
  u0: (p: P, { scale }: { scale: number }) => ({ x: (scale * p.dose ** 2) / p.volume }),
  rhs(du, u, p) {
    du.x = -p.k * u.x;
  },
  p: { dose: 3, volume: 2, k: 0.7 },
  tspan: [0, 2],
  constants: { scale: 1.5 },
});

const tight = { rtol: 1e-10, atol: 1e-12 } as const;
const valueAt = ({ dose, volume, k }: P): number => ((1.5 * dose ** 2) / volume) * Math.exp(-2 * k);
const flatP = ({ dose, volume, k }: P): Float64Array => Float64Array.of(dose, volume, k);
const shapedP = ([dose, volume, k]: ArrayLike<number> & Iterable<number>): P => ({ dose, volume, k });
const other: P = { dose: 1.2, volume: 0.8, k: 0.3 };
const slopesAt = (p: P): number[] => jacobianOf((x) => Float64Array.of(valueAt(shapedP(x))), flatP(p)).map(([slope]) => slope);
const loss = { final: (u: { x: number }) => u.x };

describe("solves begin where it says", () => {
  it("at the problem's p, at another, and in a copy or one remade with another", () => {
    expect(infusion.u0.x).toBe((1.5 * 9) / 2);
    expect(solve(infusion, tight).u.at(-1)!.x).toBeCloseTo(valueAt(infusion.p), 9);
    expect(solve(infusion, { ...tight, p: other }).u.at(-1)!.x).toBeCloseTo(valueAt(other), 9);
    expect(solve({ ...infusion, p: other }, tight).u.at(-1)!.x).toBeCloseTo(valueAt(other), 9);
    const remade = remake(infusion, { p: other });
    expect(remade.u0.x).toBeCloseTo((1.5 * 1.44) / 0.8, 12);
    expect(solve(remade, tight).u.at(-1)!.x).toBeCloseTo(valueAt(other), 9);
    expect(remade.code).toBe(infusion.code);
  });

  it("but at a u0 that is given", () => {
    const given = { ...tight, p: other, u0: { x: 4 } };
    expect(solve(infusion, given).u.at(-1)!.x).toBeCloseTo(4 * Math.exp(-0.6), 9);
    const { gradient: by } = gradient(infusion, { ...given, loss });
    expect([by.p!.dose, by.p!.volume]).toEqual([0, 0]);
    expect(by.p!.k).toBeCloseTo(-8 * Math.exp(-0.6), 8);
    const fixed = remake(infusion, { u0: { x: 4 } });
    expect(solve(fixed, { ...tight, p: other }).u.at(-1)!.x).toBeCloseTo(4 * Math.exp(-0.6), 9);
    const doubled = remake(infusion, { u0: (p) => ({ x: 2 * p.dose }) });
    expect(solve(doubled, { ...tight, p: other }).u.at(-1)!.x).toBeCloseTo(2.4 * Math.exp(-0.6), 9);
  });

  it("with other constants", () => {
    const scaled = remake(infusion, { constants: { scale: 3 } });
    expect(solve(scaled, tight).u.at(-1)!.x).toBeCloseTo(2 * valueAt(infusion.p), 9);
    expect(gradient(scaled, { ...tight, loss }).gradient.p!.dose).toBeCloseTo(2 * slopesAt(infusion.p)[0], 7);
  });

  it("a copy with another u0 is refused, as nobody could tell which one is meant", () => {
    expect(() => solve({ ...infusion, u0: { x: 4 } })).toThrow(
      /u0 was exchanged in a copy of the problem.*remake\(problem, \{ u0 \}\)/,
    );
  });

  it("numbers, arrays and ndarrays", () => {
    const number = odeProblem({
      u0: (p: number[]) => p[0] ** 2,
      rhs: (u: number, p: number[]) => -p[0] * u,
      p: [0.5],
      tspan: [0, 1],
    });
    // x = k² e^{-k}.
    expect(solve(number, tight).u.at(-1)).toBeCloseTo(0.25 * Math.exp(-0.5), 10);
    const by = gradient(number, { ...tight, loss: { final: (u: number) => u } }).flat.p![0];
    expect(by).toBeCloseTo((2 * 0.5 - 0.25) * Math.exp(-0.5), 9);
    const grid = odeProblem({
      u0: (p: number[]) => ndarray(Float64Array.of(p[0], p[0] * p[1], 2, p[1]), [2, 2]),
      rhs: (u) =>
        ndarray(
          Float64Array.from(u.data, (x) => -x),
          [2, 2],
        ),
      p: [1, 3],
      tspan: [0, 1],
    });
    expect([...solve(grid, tight).states.at(-1)!].map((x) => x * Math.E)[1]).toBeCloseTo(3, 8);
  });
});

describe("derivatives by p are through it", () => {
  it.each(Object.keys(adjointMethods))("by %s", (adjoint) => {
    const expected = slopesAt(other);
    for (const wrt of [["p"], ["p", "u0"]] as const) {
      const { gradient: by, warnings } = gradient(infusion, { ...tight, loss, adjoint, wrt, p: other });
      Object.values(by.p!).forEach((x, j) => expect(x).toBeCloseTo(expected[j], 7));
      if (wrt.length === 2) expect(by.u0!.x).toBeCloseTo(Math.exp(-0.6), 8);
      else expect(by.u0).toBeUndefined();
      expect(warnings.filter((warning) => !/forwardSensitivity/.test(warning))).toEqual([]);
    }
    const { pullback } = solveWithPullback(infusion, { ...tight, saveat: [2], adjoint, p: other });
    Object.values(pullback([{ x: 1 }]).p!).forEach((x, j) => expect(x).toBeCloseTo(expected[j], 7));
  });

  it("is checked, explained and compared with differences", () => {
    expect(gradient(infusion, { ...tight, loss, check: true }).check.passed).toBe(true);
    const report = checkGradient(infusion, { ...tight, loss, wrt: ["p", "u0"] });
    expect(report.passed, String(report)).toBe(true);
    expect(String(explain(infusion, { loss }))).toMatch(/adjoint/);
  });

  it("as those of the solution, by directions", () => {
    const { p, u0 } = sensitivities(infusion, { ...tight, saveat: [2], wrt: ["p", "u0"], p: other });
    Object.values(p[0].x).forEach((x, j) => expect(x).toBeCloseTo(slopesAt(other)[j], 7));
    expect(u0[0].x.x).toBeCloseTo(Math.exp(-0.6), 8);
    expect(sensitivities(infusion, { ...tight, saveat: [2], p: other }).p[0].x.dose).toBeCloseTo(slopesAt(other)[0], 7);
  });

  it("second ones too", () => {
    const columns = jacobianOf((x) => Float64Array.from(slopesAt(shapedP(x))), flatP(other));
    const { matrix } = hessian(infusion, { ...tight, loss, p: other, check: true });
    columns.forEach((column, j) => column.forEach((x, i) => expect(matrix.get(i, j)).toBeCloseTo(x, 5)));
    const square = { final: (u: { x: number }) => u.x ** 2 };
    const both = hessian(infusion, { ...tight, loss: square, p: other, wrt: ["p", "u0"] });
    // L = x(0)² e^{-4k}.
    expect(both.u0.u0.x.x).toBeCloseTo(2 * Math.exp(-1.2), 7);
    const direction = { p: { dose: 1, volume: 0, k: 0 } };
    const alone = hessianVectorProduct(infusion, { ...tight, loss, p: other, direction });
    expect(alone.product.p!.dose).toBeCloseTo(columns[0][0], 5);
  });

  it("where events change parameters", () => {
    const problem = remake(infusion, { events: { at: [1], apply: (u, p) => void ((p.k *= 2), (u.x += p.dose)) } });
    const at = ({ dose, volume, k }: P): number => (((1.5 * dose ** 2) / volume) * Math.exp(-k) + dose) * Math.exp(-2 * k);
    const expected = jacobianOf((x) => Float64Array.of(at(shapedP(x))), flatP(other)).map(([slope]) => slope);
    for (const adjoint of ["discrete", "dual", "gauss"]) {
      const { value, flat } = gradient(problem, { ...tight, loss, adjoint, p: other });
      expect(value).toBeCloseTo(at(other), 8);
      flat.p!.forEach((x, j) => expect(x).toBeCloseTo(expected[j], 7));
    }
    const columns = jacobianOf(
      (x) =>
        Float64Array.from(
          jacobianOf((y) => Float64Array.of(at(shapedP(y))), x),
          ([s]) => s,
        ),
      flatP(other),
    );
    const { matrix } = hessian(problem, { ...tight, loss, p: other });
    columns.forEach((column, j) => column.forEach((x, i) => expect(matrix.get(i, j)).toBeCloseTo(x, 5)));
  });

  it("of a loss that reads p as well, of an integral, and by an implicit solver", () => {
    const all = {
      at: [1],
      of: (u: { x: number }, p: P) => p.dose * u.x,
      integral: (u: { x: number }) => u.x,
    };
    const at = ({ dose, volume, k }: P): number =>
      ((1.5 * dose ** 2) / volume) * (dose * Math.exp(-k) + (1 - Math.exp(-2 * k)) / k);
    const expected = jacobianOf((x) => Float64Array.of(at(shapedP(x))), flatP(other)).map(([slope]) => slope);
    const { flat } = gradient(infusion, { ...tight, loss: all, solver: rodas5P(), p: other });
    flat.p!.forEach((x, j) => expect(x).toBeCloseTo(expected[j], 6));
  });

  it("what reaches the loss through the start alone is no structural zero, and what does not is one", () => {
    const { structuralZeros } = gradient(infusion, { loss });
    expect(structuralZeros).toEqual([]);
    const idle = remake(infusion, { u0: (p) => ({ x: p.dose }) });
    expect(gradient(idle, { loss }).structuralZeros).toEqual(["p.volume"]);
    const nothing = odeProblem({
      u0: (p: number[]) => [0 * p[0], 1],
      rhs: (u: number[]) => [-u[0], u[1]],
      p: [1],
      tspan: [0, 1],
    });
    expect(() => gradient(remake(nothing, { u0: [1, 1] }), { loss: { final: (u: number[]) => u[0] } })).toThrow(NoInfluence);
  });

  it("of a function that cannot be read, by its tape", () => {
    const unread = remake(infusion, { u0: (p) => ({ x: new Map([["dose", p.dose * p.dose]]).get("dose")! }) });
    expect(gradient(unread, { ...tight, loss }).gradient.p!.dose).toBeCloseTo(6 * Math.exp(-1.4), 7);
  });
});

it("in batches, a start for each trajectory", async () => {
  const rows = ndarray(Float64Array.of(3, 2, 0.7, 1.2, 0.8, 0.3), [2, 3]);
  const options = { p: rows, solver: tsit5(), rtol: 1e-9, atol: 1e-9 };
  const solved = await solveBatch(infusion, { ...options, saveat: [2] });
  expect(solved.u.get(0, 0, 0)).toBeCloseTo(valueAt(infusion.p), 7);
  expect(solved.u.get(1, 0, 0)).toBeCloseTo(valueAt(other), 7);
  const found = await gradientBatch(infusion, { ...options, loss });
  [infusion.p, other].forEach((p, m) =>
    slopesAt(p).forEach((x, j) => expect((found.p as { get(i: number, j: number): number }).get(m, j)).toBeCloseTo(x, 5)),
  );
  const shared = await gradientBatch(infusion, { ...options, p: undefined, u0: ndarray(Float64Array.of(4, 5), [2, 1]), loss });
  expect((shared.p as P).dose).toBe(0);
});

describe("in fits", () => {
  const t = [0.2, 0.5, 1, 1.5, 2];
  const truth: P = { dose: 2.5, volume: 2, k: 0.9 };
  const x = t.map((at) => ((1.5 * truth.dose ** 2) / truth.volume) * Math.exp(-truth.k * at));

  it("parameters of the start are found", async () => {
    const found = await fit(infusion, observations({ t, values: { x } }), { parameters: { dose: true, k: true } });
    expect(found.p.dose).toBeCloseTo(2.5, 4);
    expect(found.p.k).toBeCloseTo(0.9, 4);
    expect(found.u0.x).toBeCloseTo((1.5 * 2.5 ** 2) / 2, 4);
  });

  it("a u0 of an experiment is as it is given, and one that is free too is refused", async () => {
    const given = observations({ t, values: { x: t.map((at) => 7 * Math.exp(-0.9 * at)) }, u0: { x: 7 } });
    const found = await fit(infusion, given, { parameters: { k: true } });
    expect(found.p.k).toBeCloseTo(0.9, 5);
    await expect(fit(infusion, observations({ t, values: { x } }), { initial: { x: true } })).rejects.toThrow(
      /u0 is a function of p/,
    );
    await expect(multipleShooting(infusion, observations({ t, values: { x } }))).rejects.toThrow(/u0 is a function of p/);
  });
});

describe("a start at rest", () => {
  type Rates = { s: number; k: number; e: number };
  const rhs = (u: { x: number; y: number }, { s, k, e }: Rates): { x: number; y: number } => ({
    x: s - k * u.x * u.x,
    y: e * (u.x - u.y ** 3),
  });
  const untreated = odeProblem({ rhs, u0: { x: 1, y: 1 }, p: { s: 2, k: 0.5, e: 3 }, tspan: [0, 1] });
  // x = √(s/k), y = x^{1/3}.
  const p: Rates = { s: 2.3, k: 0.6, e: 1.4 };
  const y = ({ s, k }: Rates): number => (s / k) ** (1 / 6);
  const expected = [y(p) / (6 * p.s), -y(p) / (6 * p.k), 0];
  const read = { ...tight, p, loss: { final: (u: { x: number; y: number }) => u.y } };

  it("that u0 finds, by the equations that hold there", () => {
    const rest = implicit({
      solve(s: number, k: number) {
        let x = 1;
        for (let i = 0; i < 30; i++) x = (x + s / (k * x)) / 2;
        return x;
      },
      residual: (x: number, s: number, k: number) => s - k * x * x,
    });
    const treated = odeProblem({
      u0: (p: Rates, { rest }: { rest: (s: number, k: number) => number }) => {
        const x = rest(p.s, p.k);
        return { x, y: x ** (1 / 3) };
      },
      rhs,
      p: untreated.p,
      tspan: [0, 3],
      constants: { rest },
    });
    for (const adjoint of ["discrete", "dual"]) {
      const { value, flat } = gradient(treated, { ...read, adjoint });
      expect(value).toBeCloseTo(y(p), 8);
      expected.forEach((x, j) => expect(flat.p![j]).toBeCloseTo(x, 7));
    }
  });

  it("that steadyState finds, with the derivative by the start taken back to where it is at rest", () => {
    const { u } = steadyState(untreated, { p, rtol: 1e-12 });
    const treated = gradient(untreated, { ...read, tspan: [0, 3], u0: u, wrt: ["p", "u0"] });
    const loss = {
      steady: (u: { x: number; y: number }, _p: Rates, { by }: { by: { x: number; y: number } }) => by.x * u.x + by.y * u.y,
      constants: { by: treated.gradient.u0! },
    };
    const atRest = gradient(untreated, { p, loss, rtol: 1e-12 });
    expect(treated.value).toBeCloseTo(y(p), 8);
    expected.forEach((x, j) => expect(treated.flat.p![j] + atRest.flat.p![j]).toBeCloseTo(x, 7));
  });

  it("the loss of a steady state that laws make depend on the start", () => {
    // A ⇌ B, A + B conserved: the loss is B = (a + b) f / (f + r).
    const exchange = odeProblem({
      u0: (p: { f: number; r: number; a: number }) => ({ A: p.a ** 2, B: 1 }),
      rhs: (u, p) => ({ A: -p.f * u.A + p.r * u.B, B: p.f * u.A - p.r * u.B }),
      p: { f: 2, r: 1, a: 3 },
      tspan: [0, 1],
    });
    const { value, gradient: by } = gradient(exchange, { loss: { steady: (u) => u.B }, check: true });
    expect(value).toBeCloseTo(20 / 3, 8);
    expect(by.p!.a).toBeCloseTo((6 * 2) / 3, 7);
    expect(by.p!.f).toBeCloseTo(10 / 9, 7);
  });
});

it("what makes no sense is named", () => {
  const spec = { rhs: (u: number[]) => [-u[0]], p: [1], tspan: [0, 1] as const };
  expect(() => odeProblem({ ...spec, u0: (): number[] => [NaN] })).toThrow(/u0\[0\] is NaN/);
  expect(() => odeProblem({ ...spec, u0: (): never => { throw new Error("no start"); } })).toThrow(/u0.*no start/); // prettier-ignore
  expect(() => odeProblem({ ...spec, u0: (() => undefined) as never })).toThrow(/u0 is undefined/);
  const fickle = odeProblem({ ...spec, u0: (p: number[]) => (p[0] > 1 ? [1, 2] : [1]) });
  expect(() => solve(fickle, { p: [2] })).toThrow(/u0/);
  const lost = odeProblem({ ...spec, u0: (p: number[]) => [Math.log(p[0])] });
  expect(() => solve(lost, { p: [-1] })).toThrow(/u0\[0\] is NaN/);
});
