import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import {
  type OdeProblem,
  AdjointFailed,
  BadGradientOption,
  BadLoss,
  BadTolerance,
  GradientCheckFailed,
  gradient,
  matmul,
  odeProblem,
  ReadError,
  remake,
  rodas5P,
  tanh,
  tsit5,
  vern7,
} from "../../index.ts";
import type { TakenSteps } from "../../solvers/step-loop/taken-steps.ts";
import { checkVjp, vjpWatch } from "../../sensitivity/task/vjp-agreement.ts";
import type { VjpRequest } from "../../sensitivity/vjp/backend.ts";
import { source } from "../../sensitivity/vjp/backends/source.ts";
import { Arena } from "../../src/compile/arena.ts";
import type { GradientTask } from "../../sensitivity/task/task.ts";
import { withoutInspector } from "../without-inspector.ts";

const adjoints = ["gauss", "dual"];
const targets = ["wasm", "javascript"] as const;
const tight = { rtol: 1e-10, atol: 1e-12 };

/** u' = -k u + c, u(t) = (u0 - c/k) e^{-kt} + c/k */
const decay = odeProblem({
  rhs(du, u, { k, c }) {
    du[0] = -k * u[0] + c;
  },
  u0: [2],
  tspan: [0, 1.5],
  p: { k: 0.7, c: 0.4 },
});

function closedForm(t: number) {
  const [k, c, u0] = [0.7, 0.4, 2];
  const e = Math.exp(-k * t);
  const u = (u0 - c / k) * e + c / k;
  return { u, k: (c / k ** 2) * (e - 1) - t * (u0 - c / k) * e, c: (1 - e) / k, u0: e };
}

