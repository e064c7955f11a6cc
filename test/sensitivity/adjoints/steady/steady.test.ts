/** Gradients of steady states: against closed forms, gradients of long solves and differences; and what has none. */
import { describe, expect, it } from "vitest";
import {
  BadGradientOption,
  BadLoss,
  CannotBatch,
  checkGradient,
  DegenerateSteadyState,
  explain,
  gradient,
  gradientBatch,
  MethodRefused,
  ndarray,
  NoInfluence,
  NoSteadyState,
  NotAutonomous,
  odeProblem,
  rodas5P,
  solveWithPullback,
  steadyState,
  type Loss,
} from "../../../../index.ts";
import { adjointsThat, backendsThat } from "../../../tables.ts";

interface Species {
  A: number;
  B: number;
  C: number;
}
interface Rates {
  k1: number;
  k2: number;
  k3: number;
  k4: number;
}

const closed = odeProblem({
  rhs(du: Species, u, p: Rates) {
    const [first, second] = [p.k1 * u.A - p.k2 * u.B, p.k3 * u.B - p.k4 * u.C];
    du.A = -first;
    du.B = first - second;
    du.C = second;
  },
  u0: { A: 1, B: 0.5, C: 0 },
  tspan: [0, 1],
  p: { k1: 1, k2: 2, k3: 3, k4: 4 },
});

/** C = total k1 k3 / (k2 k4 + k1 k4 + k1 k3), and p enters by itself too. */
const ofClosed: Loss<Species, Rates> = { steady: (u, p) => u.C ** 2 + p.k2 };
const [D, total] = [8 + 4 + 3, 1.5];
const C = (total * 3) / D;
const byRates = [
  2 * C * total * (3 / D - (3 * 7) / D ** 2),
  2 * C * total * ((-3 * 4) / D ** 2) + 1,
  2 * C * total * (1 / D - 3 / D ** 2),
  2 * C * total * ((-3 * 3) / D ** 2),
];
const byStart = (2 * C * 3) / D;

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, within: number): void {
  expect(found).toHaveLength(expected.length);
  Array.from(expected, (x, i) => expect(Math.abs(found[i] - x)).toBeLessThan(within));
}

const toggle = odeProblem({
  rhs(du: number[], u, p: number[]) {
    du[0] = p[0] / (1 + u[1] ** p[2]) - u[0];
    du[1] = p[1] / (1 + u[0] ** 2) - u[1];
  },
  u0: [1, 0.1],
  tspan: [0, 1],
  p: [4, 4.5, 2],
});
const ofToggle: Loss<number[], number[]> = { steady: (u) => u[0] * Math.exp(u[1]) };

