import { describe, expect, it } from "vitest";
import {
  checkGradient,
  EndedBeforeLoss,
  gradient,
  GrazingEvent,
  odeProblem,
  remake,
  rk4,
  rodas5P,
  sensitivities,
  solve,
  solveWithPullback,
  tsit5,
  vern7,
  type Loss,
  type StateEvent,
} from "../../index.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { ball as fallingBall, type Ball, type Physics } from "../solvers/events/ball.ts";

/** Thrown upwards. */
const ball = remake(fallingBall, { u0: { h: 10, v: 0.5 }, tspan: [0, 18] });

/** A number with its derivatives by g, restitution, h and v. */
type Dual = readonly number[];
const seed = (x: number, k: number): Dual => [x, 0, 0, 0, 0].map((y, i) => (i === k + 1 ? 1 : y));
const combine = (value: number, ...terms: readonly (readonly [number, Dual])[]): Dual =>
  [value, 0, 0, 0, 0].map((y, i) => (i === 0 ? value : terms.reduce((sum, [weight, x]) => sum + weight * x[i], y)));
const times = (x: Dual, y: Dual): Dual => combine(x[0] * y[0], [y[0], x], [x[0], y]);
const over = (x: Dual, y: Dual): Dual => combine(x[0] / y[0], [1 / y[0], x], [-x[0] / y[0] ** 2, y]);
const plus = (x: Dual, y: Dual): Dual => combine(x[0] + y[0], [1, x], [1, y]);
const scaled = (weight: number, x: Dual): Dual => combine(weight * x[0], [weight, x]);
const root = (x: Dual): Dual => combine(Math.sqrt(x[0]), [0.5 / Math.sqrt(x[0]), x]);

interface Flight {
  readonly t: Dual;
  readonly h: Dual;
  readonly v: Dual;
}

/** The bounces until the time, and the state then, in closed form. */
function flights(until: number, { u0, p }: { u0: Ball; p: Physics } = ball): { bounces: Flight[]; end: Flight } {
  const [g, restitution] = [seed(p.g, 0), seed(p.restitution, 1)];
  const bounces: Flight[] = [];
  let [t, h, v]: Dual[] = [[0, 0, 0, 0, 0], seed(u0.h, 2), seed(u0.v, 3)];
  const fall = (duration: Dual): Flight => ({
    t: plus(t, duration),
    h: plus(plus(h, times(v, duration)), scaled(-0.5, times(g, times(duration, duration)))),
    v: plus(v, scaled(-1, times(g, duration))),
  });
  for (;;) {
    const duration = over(plus(v, root(plus(times(v, v), scaled(2, times(g, h))))), g);
    if (t[0] + duration[0] > until) return { bounces, end: fall(plus([until, 0, 0, 0, 0], scaled(-1, t))) };
    const landed = fall(duration);
    bounces.push(landed);
    [t, h, v] = [landed.t, landed.h, scaled(-1, times(restitution, landed.v))];
  }
}

const tight = { rtol: 1e-10, atol: 1e-10 };

function expectDerivatives(found: { p?: Physics; u0?: Ball }, [, ...expected]: Dual, within = 1e-8): void {
  const numbers = [found.p!.g, found.p!.restitution, found.u0!.h, found.u0!.v];
  const size = Math.hypot(...expected);
  numbers.forEach((x, k) => expect(Math.abs(x - expected[k]) / size).toBeLessThan(within));
}

const wrt = ["p", "u0"] as const;
const names = Object.keys(adjointMethods);