describe.each(adjoints)("%s", (adjoint) => {
  describe.each(targets)("%s", (target) => {
    const options = { ...tight, adjoint, target, wrt: ["p", "u0"] as const };

    it("terminal loss: the closed form", () => {
      const result = gradient(decay, { ...options, loss: { final: (u) => u[0] ** 2 } });
      const { u, k, c, u0 } = closedForm(1.5);
      expect(result.value).toBeCloseTo(u * u, 9);
      expect(result.gradient.p!.k).toBeCloseTo(2 * u * k, 8);
      expect(result.gradient.p!.c).toBeCloseTo(2 * u * c, 8);
      expect(result.gradient.u0![0]).toBeCloseTo(2 * u * u0, 8);
    });

    it("a sum over times, with data among the loss's constants, times in any order", () => {
      const at = [1.5, 0, 0.6];
      const data = [0.3, 1, -0.2];
      const result = gradient(decay, {
        ...options,
        loss: { at, of: (u, p, t, i, { data }) => (u[0] - data[i]) ** 2 + p.k * t, constants: { data } },
      });
      const terms = at.map((t, i) => ({ ...closedForm(t), residual: closedForm(t).u - data[i], t }));
      expect(result.value).toBeCloseTo(
        terms.reduce((s, x) => s + x.residual ** 2 + 0.7 * x.t, 0),
        8,
      );
      expect(result.gradient.p!.k).toBeCloseTo(
        terms.reduce((s, x) => s + 2 * x.residual * x.k + x.t, 0),
        7,
      );
      expect(result.gradient.p!.c).toBeCloseTo(
        terms.reduce((s, x) => s + 2 * x.residual * x.c, 0),
        7,
      );
      expect(result.gradient.u0![0]).toBeCloseTo(
        terms.reduce((s, x) => s + 2 * x.residual * x.u0, 0),
        7,
      );
    });

    it("an integral: ∫ u dt in closed form", () => {
      const result = gradient(decay, { ...options, loss: { integral: (u) => u[0] } });
      const [k, c, T] = [0.7, 0.4, 1.5];
      const e = Math.exp(-k * T);
      const a = 2 - c / k;
      expect(result.value).toBeCloseTo((a * (1 - e)) / k + (c / k) * T, 9);
      expect(result.gradient.u0![0]).toBeCloseTo((1 - e) / k, 8);
      expect(result.gradient.p!.c).toBeCloseTo(-(1 - e) / k ** 2 + T / k, 8);
      const slope = ((c / k ** 2) * (1 - e)) / k + (a * (T * e * k - (1 - e))) / k ** 2 - (c * T) / k ** 2;
      expect(result.gradient.p!.k).toBeCloseTo(slope, 8);
    });

    it("parts of a loss add up", () => {
      const parts = [
        { at: [0.5, 1], of: (u: number[], p: { k: number }) => u[0] * p.k },
        { integral: (u: number[], _p: unknown, t: number) => u[0] * t },
        { final: (u: number[], p: { c: number }) => u[0] ** 3 + p.c ** 2 },
      ];
      const whole = gradient(decay, { ...options, loss: Object.assign({}, ...parts) as (typeof parts)[0] });
      const each = parts.map((loss) => gradient(decay, { ...options, loss: loss as (typeof parts)[0] }));
      expect(whole.value).toBeCloseTo(
        each.reduce((s, r) => s + r.value, 0),
        8,
      );
      whole.flat.p!.forEach((g, j) =>
        expect(g).toBeCloseTo(
          each.reduce((s, r) => s + r.flat.p![j], 0),
          7,
        ),
      );
      expect(whole.flat.u0![0]).toBeCloseTo(
        each.reduce((s, r) => s + r.flat.u0![0], 0),
        7,
      );
    });

    it("time may run backwards", () => {
      const back = remake(decay, { tspan: [1.5, 0] });
      const result = gradient(back, { ...options, loss: { final: (u) => u[0] } });
      const [k, c] = [0.7, 0.4];
      const e = Math.exp(k * 1.5);
      expect(result.value).toBeCloseTo((2 - c / k) * e + c / k, 8);
      expect(result.gradient.u0![0]).toBeCloseTo(e, 8);
      expect(result.gradient.p!.c).toBeCloseTo((1 - e) / k, 8);
    });

    it("a network with matrices, written with array operations: shapes come back, values match differences", () => {
      const network = odeProblem({
        rhs: (u: Float64Array, p: { W: NdArray<Float64Array>; b: number[] }) => matmul(p.W, tanh(u)),
        u0: new Float64Array([0.3, -0.2, 0.5]),
        tspan: [0, 1],
        p: {
          W: ndarray(
            Float64Array.from({ length: 9 }, (_, i) => Math.sin(i + 1)),
            [3, 3],
          ),
          b: [1, 2],
        },
      });
      const loss = { final: (u: Float64Array) => u[0] * u[1] + u[2] };
      const result = gradient(network, { ...options, loss });
      expect(result.gradient.p!.W.shape).toEqual([3, 3]);
      expect(result.gradient.p!.b).toEqual([0, 0]);
      expect(result.gradient.u0).toBeInstanceOf(Float64Array);
      const value = (i: number, h: number): number => {
        const W = Float64Array.from(network.p.W.data);
        W[i] += h;
        return gradient(remake(network, { p: { W: ndarray(W, [3, 3]), b: [1, 2] } }), { ...options, loss }).value;
      };
      for (const i of [0, 5, 7]) expect(result.flat.p![i]).toBeCloseTo((value(i, 1e-4) - value(i, -1e-4)) / 2e-4, 6);
    });
  });
});

describe("stiff and unsteady problems", () => {
  /** Van der Pol, forced in time, stiff for large mu. */
  const vanDerPol = odeProblem({
    rhs(du, u, { mu, a }, t) {
      du[0] = u[1];
      du[1] = mu * ((1 - u[0] * u[0]) * u[1] - u[0]) + a * Math.cos(3 * t);
    },
    u0: [2, 0],
    tspan: [0, 3],
    p: { mu: 30, a: 2 },
  });
  const loss = { at: [0.5, 1, 3], of: (u: number[]) => u[0] ** 2, integral: (u: number[], _p: unknown, t: number) => u[0] * t };

  it("gauss and dual agree, with explicit and implicit methods", () => {
    const reference = gradient(vanDerPol, { ...tight, loss, wrt: ["p", "u0"], adjoint: "dual", solver: vern7() });
    for (const solver of [rodas5P(), tsit5(), undefined]) {
      for (const adjoint of adjoints) {
        const result = gradient(vanDerPol, { rtol: 1e-9, atol: 1e-9, loss, wrt: ["p", "u0"], adjoint, solver });
        result.flat.p!.forEach((g, j) => expect(g / reference.flat.p![j]).toBeCloseTo(1, 5));
        result.flat.u0!.forEach((g, j) => expect(g / reference.flat.u0![j]).toBeCloseTo(1, 5));
      }
    }
  });

  it("check compares with dual numbers through the solve", () => {
    const result = gradient(vanDerPol, { rtol: 1e-8, atol: 1e-8, loss, adjoint: "gauss", solver: rodas5P(), check: true });
    expect(result.check.passed).toBe(true);
    expect(result.check.relativeDifference).toBeGreaterThan(0);
    expect(result.check.relativeDifference).toBeLessThan(1e-4);
  });
});