describe("the gradient of a steady state", () => {
  it("of logistic growth: one by the capacity, nothing by the rate and by the start", () => {
    const logistic = odeProblem({
      rhs(du: number[], u, p: number[]) {
        du[0] = p[0] * u[0] * (1 - u[0] / p[1]);
      },
      u0: [0.1],
      tspan: [0, 1],
      p: [1.5, 7],
    });
    const { value, flat, structuralZeros, plan, warnings } = gradient(logistic, {
      loss: { steady: (u) => u[0] },
      wrt: ["p", "u0"],
    });
    expect(value).toBeCloseTo(7, 12);
    expectClose(flat.p!, [0, 1], 1e-13);
    expectClose(flat.u0!, [0], 1e-15);
    expect(structuralZeros).toEqual([]);
    expect(plan.adjoint).toBe("steadyState");
    expect(warnings).toEqual([]);
  });

  it.each([...backendsThat(({ scalars }) => scalars), undefined])(
    "of a closed network, by vjp %s: by the rates and by what is conserved",
    (vjp) => {
      const { value, flat, gradient: shaped } = gradient(closed, { loss: ofClosed, wrt: ["p", "u0"], vjp });
      expect(value).toBeCloseTo(C ** 2 + 2, 12);
      const within = vjp === "finite" ? 1e-8 : 1e-13;
      expectClose(flat.p!, byRates, within);
      expectClose(flat.u0!, [byStart, byStart, byStart], within);
      expect(shaped.p!.k3).toBe(flat.p![2]);
    },
  );

  it("of a toggle switch: that of a long solve, in the basin of the start", () => {
    for (const u0 of [
      [1, 0.1],
      [0.1, 1],
    ]) {
      const { flat, value } = gradient(toggle, { loss: ofToggle, u0, check: true });
      const long = gradient(toggle, {
        loss: { final: ofToggle.steady },
        u0,
        tspan: [0, 200],
        rtol: 1e-10,
        atol: 1e-10,
        solver: rodas5P(),
        adjoint: "dual",
      });
      expect(value).toBeCloseTo(long.value, 8);
      expectClose(flat.p!, long.flat.p!, 1e-7);
    }
  });

  it("of the Brusselator, where it begins in an unstable one: that one's, with a warning", () => {
    const brusselator = odeProblem({
      rhs: (u: number[], p: number[]) => [p[0] + u[0] ** 2 * u[1] - (p[1] + 1) * u[0], p[1] * u[0] - u[0] ** 2 * u[1]],
      u0: [1, 3],
      tspan: [0, 1],
      p: [1, 3],
    });
    const { flat, warnings } = gradient(brusselator, { loss: { steady: (u) => u[0] + 10 * u[1] } });
    // (A, B / A)
    expectClose(flat.p!, [1 - 10 * 3, 10], 1e-12);
    expect(warnings).toEqual([expect.stringContaining("unstable")]);
    expect(() => gradient(brusselator, { u0: [1.1, 3], loss: { steady: (u) => u[0] } })).toThrow(NoSteadyState);
  });

  it("of heat on 2,500 points: by the conductivity and the source", () => {
    const heat = odeProblem({
      rhs(du: Float64Array, u, p: number[], _t, { N }: { N: number }) {
        for (let i = 0; i < N; i++) {
          for (let j = 0; j < N; j++) {
            const k = i * N + j;
            const around =
              (i > 0 ? u[k - N] : 0) + (i < N - 1 ? u[k + N] : 0) + (j > 0 ? u[k - 1] : 0) + (j < N - 1 ? u[k + 1] : 0);
            du[k] = p[0] * (around - 4 * u[k]) + p[1];
          }
        }
      },
      u0: new Float64Array(2500),
      tspan: [0, 1],
      p: [2, 0.3],
      constants: { N: 50 },
    });
    const { value, flat } = gradient(heat, { loss: { steady: (u) => u[1225] } });
    // u is in proportion to p[1] / p[0].
    expectClose(flat.p!, [-value / 2, value / 0.3], 1e-9 * value);
  });

  it("of functions and losses that cannot be read: by their tapes, and they say so", () => {
    const again: Loss<Species, Rates> = {
      steady: (u, p) => {
        const recursive = (n: number): number => (n > 0 ? recursive(n - 1) : u.C ** 2 + p.k2);
        return recursive(2);
      },
    };
    const { flat, warnings, plan } = gradient(closed, { loss: again, wrt: ["p", "u0"] });
    expectClose(flat.p!, byRates, 1e-13);
    expect(warnings).toEqual([expect.stringContaining("runs by itself")]);
    expect(String(plan)).toContain(warnings[0]);
    const unread = odeProblem({
      rhs(du: number[], u, p: number[]) {
        const recursive = (n: number): number => (n > 0 ? recursive(n - 1) : p[0] * u[0] - p[1] * u[1]);
        du[0] = -recursive(2);
        du[1] = recursive(1);
      },
      u0: [1, 0.5],
      tspan: [0, 1],
      p: [2, 3],
    });
    const own = gradient(unread, { loss: { steady: (u) => u[0] }, wrt: ["p", "u0"], check: true });
    expect(own.plan.known.compiled).toBe(false);
    // total p1 / (p0 + p1)
    expectClose(own.flat.p!, [(-1.5 * 3) / 25, (1.5 * 2) / 25], 1e-7);
    expectClose(own.flat.u0!, [0.6, 0.6], 1e-6);
  });

  it("takes other data of its loss, and names what cannot influence it", () => {
    const loss = (data: number[]): Loss<number[], number[], { data: number[] }> => ({
      steady: steadyMisfit,
      constants: { data },
    });
    const at = (data: number[]): number => gradient(toggle, { loss: loss(data) }).value;
    const [first] = steadyState(toggle).flat;
    expect(at([1])).toBeCloseTo((first - 1) ** 2, 12);
    expect(at([2])).toBeCloseTo((first - 2) ** 2, 12);
    const idle = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] - u[0]], u0: [1], tspan: [0, 1], p: [2, 3] });
    expect(gradient(idle, { loss: { steady: (u) => u[0] } }).structuralZeros).toEqual(["p[1]"]);
    const alone = odeProblem({ rhs: (u: number[]) => [1 - u[0]], u0: [1], tspan: [0, 1], p: [2] });
    expect(() => gradient(alone, { loss: { steady: (u) => u[0] } })).toThrow(NoInfluence);
  });

  it("passes checkGradient, which compares with differences", () => {
    const report = checkGradient(closed, { loss: ofClosed, wrt: ["p", "u0"] });
    expect(String(report)).toContain("steadyState");
    expect(report.passed).toBe(true);
    expect(report.rows.map(({ name }) => name)).toEqual(["p.k1", "p.k2", "p.k3", "p.k4", "u0.A", "u0.B", "u0.C"]);
  });

  it("is explained", () => {
    const plan = explain(closed, { loss: ofClosed });
    expect(plan.summary).toBe("solver rodas5P, adjoint steadyState, vjp source");
    expect(String(plan)).toContain("implicit function theorem");
    expect(String(plan)).toContain("a conservation law, which makes up for it with full rows");
    expect(String(explain(toggle, { loss: ofToggle, adjoint: "steadyState" }))).toContain("linear solver: dense LU");
  });
});

