/** Gradients fail about as fast as solves, say the true cause, and come back as infinite values where optimisers ask for that. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  AdjointOutOfSteps,
  BadOption,
  gradient,
  NonFiniteLoss,
  NotDifferentiable,
  odeProblem,
  SolveFailed,
  StepUnderflow,
  TooManySteps,
  tsit5,
  type Gradient,
} from "../../index.ts";
import * as diagnosis from "../../src/analysis/diagnosis.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";

vi.mock("../../src/analysis/diagnosis.ts", async (original) => {
  const actual = await original<typeof diagnosis>();
  return { ...actual, diagnose: vi.fn(actual.diagnose) };
});
const looks = vi.mocked(diagnosis.diagnose);
beforeEach(() => void looks.mockClear());

const adjoints = Object.keys(adjointMethods);

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("did not fail");
}

/** x' = a x², with its pole at t = 1 / a. */
const pole = odeProblem({
  rhs(du, u, p) {
    du.x = p.a * u.x ** 2;
  },
  u0: { x: 1 },
  tspan: [0, 2],
  p: { a: 1 },
});

describe.each(adjoints)("%s", (adjoint) => {
  test("a solution without bound is the solve's failure, with its cause", () => {
    const failure = caught(() => gradient(pole, { loss: { final: (u) => u.x }, adjoint, solver: tsit5() }));
    expect(failure).toBeInstanceOf(StepUnderflow);
    expect(failure.message).toMatch(/x grows without bound/);
  });

  test("out of steps: no function is searched for what went wrong", () => {
    const long = odeProblem({
      rhs: (_u: number[], p: number[], t: number) => [Math.cos(p[0] * t)],
      u0: [0],
      p: [1],
      tspan: [0, 1e8],
    });
    const failure = caught(() => gradient(long, { loss: { final: (u) => u[0] }, adjoint, solver: tsit5(), maxSteps: 2000 }));
    expect([TooManySteps, AdjointOutOfSteps].some((kind) => failure instanceof kind)).toBe(true);
    expect(looks).not.toHaveBeenCalled();
  });

  test("a derivative that is no number late on the way: found without interpreting every step", () => {
    const late = odeProblem({
      rhs(du, u, p, t) {
        du.x = p.a * Math.cos(20 * t);
        du.y = t > 99 ? p.a * Math.sqrt(u.z) : 0;
        du.z = 0;
      },
      u0: { x: 1, y: 0, z: 0 },
      tspan: [0, 100],
      p: { a: 0.5 },
    });
    const failure = caught(() =>
      gradient(late, { loss: { final: (u) => u.x + u.y }, adjoint, solver: tsit5(), wrt: ["p", "u0"] }),
    );
    expect(failure).toBeInstanceOf(NotDifferentiable);
    expect(failure.message).toMatch(/line 3, column \d+: the derivative of `sqrt` at 0 is Infinity, at t = 99/);
    expect(looks.mock.calls.length).toBeLessThan(40);
  });
});

describe('onFailure: "infinity"', () => {
  const loss = { final: (u: { x: number }) => u.x };

  test("a failing solve is an infinite value with a gradient of zeros, and the error", () => {
    const result = gradient(pole, { loss, onFailure: "infinity", wrt: ["p", "u0", "t1"] });
    expect(result.value).toBe(Infinity);
    expect(result.gradient).toEqual({ p: { a: 0 }, u0: { x: 0 }, t1: 0 });
    expect(result.flat).toEqual({ p: Float64Array.of(0), u0: Float64Array.of(0) });
    expect(result.failure).toBeInstanceOf(SolveFailed);
    expect(result.failure!.message).toMatch(/x grows without bound/);
  });

  test("where nothing fails it changes nothing", () => {
    const result = gradient(pole, { loss, onFailure: "infinity", p: { a: 0.4 } }) as Gradient<{ x: number }, { a: number }>;
    const same = gradient(pole, { loss, p: { a: 0.4 } });
    expect(result.failure).toBeUndefined();
    expect(result.value).toBe(same.value);
    expect(result.flat).toEqual(same.flat);
    // x(2) = 1 / (1 - 2a)
    expect(same.gradient.p!.a).toBeCloseTo(2 / (1 - 0.8) ** 2, 2);
  });

  test("a descent that halves its steps goes around the failures", () => {
    let [a, step] = [-1, 4];
    const at = (a: number) => gradient(pole, { loss: { final: (u) => (u.x - 5) ** 2 }, onFailure: "infinity", p: { a } });
    let here = at(a);
    let failures = 0;
    for (let k = 0; k < 60; k++) {
      const next = a - step * here.gradient.p!.a;
      const there = at(next);
      failures += Number(there.failure !== undefined);
      if (there.value < here.value) [a, here, step] = [next, there, 2 * step];
      else step /= 2;
    }
    expect(failures).toBeGreaterThan(0);
    expect(a).toBeCloseTo(0.4, 2);
  });

  test("a loss that is no number too", () => {
    const result = gradient(pole, { loss: { final: (u) => Math.log(-u.x) }, p: { a: -1 }, onFailure: "infinity" });
    expect(result.value).toBe(Infinity);
    expect(result.failure).toBeInstanceOf(NonFiniteLoss);
  });

  test("mistakes are thrown", () => {
    expect(() => gradient(pole, { loss: { final: (u) => Math.sqrt(u.x * 0) }, p: { a: -1 }, onFailure: "infinity" })).toThrow(
      NotDifferentiable,
    );
    expect(() => gradient(pole, { loss, onFailure: "inf" as never })).toThrow(BadOption);
  });
});