describe.each(names)("%s through the bounces of a ball", (adjoint) => {
  const { bounces, end } = flights(18);
  // What goes back by itself is explicit.
  const solvers = adjoint === "backsolve" ? [tsit5(), rk4({ dt: 0.05 })] : [tsit5(), rodas5P(), vern7(), rk4({ dt: 0.05 })];
  const asked = { ...tight, wrt, adjoint };

  it.each(solvers.map((solver) => [solver.name, solver] as const))("ten of them with %s: the closed form", (_, solver) => {
    expect(bounces.length).toBe(10);
    const found = gradient(ball, { ...asked, solver, loss: { final: (u) => u.h ** 2 + u.v } });
    const expected = plus(times(end.h, end.h), end.v);
    expect(found.value).toBeCloseTo(expected[0], 7);
    expectDerivatives(found.gradient, expected);
  });

  it("a sum over times, and the mean of an integrand that jumps with the state", () => {
    const at = [0.3, 1.2, 2.5, 4, 17.5];
    const loss: Loss<Ball, Physics> = { at, of: (u, p, t) => u.h * p.g + t * u.v };
    const sum = at.reduce<Dual>(
      (total, t) => {
        const { h, v } = flights(t).end;
        return plus(total, plus(times(h, seed(9.81, 0)), scaled(t, v)));
      },
      seed(0, -1),
    );
    expectDerivatives(gradient(ball, { ...asked, loss }).gradient, sum);
    // ∫ v² + v dt: v² jumps at each bounce, and ∫ v dt = h - h(0).
    const all = [...bounces, end];
    const [g, restitution] = [seed(9.81, 0), seed(0.9, 1)];
    const cubed = (v: Dual): Dual => times(v, times(v, v));
    const integral = all.reduce<Dual>(
      (total, flight, k) => {
        const start = k === 0 ? seed(0.5, 3) : scaled(-1, times(restitution, all[k - 1].v));
        return plus(total, over(plus(cubed(start), scaled(-1, cubed(flight.v))), scaled(3, g)));
      },
      plus(end.h, scaled(-1, seed(10, 2))),
    );
    const found = gradient(ball, { ...asked, loss: { integral: (u) => u.v ** 2 + u.v } });
    expect(Math.abs(found.value / integral[0] - 1)).toBeLessThan(1e-8);
    expectDerivatives(found.gradient, integral, 3e-8);
  });

  it("the first of them ends the solve: its time and speed", () => {
    const [first] = flights(2).bounces;
    const falling = remake(ball, { events: { when: (u) => u.h, terminal: true } });
    const duration = gradient(falling, { ...asked, loss: { integral: () => 1 } });
    expect(duration.value).toBeCloseTo(first.t[0], 9);
    expectDerivatives(duration.gradient, first.t);
    expect(duration.structuralZeros).toEqual(["p.restitution"]);
    const speed = gradient(falling, { ...asked, wrt: [...wrt, "t1"], loss: { final: (u) => u.v } });
    expectDerivatives(speed.gradient, first.v);
    expect(speed.gradient.t1).toBe(0);
    // And what it does at last.
    const stopped = remake(ball, { events: { when: (u) => u.h, terminal: true, apply: (u, p) => void (u.v *= p.restitution) } });
    expectDerivatives(gradient(stopped, { ...asked, loss: { final: (u) => u.v } }).gradient, times(first.v, seed(0.9, 1)));
  });
});

describe("other verbs", () => {
  const at = [1, 2.5, 9];
  const states = at.map((t) => flights(t).end);

  it("sensitivities", () => {
    const { p, u0, solution } = sensitivities(ball, { ...tight, wrt, saveat: at });
    states.forEach(({ h, v }, k) => {
      expectDerivatives({ p: p[k].h, u0: u0[k].h } as never, h);
      expectDerivatives({ p: p[k].v, u0: u0[k].v } as never, v);
    });
    expect(solution.events).toHaveLength(flights(18).bounces.length);
  });

  it.each(names)("solveWithPullback by %s", (adjoint) => {
    const solver = tsit5();
    const { pullback, solution } = solveWithPullback(ball, { ...tight, solver, wrt, adjoint, saveat: at });
    const expected = states.reduce<Dual>((total, { h, v }) => plus(total, plus(times(h, h), v)), seed(0, -1));
    expectDerivatives(
      pullback((u) => ({ h: 2 * u.h, v: 1 })),
      expected,
    );
    expect(solution.events.length).toBeGreaterThan(0);
  });

  it("checkGradient, with both ends of the span", () => {
    const report = checkGradient(ball, { ...tight, wrt: [...wrt, "t0", "t1"], loss: { final: (u) => u.h + u.v } });
    expect(report.passed).toBe(true);
    const falling = remake(ball, { events: { when: (u) => u.h - 0.1, terminal: true } });
    const loss = { integral: (u: Ball) => u.h ** 2, final: (u: Ball) => u.v ** 2 };
    expect(checkGradient(falling, { ...tight, wrt: [...wrt, "t0"], loss }).passed).toBe(true);
    expect(gradient(falling, { ...tight, wrt, loss, check: true }).check.passed).toBe(true);
  });
});

interface Ramp {
  x: number;
  rate: number;
}

