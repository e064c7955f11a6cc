/** Every adjoint method against every kind of loss, with and without events, and the ends of time. */
import { describe, expect, it } from "vitest";
import {
  AdjointFailed,
  BacksolveDrifted,
  BadGradientOption,
  gradient,
  odeProblem,
  remake,
  rk4,
  rodas5P,
  tsit5,
  vern7,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const names = Object.keys(adjointMethods) as (keyof typeof adjointMethods)[];
const tight = { rtol: 1e-10, atol: 1e-11, solver: vern7() };

/** Predators and prey with harvests and a restocking that depend on the parameters and on the state. */
const base = odeProblem({
  rhs(du, u, { a, b, c, d }, t) {
    du[0] = a * u[0] - b * u[0] * u[1] + 0.1 * Math.sin(t);
    du[1] = d * u[0] * u[1] - c * u[1];
  },
  u0: [1, 1.2],
  tspan: [0, 3],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
});

const apply = (u: number[], p: { a: number; b: number; c: number; d: number }, t: number): void => {
  if (t < 1.5) u[0] += p.a * 0.4;
  else {
    u[1] = u[1] * (1 - 0.1 * p.c) + 0.05 * u[0] * u[0];
    u[0] = u[0] * 0.7;
  }
};

const problems = {
  "no events": base,
  events: remake(base, { events: { at: [2, 0.9, 2.5], apply } }),
  "events at the start, twice at once, and at a loss time": remake(base, { events: { at: [0, 1, 1, 2, 3], apply } }),
};

type U = number[];
type P = { a: number; b: number; c: number; d: number };
const losses = {
  sum: { at: [0, 1, 2, 2.7, 3], of: (u: U, p: P, t: number) => (u[0] - 1) ** 2 + p.b * u[1] * t },
  integral: { integral: (u: U, p: P, t: number) => u[0] * u[1] * p.d + t * u[1] },
  final: { final: (u: U, p: P) => u[0] ** 2 + p.c * u[1] },
};

const order = ["p", "u0", "t0", "t1"] as const;
type Result = ReturnType<typeof all>;

function all(problem: typeof base, loss: (typeof losses)["sum"], options: object) {
  const { value, gradient: g } = gradient(problem, { loss, wrt: order, ...options });
  return { value, derivatives: [...Object.values(g.p!), ...g.u0!, g.t0!, g.t1!] };
}

function expectClose(found: Result, expected: Result, digits: number): void {
  expect(Math.abs(found.value - expected.value)).toBeLessThan(10 ** -digits * Math.abs(expected.value));
  const size = Math.hypot(...expected.derivatives);
  found.derivatives.forEach((x, i) => expect(Math.abs(x - expected.derivatives[i])).toBeLessThan(10 ** -digits * size));
}

describe.each(Object.entries(problems))("%s", (_, problem) => {
  describe.each(Object.entries(losses))("%s", (_kind, anyLoss) => {
    const loss = anyLoss as (typeof losses)["sum"];

    it("duals agree with differences of solves", () => {
      const value = (changed: typeof base): number => gradient(changed, { ...tight, loss, adjoint: "gauss" }).value;
      const slope = (change: (h: number) => Parameters<typeof remake<U, P, unknown>>[1], h = 1e-4): number =>
        (value(remake(problem, change(h))) - value(remake(problem, change(-h)))) / (2 * h);
      const { derivatives } = all(problem, loss, { ...tight, adjoint: "dual" });
      const { p, u0 } = problem;
      const expected = [
        ...(["a", "b", "c", "d"] as const).map((name) => slope((h) => ({ p: { ...p, [name]: p[name] + h } }))),
        ...[0, 1].map((i) => slope((h) => ({ u0: u0.map((x, k) => x + (k === i ? h : 0)) }))),
      ];
      expected.forEach((x, i) => expect(derivatives[i]).toBeCloseTo(x, 4));
    });

    it.each(names)("%s agrees with duals", (adjoint) => {
      const expected = all(problem, loss, { ...tight, adjoint: "dual" });
      expectClose(all(problem, loss, { ...tight, adjoint }), expected, 7);
    });
  });
});

describe("ends of time", () => {
  /** u' = -k u: u(t1) = u0 e^{-k (t1 - t0)}. */
  const decay = odeProblem({
    rhs(du, u, { k }) {
      du[0] = -k * u[0];
    },
    u0: [2],
    tspan: [0.5, 2],
    p: { k: 0.7 },
  });
  const e = Math.exp(-0.7 * 1.5);

  it.each(names)("%s: the closed form, of a terminal value and of an integral", (adjoint) => {
    const options = { ...tight, adjoint, wrt: ["t0", "t1"] as const };
    const final = gradient(decay, { ...options, loss: { final: (u) => u[0] } }).gradient;
    expect(final.t1).toBeCloseTo(-0.7 * 2 * e, 8);
    expect(final.t0).toBeCloseTo(0.7 * 2 * e, 8);
    expect(Object.keys(final).sort()).toEqual(["t0", "t1"]);
    // ∫ u t dt: by the end h(t1); by the start its value with the integrand's own t.
    const integral = gradient(decay, { ...options, loss: { integral: (u, _p, t) => u[0] * t } });
    expect(integral.gradient.t1).toBeCloseTo(2 * e * 2, 8);
    const I = (t0: number): number => {
      const F = (t: number): number => -(t / 0.7 + 1 / 0.49) * 2 * Math.exp(-0.7 * (t - t0));
      return F(2) - F(t0);
    };
    expect(integral.value).toBeCloseTo(I(0.5), 8);
    expect(integral.gradient.t0).toBeCloseTo((I(0.5 + 1e-5) - I(0.5 - 1e-5)) / 2e-5, 6);
  });

  it.each(names)("%s: with an event between them, also backwards in time", (adjoint) => {
    for (const tspan of [
      [0.5, 2],
      [2, 0.5],
    ] as const) {
      const problem = remake(decay, { tspan, events: { at: [1], apply: (u, p) => void (u[0] = 3 * u[0] + p.k) } });
      const { t0, t1, p } = gradient(problem, {
        ...tight,
        adjoint,
        wrt: ["p", "t0", "t1"],
        loss: { final: (u) => u[0] },
      }).gradient;
      const u = (k: number, from: number, to: number): number =>
        (3 * 2 * Math.exp(-k * (1 - from)) + k) * Math.exp(-k * (to - 1));
      const [a, b] = tspan;
      expect(t1).toBeCloseTo(-0.7 * u(0.7, a, b), 7);
      expect(t0).toBeCloseTo(0.7 * 6 * Math.exp(-0.7 * (b - a)), 7);
      expect(p!.k).toBeCloseTo((u(0.7 + 1e-5, a, b) - u(0.7 - 1e-5, a, b)) / 2e-5, 6);
    }
  });
});

describe("stiff problems and what methods refuse", () => {
  const stiff = odeProblem({
    rhs(du, u, { k }, t) {
      du[0] = -k * (u[0] - Math.cos(t));
      du[1] = u[0] - u[1];
    },
    u0: [1, 0],
    tspan: [0, 3],
    p: { k: 500 },
    events: { at: [1], apply: (u) => void (u[0] += 1) },
  });
  const loss = { final: (u: number[]) => u[1] ** 2, at: [0.5, 1, 2], of: (u: number[]) => u[0] };
  const options = { loss, rtol: 1e-9, atol: 1e-9, wrt: ["p", "u0"] as const };

  it.each(names.filter((name) => adjointMethods[name].traits.stiff))("%s with an implicit solver", (adjoint) => {
    const expected = gradient(stiff, { ...options, adjoint: "dual", solver: vern7(), rtol: 1e-11, atol: 1e-12 });
    const found = gradient(stiff, { ...options, adjoint, solver: rodas5P() });
    // 6e-6, by cancellation over the layers after jumps; a quadrature that steps over them is wrong by a tenth.
    expect(found.flat.p![0] / expected.flat.p![0]).toBeCloseTo(1, 3);
    found.flat.u0!.forEach((x, i) => expect(x).toBeCloseTo(expected.flat.u0![i], 6));
  });

  it("methods that go back explicitly say so, or take another solver for the backward pass", () => {
    expect(() => gradient(stiff, { ...options, adjoint: "backsolve", solver: rodas5P() })).toThrow(BadGradientOption);
    const found = gradient(stiff, { ...options, adjoint: "interpolating", solver: rodas5P(), backward: { solver: tsit5() } });
    const expected = gradient(stiff, { ...options, adjoint: "gauss", solver: rodas5P() });
    expect(found.flat.p![0] / expected.flat.p![0]).toBeCloseTo(1, 3);
  });

  it("backsolve is refused where it drifts, with the numbers", () => {
    const run = (): unknown => gradient(stiff, { ...options, adjoint: "backsolve", solver: tsit5(), rtol: 1e-4, atol: 1e-4 });
    expect(run).toThrow(BacksolveDrifted);
    expect(run).toThrow(/at t = [\d.e-]+ the state solved backward has u\[\d\] = .* times the tolerance apart/);
  });

  it("the backward pass takes its own tolerances", () => {
    const coarse = { ...options, adjoint: "gauss", solver: tsit5() };
    const few = gradient(base, { ...coarse, backward: { rtol: 1e-3, atol: 1e-3 } }).stats.backward!.steps;
    const many = gradient(base, { ...coarse, backward: { rtol: 1e-10, atol: 1e-10 } }).stats.backward!.steps;
    expect(many).toBeGreaterThan(2 * few);
    expect(() => gradient(base, { ...coarse, backward: { rtol: -1 } })).toThrow(/backward\.rtol/);
  });

  it("a quadrature that does not converge is an error", () => {
    const wild = { integral: (_u: number[], p: { a: number }, t: number) => p.a * Math.sqrt(Math.abs(Math.sin(3000 * t))) };
    // Steps of a fixed length resolve nothing.
    const options = { loss: wild, adjoint: "quadrature", solver: rk4({ dt: 0.1 }), backward: { rtol: 1e-12 } };
    expect(() => gradient(base, options)).toThrow(AdjointFailed);
  });
});

describe("what acts for a short time", () => {
  const continuous = ["gauss", "quadrature", "interpolating"] as const;

  /** u' = -1e4 (u - p cos t): u follows p cos t, and λ has a layer at each time of the loss. */
  const layers = odeProblem({
    rhs: (u: number[], p: number[], t: number) => [-1e4 * (u[0] - p[0] * Math.cos(t))],
    u0: [1],
    p: [1],
    tspan: [0, 3],
  });

  it.each(continuous)("%s: layers of λ, at rest between times of the loss", (adjoint) => {
    const at = [1, 2, 3];
    const found = gradient(layers, { loss: { at, of: (u) => u[0] }, adjoint }).flat.p![0];
    expect(found).toBeCloseTo(
      at.reduce((s, t) => s + (1e8 * Math.cos(t) + 1e4 * Math.sin(t)) / (1e8 + 1), 0),
      4,
    );
  });

  it.each(continuous)("%s: a pulse that the forward steps see, while λ is at rest", (adjoint) => {
    const pulse = odeProblem({
      rhs: (_u: number[], p: number[], t: number) => [p[0] * Math.exp(-(((t - 5.3) / 0.05) ** 2))],
      u0: [0],
      p: [1],
      tspan: [0, 10],
    });
    const options = { loss: { final: (u: number[]) => u[0] }, adjoint, solver: rk4({ dt: 0.02 }), backward: { solver: tsit5() } };
    expect(gradient(pulse, options).flat.p![0]).toBeCloseTo(0.05 * Math.sqrt(Math.PI), 7);
  });

  it.each([...continuous, "backsolve"] as const)(
    "%s: a decay that acts for a short time, which λ must not step over",
    (adjoint) => {
      // u = exp(-k ∫ pulse dt), so λ(0) = u and du/dk = -0.05 √π u.
      const decay = odeProblem({
        rhs: (u: number[], p: number[], t: number) => [-p[0] * Math.exp(-(((t - 5.3) / 0.05) ** 2)) * u[0]],
        u0: [1],
        p: [3],
        tspan: [0, 10],
      });
      const area = 0.05 * Math.sqrt(Math.PI);
      const options = {
        loss: { final: (u: number[]) => u[0] },
        adjoint,
        solver: rk4({ dt: 0.02 }),
        backward: { solver: tsit5() },
      };
      const { p, u0 } = gradient(decay, { ...options, wrt: ["p", "u0"] }).flat;
      expect(u0![0]).toBeCloseTo(Math.exp(-3 * area), 5);
      expect(p![0]).toBeCloseTo(-area * Math.exp(-3 * area), 5);
    },
  );

  it("quadrature does about as much work as the steps it begins with", () => {
    let calls = 0;
    const network = odeProblem({
      rhs: (u: number[], p: number[], t: number) => [Math.max(0, p[0] * u[0] + p[1] * Math.sin(9 * t)) - u[0]],
      u0: [1],
      p: [0.5, 1],
      tspan: [0, 10],
      derivatives: {
        vjp(uBar, pBar, v, u, p, t) {
          calls++;
          const on = p[0] * u[0] + p[1] * Math.sin(9 * t) > 0 ? v[0] : 0;
          uBar[0] = on * p[0] - v[0];
          pBar[0] = on * u[0];
          pBar[1] = on * Math.sin(9 * t);
        },
      },
    });
    const loss = { final: (u: number[]) => u[0] };
    const { flat, stats } = gradient(network, { loss, adjoint: "quadrature", vjp: "user" });
    const expected = gradient(network, { loss, adjoint: "dual", rtol: 1e-10, atol: 1e-10 }).flat.p!;
    flat.p!.forEach((x, j) => expect(Math.abs(x - expected[j])).toBeLessThan(1e-3 * Math.hypot(...expected)));
    const steps = stats.forward.steps + stats.backward!.steps;
    expect(calls).toBeLessThan(stats.backward!.rhsCalls + 30 * steps);
  });
});

describe("memory", () => {
  const memory = (adjoint: string, tolerance: number) => {
    const { stats } = gradient(base, {
      loss: { final: (u) => u[0] },
      rtol: tolerance,
      atol: tolerance,
      solver: tsit5(),
      adjoint,
    });
    return { bytes: stats.memory!, steps: stats.forward.steps };
  };

  it("gauss keeps both ends of each step and three coefficients of its dense output", () => {
    const { bytes, steps } = memory("gauss", 1e-6);
    expect(bytes).toBe(8 * 2 * 5 * steps);
  });

  it("backsolve keeps at most 64 states, interpolating one interval of steps besides, whatever the number of steps", () => {
    expect(memory("backsolve", 1e-12).steps).toBeGreaterThan(64);
    expect(memory("backsolve", 1e-12).bytes).toBeLessThanOrEqual(64 * 8 * 2);
    expect(memory("interpolating", 1e-12).bytes).toBeLessThan(memory("gauss", 1e-12).bytes / 2);
  });
});

describe("what comes after the last time of a sum", () => {
  const loss = { at: [0.9, 0.4, 2], of: (u: number[], p: { a: number }, t: number) => p.a * u[0] ** 2 + t * u[1] };
  const long = remake(problems.events, { tspan: [0, 200] });
  const steps = (problem: typeof base, wrt: ("p" | "u0" | "t1")[], more = {}) =>
    gradient(problem, { loss: { ...loss, ...more }, ...tight, wrt }).stats.forward.steps;

  it.each(names)("%s: changes nothing, the event at that time included", (adjoint) => {
    const options = { loss, ...tight, adjoint, wrt: ["p", "u0"] as ("p" | "u0")[] };
    const [found, expected] = [long, remake(problems.events, { tspan: [0, 2] })].map((problem) => gradient(problem, options));
    expect(found.flat).toEqual(expected.flat);
    expect(found.value).toBe(expected.value);
  });

  it("is not solved, unless the end matters", () => {
    const few = steps(long, ["p"]);
    expect(steps(long, ["p"], { final: (u: number[]) => u[0] })).toBeGreaterThan(5 * few);
    expect(steps(long, ["p"], { integral: (u: number[]) => u[0] })).toBeGreaterThan(5 * few);
    expect(steps(long, ["t1"])).toBeGreaterThan(5 * few);
    expect(gradient(long, { loss, ...tight, wrt: ["t1"] }).gradient.t1).toBe(0);
  });

  it("a sum at the start alone is solved as before", () => {
    const { value, flat } = gradient(base, { loss: { ...loss, at: [0] }, ...tight, wrt: ["p", "u0"] });
    expect(value).toBe(1.5);
    expect(Array.from(flat.p!)).toEqual([1, 0, 0, 0]);
    expect(flat.u0![0]).toBe(3);
  });
});
