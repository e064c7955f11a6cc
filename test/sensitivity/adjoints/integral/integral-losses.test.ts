/** Integrals in losses against their values: what the steps of the state do not see, by every method. */
import { describe, expect, it } from "vitest";
import { BadLoss, gradient, odeProblem, rodas5P, tsit5, type Loss, type OdeProblem } from "../../../../index.ts";
import { adjointMethods } from "../../../../sensitivity/adjoints/index.ts";
import { gaussLegendre } from "../../../../sensitivity/numerics/gauss-legendre.ts";

/** u' = -a u from y on; the integrand h(u, p, t), its derivative by u, and that by p = [a, b] where it reads p. */
interface Case {
  readonly y?: number;
  readonly a?: number;
  readonly tspan?: readonly [number, number];
  readonly integrand: (u: number[], p: number[], t: number) => number;
  readonly byState: (u: number, t: number) => number;
  readonly byB?: (u: number, t: number) => number;
  /** States, or times, where it has a kink or a jump. */
  readonly kinks?: readonly number[];
  readonly jumps?: readonly number[];
  /** Of derivatives that vanish: what they are held against. */
  readonly size?: number;
}

const B = 1;

const cases: Record<string, Case> = {
  "oscillating faster than the state": {
    integrand: (u, _p, t) => Math.cos(40 * t) * u[0],
    byState: (_u, t) => Math.cos(40 * t),
  },
  "oscillating with a frequency that is a parameter": {
    integrand: (u, p, t) => Math.cos(40 * p[1] * t) * u[0],
    byState: (_u, t) => Math.cos(40 * t),
    byB: (u, t) => -40 * t * Math.sin(40 * t) * u,
  },
  "a narrow bump in time": {
    integrand: (u, _p, t) => Math.exp(-(((t - 5.3) / 0.05) ** 2)) * u[0],
    byState: (_u, t) => Math.exp(-(((t - 5.3) / 0.05) ** 2)),
  },
  "a bump of a thousandth of the span": {
    integrand: (u, _p, t) => Math.exp(-(((t - 5.3) / 0.01) ** 2)) * u[0],
    byState: (_u, t) => Math.exp(-(((t - 5.3) / 0.01) ** 2)),
  },
  "a spike on something smooth": {
    integrand: (u, _p, t) => u[0] * (1 + Math.exp(-(((t - 5.3) / 0.02) ** 2))),
    byState: (_u, t) => 1 + Math.exp(-(((t - 5.3) / 0.02) ** 2)),
  },
  "spikes between steps": {
    integrand: (u, _p, t) => Math.exp(-(((t - 2.123) / 0.02) ** 2)) + Math.exp(-(((t - 7.77) / 0.02) ** 2)) * u[0],
    byState: (_u, t) => Math.exp(-(((t - 7.77) / 0.02) ** 2)),
  },
  "a narrow bump in the state": {
    integrand: (u) => Math.exp(-(((u[0] - 0.6) / 0.01) ** 2)),
    byState: (u) => -2e4 * (u - 0.6) * Math.exp(-(((u - 0.6) / 0.01) ** 2)),
  },
  "fast in the state": {
    a: 0.3,
    integrand: (u) => Math.cos(50 * u[0]),
    byState: (u) => -50 * Math.sin(50 * u),
  },
  "a kink of the state": {
    integrand: (u) => Math.abs(u[0] - 0.61),
    byState: (u) => Math.sign(u - 0.61),
    kinks: [0.61],
  },
  "nothing behind a kink": {
    integrand: (u) => Math.max(u[0] - 0.61, 0),
    byState: (u) => (u > 0.61 ? 1 : 0),
    kinks: [0.61],
  },
  "a window in time": {
    integrand: (u, _p, t) => (t > 3 && t < 3.5 ? u[0] : 0),
    byState: (_u, t) => (t > 3 && t < 3.5 ? 1 : 0),
    jumps: [3, 3.5],
  },
  "nothing along the first steps": {
    integrand: (u, _p, t) => (t > 9 ? Math.sin(30 * t) * u[0] : 0),
    byState: (_u, t) => (t > 9 ? Math.sin(30 * t) : 0),
    jumps: [9],
  },
  "zero where the parameter is, but not its derivative": {
    integrand: (u, p, t) => (p[1] - 1) * Math.cos(40 * t) * u[0],
    byState: () => 0,
    byB: (u, t) => Math.cos(40 * t) * u,
    size: 4,
  },
  "a state of zero with a growing derivative": {
    y: 0,
    a: -0.2,
    integrand: (u, _p, t) => Math.cos(40 * t) * u[0],
    byState: (_u, t) => Math.cos(40 * t),
    size: 8,
  },
  "a bump beside a state of zero": {
    y: 0,
    a: -0.2,
    integrand: (u, _p, t) => Math.exp(-(((t - 5.3) / 0.03) ** 2)) * u[0],
    byState: (_u, t) => Math.exp(-(((t - 5.3) / 0.03) ** 2)),
    size: 0.1,
  },
  "a large integrand": {
    integrand: (u, _p, t) => 1e9 * Math.cos(40 * t) * u[0],
    byState: (_u, t) => 1e9 * Math.cos(40 * t),
  },
  "backward in time": {
    tspan: [1, 0],
    integrand: (u, _p, t) => Math.cos(40 * t) * Math.exp(-(((t - 0.53) / 0.004) ** 2)) * u[0],
    byState: (_u, t) => Math.cos(40 * t) * Math.exp(-(((t - 0.53) / 0.004) ** 2)),
  },
  "a long span": {
    a: 1,
    tspan: [0, 1e5],
    integrand: (u) => u[0] ** 2,
    byState: (u) => 2 * u,
  },
};