/** Conditions of the state, the parameters and the time, beside events at given times. */
const ramp = odeProblem({
  rhs(du: Ramp, u: Ramp, p: { a: number; b: number; c: number }, t: number) {
    du.x = u.rate * p.a + t;
    du.rate = 0;
  },
  u0: { x: 0, rate: 1 },
  p: { a: 1.1, b: 0.2, c: 0.7 },
  tspan: [0, 3],
  events: [
    {
      when: (u, p, t) => u.x - p.a - p.b * t,
      direction: "up",
      apply(u, p, t) {
        u.x -= p.c * u.x * t;
        u.rate += p.b * t;
      },
    },
    { at: [2, 0.5], apply: (u, p) => void (u.x *= p.c) },
    { when: (_u, p, t) => t - 2 * p.c, apply: (u) => void (u.rate *= 2) },
  ],
});

describe("conditions and changes that depend on everything", () => {
  const loss = { final: (u: Ramp) => u.x ** 2 + u.rate, integral: (u: Ramp) => u.x ** 2 };

  it.each(names)("%s: differences of the loss", (adjoint) => {
    const solver = adjoint === "backsolve" ? tsit5() : undefined;
    expect(checkGradient(ramp, { ...tight, solver, adjoint, wrt: ["p", "u0", "t0"], loss }).passed).toBe(true);
  });

  it.each(names)("%s: the same of functions that cannot be read", (adjoint) => {
    const [first, ...others] = ramp.events as unknown as [StateEvent<Ramp, typeof ramp.p>];
    const recursive: StateEvent<Ramp, typeof ramp.p> = {
      ...first,
      when(u, p, t) {
        const again = (n: number): number => (n > 0 ? again(n - 1) : u.x - p.a - p.b * t);
        return again(2);
      },
      apply(u, p, t) {
        const again = (n: number): number => (n > 0 ? again(n - 1) : p.c * u.x * t);
        u.x -= again(2);
        u.rate += p.b * t;
      },
    };
    const hidden = remake(ramp, { events: [recursive, ...others] });
    const options = { ...tight, adjoint, loss, wrt, solver: tsit5() };
    const [own, read] = [hidden, ramp].map((problem) => gradient(problem, options));
    expect(own.value).toBe(read.value);
    for (const part of wrt) own.flat[part]!.forEach((x, i) => expect(x).toBeCloseTo(read.flat[part]![i], 10));
    for (const name of ["when", "apply"]) expect(own.warnings.join()).toContain(`by itself, not compiled: events[0].${name}`);
  });
});

describe.each(names)("%s", (adjoint) => {
  const exact = { ...tight, adjoint, solver: tsit5() };

  it("a state that is a number, and no parameters: when it has halved", () => {
    const decay = odeProblem({ rhs: (u: number) => -u, u0: 1, tspan: [0, 3], events: { when: (u) => u - 0.5, terminal: true } });
    const found = gradient(decay, { ...exact, wrt: ["u0", "t0"], loss: { integral: () => 1 } });
    expect(found.value).toBeCloseTo(Math.LN2, 9);
    expect(found.gradient.u0).toBeCloseTo(1, 9);
    expect(found.gradient.t0).toBeCloseTo(0, 9);
  });

  it("a span that runs backwards", () => {
    const back = remake(ball, {
      u0: { h: 1, v: -3 },
      tspan: [2, 0],
      events: { when: (u) => u.h - 2, apply: (u, p) => void (u.v *= -p.g / 9) },
    });
    const loss = { final: (u: Ball) => u.h * u.v, integral: (u: Ball) => u.h ** 2 };
    expect(checkGradient(back, { ...exact, wrt: ["p", "u0", "t0", "t1"], loss }).passed).toBe(true);
  });

  it("two events at once that do not know of each other", () => {
    const two = odeProblem({
      rhs(du, u, p) {
        for (let i = 0; i < 2; i++) {
          du[i] = u[2 + i];
          du[2 + i] = -p[0];
        }
      },
      u0: [3, 3, 0, 0],
      p: [9.81, 0.8, 0.7],
      tspan: [0, 1.2],
      events: [
        { when: (u) => u[0], direction: "down", apply: (u, p) => void (u[2] *= -p[1]) },
        { when: (u) => u[1], direction: "down", apply: (u, p) => void (u[3] *= -p[2]) },
      ],
    });
    const loss = { final: (u: ArrayLike<number>) => u[0] * u[1] + u[2] ** 2 + u[3] };
    expect(checkGradient(two, { ...exact, wrt, loss }).passed).toBe(true);
  });
});