describe("the plan", () => {
  it("obeys", () => {
    const forced = gradient(decay, { loss: { final: (u) => u[0] }, adjoint: "gauss", solver: tsit5() });
    expect(forced.plan).toMatchObject({ adjoint: "gauss", vjp: "source", solver: "tsit5" });
    expect(forced.stats.backward!.steps).toBeGreaterThan(0);
  });

  it("times, and the span, that are changed between gradients are those of the next", () => {
    const at = Float64Array.of(0.3, 0.9);
    const loss = { at, of: (u: number[]) => u[0] };
    const slopeOver = (problem: typeof decay): number => gradient(problem, { ...tight, loss, adjoint: "discrete" }).gradient.p!.k;
    expect(slopeOver(decay)).toBeCloseTo(closedForm(0.3).k + closedForm(0.9).k, 8);
    at[1] = 1.2;
    expect(slopeOver(decay)).toBeCloseTo(closedForm(0.3).k + closedForm(1.2).k, 8);
    expect(() => slopeOver(remake(decay, { tspan: [0, 1] }))).toThrow(BadLoss);
    at.reverse();
    expect(slopeOver(decay)).toBeCloseTo(closedForm(0.3).k + closedForm(1.2).k, 8);
  });

  it("many parameters go back by an adjoint", () => {
    const many = odeProblem({
      rhs(du, u, p) {
        for (let i = 0; i < 40; i++) du[i] = -p[i] * u[i];
      },
      u0: new Array(40).fill(1),
      tspan: [0, 1],
      p: Array.from({ length: 40 }, (_, i) => i / 40),
    });
    const result = gradient(many, { ...tight, loss: { final: (u) => u.reduce((s, x) => s + x, 0) } });
    expect(result.plan.adjoint).toBe("discrete");
    result.flat.p!.forEach((g, i) => expect(g).toBeCloseTo(-Math.exp(-i / 40), 8));
  });
});