const problemOf = ({ y = 1, a = 0.1, tspan = [0, 10] }: Case): OdeProblem =>
  odeProblem({
    rhs: (du: number[], u: number[], p: number[]) => {
      du[0] = -p[0] * u[0];
    },
    u0: [y],
    p: [a, B],
    tspan: [...tspan],
  }) as unknown as OdeProblem;

/** Value, derivatives by a, b and y, and the integral of the magnitude: by a fine rule over the exact solution. */
function exact({ y = 1, a = 0.1, tspan: [t0, t1] = [0, 10], integrand, byState, byB, kinks = [], jumps = [] }: Case) {
  const { nodes, weights } = gaussLegendre(8);
  const span = Math.abs(t1 - t0);
  const isLong = span > 100;
  const cuts = [t0, isLong ? 100 : t0, ...kinks.map((u) => t0 - Math.log(u / y) / a), ...jumps, isLong ? 100 : t1];
  cuts.sort((x, z) => (t1 > t0 ? x - z : z - x));
  const sums = [0, 0, 0, 0, 0];
  const pieces = 3000;
  for (let c = 1; c < cuts.length; c++) {
    for (let i = 0; i < pieces; i++) {
      const h = (cuts[c] - cuts[c - 1]) / pieces;
      nodes.forEach((x, k) => {
        const t = cuts[c - 1] + h * (i + x);
        const decayed = Math.exp(-a * (t - t0));
        const [u, w] = [y * decayed, h * weights[k]];
        const [value, slope] = [integrand([u], [a, B], t), byState(u, t)];
        [value, -(t - t0) * u * slope, byB?.(u, t) ?? 0, decayed * slope].forEach((term, s) => (sums[s] += w * term));
        sums[4] += Math.abs(w * value);
      });
    }
  }
  return sums;
}

/** Largest error over what each number is held against, in tolerances. */
function errorOf(of: Case, wanted: readonly number[], got: ReturnType<typeof gradient>, rtol: number): number {
  const numbers = [got.value, ...got.flat.p!, ...got.flat.u0!];
  const size = of.size ?? wanted[4];
  const per = [1, of.a ?? 0.1, B, 1].map(Math.abs);
  return Math.max(...numbers.map((x, i) => Math.abs(x - wanted[i]) / (rtol * Math.max(size / per[i], Math.abs(wanted[i])))));
}

const ALLOWED = 20;

describe.each(Object.entries(cases))("%s", (name, of) => {
  const wanted = exact(of);
  const loss = { integral: of.integrand } as Loss;
  // The state solved back is off by more than its tolerance; a long span is for implicit methods.
  const names = Object.keys(adjointMethods).filter((adjoint) => adjoint !== "backsolve" || name !== "a long span");

  it.each(names)("%s", (adjoint) => {
    for (const rtol of [1e-4, 1e-6, 1e-8]) {
      const result = gradient(problemOf(of), { loss, adjoint, rtol, atol: rtol, wrt: ["p", "u0"] });
      expect(errorOf(of, wanted, result, rtol), `rtol ${rtol}`).toBeLessThan(ALLOWED);
    }
  });

  it("an implicit solver", () => {
    const solved = { loss, solver: rodas5P(), rtol: 1e-6, atol: 1e-6, wrt: ["p", "u0"] as const };
    for (const adjoint of ["gauss", "discrete", "dual"]) {
      expect(errorOf(of, wanted, gradient(problemOf(of), { ...solved, adjoint }), 1e-6), adjoint).toBeLessThan(ALLOWED);
    }
  });
});