it("algebraic equations hold behind an event of the state, and are differentiated through it", () => {
  // x' = y where y = a x + b; where x reaches 2 it becomes 2 c.
  const circuit = odeProblem({
    rhs(du, u, p) {
      du[0] = u[1];
      du[1] = u[1] - p[0] * u[0] - p[1];
    },
    u0: [1, 0.8],
    p: [0.5, 0.3, 0.6],
    tspan: [0, 2.2],
    massMatrix: [
      [1, 0],
      [0, 0],
    ],
    initialise: "algebraic",
    events: { when: (u) => u[0] - 2, direction: "up", apply: (u, p) => void (u[0] *= p[2]) },
  });
  const options = { ...tight, solver: rodas5P(), wrt, loss: { final: (u: ArrayLike<number>) => u[0] ** 2 + u[1] } };
  expect(checkGradient(circuit, options).passed).toBe(true);
  // x + b / a grows as e^{a t}, from event to event.
  const [first, second] = solve(circuit, tight).events;
  expect(first.t).toBeCloseTo(2 * Math.log(2.6 / 1.6), 8);
  expect(second.t - first.t).toBeCloseTo(2 * Math.log(2.6 / 1.8), 8);
  expect(first.after[1]).toBeCloseTo(0.9, 8);
});

describe("what has no derivative is refused by name", () => {
  const wave = odeProblem({
    rhs(du, u, p) {
      du[0] = u[1];
      du[1] = -p[0] * u[0];
    },
    u0: [0, 1],
    p: [1],
    tspan: [0, 3],
    events: { when: (u) => u[0] - (1 - 1e-9), apply: (u) => void (u[1] += 1) },
  });

  it.each(names)("%s: a condition that only touches zero", (adjoint) => {
    const options = { adjoint, solver: tsit5(), loss: { final: (u: ArrayLike<number>) => u[0] } };
    expect(() => gradient(wave, { ...options, rtol: 1e-8, atol: 1e-8 })).toThrow(GrazingEvent);
    expect(() => gradient(wave, { ...options, rtol: 1e-8, atol: 1e-8 })).toThrow(
      /events takes place at t = 1\.57\d*, where .* touches zero/,
    );
    // At tolerances that tell the two crossings apart there is one.
    expect(Number.isFinite(gradient(wave, { ...options, rtol: 1e-12, atol: 1e-12 }).flat.p![0])).toBe(true);
  });

  it.each(names)("%s: a time of the loss behind the end", (adjoint) => {
    const falling = remake(ball, { events: { when: (u) => u.h, terminal: true } });
    const options = { adjoint, solver: tsit5(), loss: { at: [1, 3], of: (u: Ball) => u.h } };
    expect(() => gradient(falling, options)).toThrow(EndedBeforeLoss);
    expect(() => gradient(falling, options)).toThrow(/ended the solve at t = 1\.4\d*, and a state is asked for at t = 3/);
  });

  it("an optimiser may ask for infinity instead", () => {
    const { failure } = gradient(wave, { rtol: 1e-8, atol: 1e-8, loss: { final: (u) => u[0] }, onFailure: "infinity" });
    expect(failure).toBeInstanceOf(GrazingEvent);
  });
});

it("an event that is met with another at once, which undoes its condition, has no derivative by itself, and says so", () => {
  // Together they are one: x = c + 2 d from t1 = ln(x0 / c) / k on.
  const met = { when: (u: number[], p: number[]) => u[0] - p[1], direction: "down" } as const;
  const rhs = (u: number[], p: number[]): number[] => [-p[0] * u[0]];
  const given = { rhs, u0: [2], p: [0.7, 1.1, 3], tspan: [0, 2] as const };
  const add = (u: number[], p: number[]): void => void (u[0] += p[2]);
  const twice = odeProblem({ ...given, events: [0, 1].map(() => ({ ...met, apply: add })) });
  const once = odeProblem({ ...given, events: { ...met, apply: (u, p) => void (u[0] += 2 * p[2]) } });
  const options = { loss: { final: (u: number[]) => u[0] }, rtol: 1e-9, atol: 1e-9 };
  for (const adjoint of ["discrete", "gauss", "dual"]) {
    expect(() => gradient(twice, { ...options, adjoint })).toThrow(/was met before another event at that time/);
    const { flat } = gradient(once, { ...options, adjoint });
    expect(flat.p![2]).toBeCloseTo(2 * Math.exp(-0.7 * (2 - Math.log(2 / 1.1) / 0.7)), 6);
  }
});
