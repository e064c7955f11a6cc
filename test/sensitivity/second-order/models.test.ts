/** Second derivatives of random models, of functions with kinks, and of what has none, which is refused by name. */
import { describe, expect, it } from "vitest";
import {
  gradient,
  hessian,
  hessianVectorProduct,
  odeProblem,
  rodas5P,
  SecondDerivativesRefused,
  tsit5,
  vern7,
  type OdeProblem,
} from "../../../index.ts";
import { uniforms } from "../../../src/core/random.ts";
import { jacobianOf } from "../../matrix/jacobian.ts";
import { tightly } from "./by-differences.ts";

describe.each([1, 2, 3, 4, 5, 6])("random model %i", (seed) => {
  const uniform = uniforms(seed);
  const n = 2 + (seed % 3);
  const np = 1 + (seed % 4);
  const numbers = (count: number, size = 1): number[] => Array.from({ length: count }, () => size * (2 * uniform() - 1));
  const constants = { n, np, A: numbers(n * n), B: numbers(n * np), C: numbers(n, 2) };
  const problem = odeProblem({
    rhs(du: number[], u: number[], p: number[], t: number, { n, np, A, B, C }: typeof constants) {
      for (let i = 0; i < n; i++) {
        let x = C[i] * Math.sin(t);
        for (let j = 0; j < n; j++) x += A[i * n + j] * u[j] * (1 + u[i]);
        for (let j = 0; j < np; j++) x += B[i * np + j] * p[j] ** 2;
        du[i] = Math.tanh(x) - 0.5 * u[i] * p[0];
      }
    },
    u0: numbers(n),
    p: numbers(np).map((x) => x + 1.5),
    tspan: [0, 2],
    constants,
    ...(seed % 2 === 0 && { events: { at: [0.7], apply: (u: number[], p: number[]) => void (u[0] += u[1] * p[0]) } }),
  });
  const loss = {
    at: [0.5, 1.5],
    of: (u: number[], p: number[], t: number) => u[0] ** 2 * p[0] + t * u[1],
    integral: (u: number[]) => Math.exp(u[0]),
    final: (u: number[]) => u[0] * u[1],
  };
  const solver = seed % 3 === 0 ? rodas5P() : undefined;

  it("agrees with differences of gradients, and is symmetric to the tolerances", () => {
    const options = { loss, wrt: ["p", "u0"] as const, rtol: 1e-9, atol: 1e-9, solver };
    const { flat, matrix, warnings } = hessian(problem, options);
    expect(warnings).toEqual([]);
    const x = [...problem.p, ...problem.u0];
    const columns = jacobianOf((y) => {
      const { flat } = gradient(problem, {
        ...options,
        ...tightly,
        solver: vern7(),
        p: Array.from(y.slice(0, np)),
        u0: Array.from(y.slice(np)),
      });
      return Float64Array.of(...flat.p!, ...flat.u0!);
    }, Float64Array.from(x));
    const size = Math.max(...flat.map(Math.abs));
    columns.forEach((column, j) => column.forEach((y, i) => expect(Math.abs(y - matrix.get(i, j)) / size).toBeLessThan(1e-6)));
    // The products themselves, which no mean makes symmetric.
    const unit = (j: number) => ({
      p: problem.p.map((_, i) => Number(i === j)),
      u0: problem.u0.map((_, i) => Number(np + i === j)),
    });
    x.forEach((_, j) => {
      const { flat: product } = hessianVectorProduct(problem, { ...options, direction: unit(j) });
      [...product.p!, ...product.u0!].forEach((y, i) => expect(Math.abs(y - matrix.get(i, j)) / size).toBeLessThan(1e-6));
    });
  });
});

describe("kinks, where the right-hand side is continuous", () => {
  const options = { rtol: 1e-10, atol: 1e-12, wrt: ["p", "u0"] as const };

  it("by the state", () => {
    // x' = -k x above 1, and -k x² below: x = 1 at t1 = ln(x0) / k, then 1/x = 1 + k (t - t1) = 1 + k T - ln x0.
    const problem = odeProblem({
      rhs: (u: number[], p: { k: number }) => [u[0] > 1 ? -p.k * u[0] : -p.k * u[0] * u[0]],
      u0: [2],
      p: { k: 0.9 },
      tspan: [0, 3],
    });
    const q = 1 + 0.9 * 3 - Math.log(2);
    const expected = [(2 * 9) / q ** 3, (-2 * 3) / (2 * q ** 3), (2 / q ** 3 - 1 / q ** 2) / 4];
    for (const solver of [tsit5(), vern7(), rodas5P()]) {
      for (const adjoint of ["discrete", "dual", "gauss"]) {
        const { flat } = hessian(problem, { ...options, solver, adjoint, loss: { final: (u: number[]) => u[0] } });
        [flat[0], flat[1], flat[3]].forEach((x, i) => expect(x).toBeCloseTo(expected[i], 5));
      }
    }
  });

  it("at a time that a parameter moves", () => {
    // x(T) = x0 + (T - lag)³/3.
    type Lag = { lag: number };
    const given = { u0: [2], p: { lag: 0.9 }, tspan: [0, 3] as const };
    const square = odeProblem({ ...given, rhs: (_u: number[], p: Lag, t: number) => [Math.max(0, t - p.lag) ** 2] });
    const ramp = odeProblem({ ...given, rhs: (_u: number[], p: Lag, t: number) => [Math.max(0, t - p.lag)] });
    expect(hessian(square, { ...options, loss: { final: (u: number[]) => u[0] } }).flat[0]).toBeCloseTo(2 * 2.1, 7);
    // x(T) = x0 + (T - lag)²/2.
    expect(hessian(ramp, { ...options, loss: { final: (u: number[]) => u[0] } }).flat[0]).toBeCloseTo(1, 7);
  });
});