function steadyMisfit(u: number[], _p: number[], { data }: { data: number[] }): number {
  return (u[0] - data[0]) ** 2;
}

describe("what has no such gradient says so", () => {
  const loss: Loss<number[], number[]> = { steady: (u) => u[0] };

  it("a state that is one of many, or approached ever more slowly", () => {
    const epidemic = odeProblem({
      rhs: (u: number[], p: number[]) => [-p[0] * u[0] * u[1], p[0] * u[0] * u[1] - p[1] * u[1]],
      u0: [1, 1e-3],
      tspan: [0, 10],
      p: [0.5, 0.2],
    });
    expect(() => gradient(epidemic, { loss })).toThrow(DegenerateSteadyState);
    const slow = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0] ** 3], u0: [1], tspan: [0, 1], p: [1] });
    expect(() => gradient(slow, { loss })).toThrow(/approached ever more slowly/);
    expect(gradient(slow, { loss, onFailure: "infinity" }).value).toBe(Infinity);
  });

  it("a law that holds for these parameters alone", () => {
    const decay = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [2], tspan: [0, 1], p: [0] });
    expect(() => gradient(decay, { loss })).toThrow(/the steady state jumps as p\[0\] changes/);
    expectClose(gradient(decay, { loss, wrt: "u0" }).flat.u0!, [1], 1e-15);
  });

  it("a derivative that is not finite there", () => {
    const root = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] - Math.sqrt(u[0])], u0: [0], tspan: [0, 1], p: [0] });
    expect(() => gradient(root, { loss })).toThrow(/sqrt/);
  });

  it("what depends on t", () => {
    const forced = odeProblem({
      rhs: (u: number[], p: number[], t: number) => [p[0] * t - u[0]],
      u0: [1],
      tspan: [0, 1],
      p: [2],
    });
    expect(() => gradient(forced, { loss })).toThrow(NotAutonomous);
  });

  it("other methods, and this one for other losses", () => {
    for (const adjoint of adjointsThat()) expect(() => gradient(toggle, { loss, adjoint })).toThrow(MethodRefused);
    expect(() => gradient(toggle, { loss, adjoint: "gaus" })).toThrow(/no method "gaus".*steadyState/);
    const final = { final: (u: number[]) => u[0] };
    expect(() => gradient(toggle, { loss: final, adjoint: "steadyState" })).toThrow(/a loss of a steady state alone/);
    expect(() => solveWithPullback(toggle, { saveat: 1, adjoint: "steadyState" })).toThrow(MethodRefused);
  });

  it("options of a solve, ends of time, and other parts of a loss", () => {
    expect(() => gradient(toggle, { loss, solver: rodas5P() })).toThrow(/solver: there is no solve/);
    expect(() => gradient(toggle, { loss, stops: [1] })).toThrow(BadGradientOption);
    expect(() => gradient(toggle, { loss, wrt: ["t1"] })).toThrow(/a steady state does not depend on t1/);
    expect(() => gradient(toggle, { loss: { ...loss, final: (u: number[]) => u[0] } })).toThrow(BadLoss);
    expect(() => gradient(toggle, { loss: { steady: 1 } as never })).toThrow(/loss\.steady is 1/);
  });

  it("batches", async () => {
    const batch = gradientBatch(toggle, { u0: ndarray(Float64Array.of(1, 2, 3, 4), [2, 2]), loss });
    await expect(batch).rejects.toThrow(CannotBatch);
  });
});