describe("bad input", () => {
  withoutInspector();

  const loss = { final: (u: number[]) => u[0] };

  it("names what is wrong with a loss", () => {
    expect(() => gradient(decay, { loss: {} })).toThrow(BadLoss);
    expect(() => gradient(decay, { loss: { of: loss.final } })).toThrow(/needs `at`/);
    expect(() => gradient(decay, { loss: { at: [1] } })).toThrow(/`of`/);
    expect(() => gradient(decay, { loss: { at: [1, 2], of: loss.final } })).toThrow(/at\[1\] = 2 is outside/);
    expect(() => gradient(decay, { loss: { ...loss, typo: 1 } as typeof loss })).toThrow(/loss: there is no "typo"/);
    expect(() => gradient(decay, { loss: { final: (u) => Math.log(-u[0]) } })).toThrow(BadLoss);
  });

  it("names what is wrong with the options", () => {
    expect(() => gradient(decay, { loss, adjoint: "gaus" })).toThrow(BadGradientOption);
    expect(() => gradient(decay, { loss, vjp: "enzyme" })).toThrow(/Backends are source, tape/);
    expect(() => gradient(decay, { loss, wrt: ["q" as "p"] })).toThrow(/there is no "q"/);
    expect(() => gradient(decay, { loss, wrt: [] })).toThrow(BadGradientOption);
    expect(() => gradient(decay, { loss, rtol: 0 })).toThrow(BadTolerance);
  });

  it("insists on reading the functions", () => {
    const factor = 3;
    const captured = odeProblem({
      rhs(du, u) {
        du[0] = -factor * u[0];
      },
      u0: [1],
      tspan: [0, 1],
    });
    expect(() => gradient(captured, { loss, wrt: ["u0"] })).toThrow(ReadError);
    expect(() => gradient(captured, { loss, wrt: ["u0"] })).toThrow(/factor/);
    expect(() => gradient(decay, { loss: { final: (u) => factor * u[0] } })).toThrow(/factor/);
  });

  it("a backend that needs no program takes what cannot be read", () => {
    const factor = 3;
    const captured = odeProblem({
      rhs(du, u, { k }) {
        du[0] = -factor * k * u[0];
      },
      u0: [1],
      tspan: [0, 1],
      p: { k: 0.5 },
    });
    const result = gradient(captured, { loss, vjp: "finite", wrt: ["p", "u0"], rtol: 1e-9, atol: 1e-9 });
    expect(result.plan.vjp).toBe("finite");
    // Which of these is the cheapest is a matter of how fast the function is found to be.
    expect(["gauss", "quadrature", "interpolating"]).toContain(result.plan.adjoint);
    expect(result.gradient.u0![0]).toBeCloseTo(Math.exp(-1.5), 7);
    expect(result.gradient.p!.k).toBeCloseTo(-3 * Math.exp(-1.5), 7);
  });

  it("a backward pass that is cut short is an error", () => {
    // The forward solve is easy; the backward pass is asked for more digits.
    const loss = { final: (u: number[]) => u[0] };
    const hard = { adjoint: "gauss", solver: tsit5(), maxSteps: 30, backward: { rtol: 1e-13 } };
    expect(() => gradient(decay, { loss, ...hard })).toThrow(AdjointFailed);
  });

  it("derivatives that disagree are an error", () => {
    const task = {
      problem: decay,
      code: decay.code,
      target: "wasm",
      u0: Float64Array.of(2),
      p: Float64Array.of(0.7, 0.4),
      backend: {
        ...source,
        name: "broken",
        prepare: (request: VjpRequest) => ({ ...source.prepare(request), wrtU: halved() }),
      },
    } as unknown as GradientTask;
    expect(() => checkVjp(task)).toThrow(GradientCheckFailed);
  });

  it("so are those that disagree on the way, until the first solve is through", () => {
    const doubled = (from: number): OdeProblem<number[], number[]> =>
      odeProblem({
        rhs: (du, u, p, t, constants) => {
          du[0] = t < constants.from ? -p[0] * u[0] : -2 * p[0] * u[0];
        },
        u0: [2],
        p: [0.7],
        tspan: [0, 1],
        constants: { from },
      });
    const [late, never] = [doubled(0.3), doubled(2)];
    const task = (problem: OdeProblem<number[], number[]>): GradientTask =>
      ({
        problem: late,
        code: late.code,
        target: "wasm",
        u0: Float64Array.of(2),
        p: Float64Array.of(0.7),
        backend: { ...source, prepare: (request: VjpRequest) => source.prepare({ ...request, code: problem.code }) },
      }) as unknown as GradientTask;
    const steps = (t: number): TakenSteps => ({ count: 1, point: () => ({ t, u: Float64Array.of(1.5) }) }) as never;
    const end = Float64Array.of(0.7);
    const [wrong, right] = [task(never), task(late)];
    for (const each of [wrong, right]) checkVjp(each);
    expect(() => vjpWatch(wrong)!.observe(steps(0.5))).toThrow(GradientCheckFailed);
    expect(() => vjpWatch(wrong)!.finish(1, end)).toThrow(/differ by .* at t = 1\./);
    const watch = vjpWatch(right)!;
    watch.observe(steps(0.5));
    watch.finish(1, end);
    expect(vjpWatch(right)).toBeUndefined();
    expect(vjpWatch(wrong)).toBeDefined();
  });
});

/** The vjp of half the right-hand side. */
function halved() {
  const half = odeProblem({
    rhs(du, u, { k, c }) {
      du[0] = (-k * u[0] + c) / 2;
    },
    u0: [2],
    tspan: [0, 1],
    p: { k: 0.7, c: 0.4 },
  });
  return source.prepare({ code: half.code, arena: new Arena(), target: "wasm" }).wrtU;
}