describe("what has none is refused by name", () => {
  const plain = { rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [2], p: [0.9], tspan: [0, 3] as const };
  const loss = { final: (u: number[]) => u[0] ** 2 };
  const make = (spec: object): OdeProblem<number[], number[]> => odeProblem({ ...plain, ...spec } as typeof plain);
  const jump = (u: number[]): void => void (u[0] += 1);
  const refused: Record<string, [OdeProblem<number[], number[]>, RegExp]> = {
    "an event of the state beside algebraic equations": [
      make({ massMatrix: [[2]], events: { when: (u: number[]) => u[0] - 1, apply: jump } }),
      /events takes place at a time that moves, and it has a mass matrix/,
    ],
    "a jump by the state beside algebraic equations": [
      make({ massMatrix: [[2]], rhs: (u: number[], p: number[]) => [u[0] > p[0] ? -1 : -0.5] }),
      /something jumps at t = 2\.\d*, a time that the state moves, and the problem has a mass matrix/,
    ],
    "a jump by the time": [
      make({ rhs: (_u: number[], p: number[], t: number) => [t > p[0] ? -1 : -0.5] }),
      /something jumps at t = 0\.9/,
    ],
  };

  it.each(Object.entries(refused))("%s", (_, [problem, message]) => {
    const call = (): unknown => hessian(problem, { loss });
    expect(call).toThrow(SecondDerivativesRefused);
    expect(call).toThrow(message);
  });

  it("a loss that is read by its tape, and one of a steady state", () => {
    const problem = make({});
    const unread = (u: number[]): number => new Map([["x", u[0]]]).get("x")!;
    expect(() => hessian(problem, { loss: { final: unread } })).toThrow(SecondDerivativesRefused);
    expect(() => hessian(problem, { loss: { steady: (u: number[]) => u[0] } })).toThrow(SecondDerivativesRefused);
  });

  it("but not an event that changes nothing, nor a jump at a time that nothing moves", () => {
    const expected = hessian(make({}), { loss, rtol: 1e-9 }).flat[0];
    const watched = make({ events: { when: (u: number[]) => u[0] - 1 } });
    expect(hessian(watched, { loss, rtol: 1e-9 }).flat[0]).toBeCloseTo(expected, 6);
    // x = x0 e^{-p (1 + 2·2)} where the rate is doubled from 1 on.
    const stepped = make({ rhs: (u: number[], p: number[], t: number) => [(t > 1 ? -2 : -1) * p[0] * u[0]] });
    expect(hessian(stepped, { loss, rtol: 1e-10, atol: 1e-12 }).flat[0]).toBeCloseTo(4 * 100 * Math.exp(-2 * 0.9 * 5), 7);
  });

  it("options that make no sense here", () => {
    const problem = make({});
    const call = (options: object): unknown =>
      hessianVectorProduct(problem, { loss, direction: { p: [1] }, ...options } as never);
    expect(() => call({ wrt: ["t0"] })).toThrow(/second derivatives are by p and u0, not by t0/);
    expect(() => call({ vjp: "tape" })).toThrow(/by "source", not by "tape"/);
    expect(() => call({ direction: { u0: [1] } })).toThrow(/`wrt` does not name u0/);
    expect(() => call({ direction: {} })).toThrow(/direction: there is none/);
    expect(() => call({ direction: undefined })).toThrow(/direction: there is none/);
    expect(() => call({ direction: { p: [NaN] } })).toThrow(/direction\.p must be finite/);
    expect(() => call({ direction: { q: [1] } })).toThrow(/"q"/);
    expect(() => call({ check: true, curvature: "gaussNewton" })).toThrow(/differences of gradients are of the Hessian/);
    expect(() => call({ curvature: "half" })).toThrow(/curvature/);
    expect(() => hessian({} as typeof problem, { loss })).toThrow(/hessian: the problem is/);
    expect(() => hessian(problem, undefined as never)).toThrow(/hessian/);
  });
});