describe("functions that cannot be read", () => {
  const { "a narrow bump in time": of } = cases;
  const wanted = exact(of);
  const options = { rtol: 1e-6, atol: 1e-6, wrt: ["p", "u0"] as const };

  it.each(["gauss", "quadrature", "interpolating", "backsolve"])("a right-hand side: %s", (adjoint) => {
    const problem = odeProblem({
      rhs: (du: number[], u: number[], p: number[]) => {
        const rate = (n: number): number => (n > 0 ? rate(n - 1) : -p[0] * u[0]);
        du[0] = rate(2);
      },
      u0: [1],
      p: [0.1, B],
      tspan: [0, 10],
    }) as unknown as OdeProblem;
    const result = gradient(problem, { ...options, loss: { integral: of.integrand } as Loss, adjoint, vjp: "tape" });
    expect(errorOf(of, wanted, result, 1e-6)).toBeLessThan(ALLOWED);
  });

  it.each(["gauss", "discrete", "dual"])("an integrand: %s", (adjoint) => {
    const integral = (u: number[], _p: number[], t: number): number => {
      const bump = (n: number): number => (n > 0 ? bump(n - 1) : Math.exp(-(((t - 5.3) / 0.05) ** 2)));
      return bump(2) * u[0];
    };
    const result = gradient(problemOf(of), { ...options, loss: { integral } as Loss, adjoint });
    expect(errorOf(of, wanted, result, 1e-6)).toBeLessThan(ALLOWED);
  });
});

describe("with events and ends of time", () => {
  // x'' = 0 with kicks: x is known, and so is the integral of a bump behind the second.
  const problem = odeProblem({
    rhs: (du, u) => {
      du.x = u.v;
      du.v = 0;
    },
    u0: { x: 1, v: 0 },
    p: { kick: 2 },
    tspan: [0, 10],
    events: { at: [2, 5], apply: (u, p) => void (u.v += p.kick) },
  });
  const loss: Loss<{ x: number; v: number }> = { integral: (u, _p, t) => u.x * Math.exp(-(((t - 5.2) / 0.02) ** 2)) };
  const area = 0.02 * Math.sqrt(Math.PI);

  it.each(Object.keys(adjointMethods))("%s", (adjoint) => {
    const result = gradient(problem, { loss, adjoint, rtol: 1e-7, atol: 1e-7, wrt: ["p", "u0", "t0", "t1"] });
    // x(5.2) = 1 + 2 (3.2) + 2 (0.2), and linear where the bump is.
    expect(result.value / area).toBeCloseTo(7.8, 5);
    expect(result.gradient.p!.kick / area).toBeCloseTo(3.4, 5);
    expect(result.gradient.u0!.x / area).toBeCloseTo(1, 5);
    expect(result.gradient.u0!.v / area).toBeCloseTo(5.2, 5);
    expect(result.gradient.t0! / area).toBeCloseTo(0, 5);
    expect(result.gradient.t1! / area).toBeCloseTo(0, 5);
  });
});

describe("how much is solved", () => {
  const decay = problemOf({} as Case);
  const stepsOf = (integral: Case["integrand"]) => {
    const { forward } = gradient(decay, { loss: { integral } as Loss, adjoint: "gauss", solver: tsit5() }).stats;
    return forward.steps + forward.rejected;
  };

  it("an integrand that the steps resolve is solved once", () => {
    expect(stepsOf((u) => u[0])).toBeLessThan(20);
  });

  it("a spike that they step over is seen behind them, and the solve that did not counts as rejected", () => {
    const { forward } = gradient(decay, {
      loss: { integral: (u: number[]) => Math.exp(-(((u[0] - 0.6) / 0.005) ** 2)) } as Loss,
      adjoint: "gauss",
      solver: tsit5(),
    }).stats;
    expect(forward.steps).toBeGreaterThan(50);
    expect(forward.rejected).toBeGreaterThan(5);
  });
});

/** u' = k u, u = exp(k t): what exceeds 2 from t = ln 2 on has the integral exp(2) - 2 - 2 (2 - ln 2). */
describe.each(Object.keys(adjointMethods).filter((name) => name !== "backsolve"))("what exceeds a threshold: %s", (adjoint) => {
  it.each([1, 1e-12])("times %d", (unit) => {
    const growth = odeProblem({
      rhs: (u: number[], p: { k: number }) => [p.k * u[0]],
      u0: [1],
      p: { k: 1 },
      tspan: [0, 2],
    });
    const { value, flat } = gradient(growth, {
      loss: { integral: (u, _p, _t, { unit }) => unit * Math.max(0, u[0] - 2), constants: { unit } },
      wrt: ["p", "u0"],
      adjoint,
    });
    const [e, ln2] = [Math.exp(2), Math.log(2)];
    expect(value / unit / (e - 2 - 2 * (2 - ln2))).toBeCloseTo(1, 5);
    expect(flat.p![0] / unit / (e - 2 * ln2 + 2)).toBeCloseTo(1, 5);
    expect(flat.u0![0] / unit / (e - 2)).toBeCloseTo(1, 5);
  });
});

it.each(["gauss", "discrete", "dual"])("an integrand that leaves its domain: %s", (adjoint) => {
  const loss = { integral: (u: number[]) => Math.sqrt(u[0] - 2) } as Loss;
  expect(() => gradient(problemOf({} as Case), { loss, adjoint })).toThrow(BadLoss);
});
