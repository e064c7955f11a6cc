/** Second derivatives through events whose times move, with the state or with parameters: by closed forms, and by differences of gradients. */
import { describe, expect, it } from "vitest";
import {
  GrazingEvent,
  hessian,
  hessianVectorProduct,
  odeProblem,
  rodas5P,
  SecondDerivativesRefused,
  tsit5,
  type OdeProblem,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { byDifferences, expectMatrix, tightly } from "./by-differences.ts";

const tight = { rtol: 1e-10, atol: 1e-12, wrt: ["p", "u0"] } as const;
const solving = Object.keys(adjointMethods).filter((name) => name !== "steadyState");

/** The second derivatives of a closed form. */
function ofFormula(f: (x: number[]) => number, x: readonly number[]): Float64Array {
  return hessian(f)([...x]).data;
}

type Ball = { height: number; velocity: number };
type Ground = { g: number; restitution: number };

const bounce = { when: (u: Ball) => u.height, direction: "down", apply: (u: Ball, p: Ground) => void (u.velocity *= -p.restitution) } as const; // prettier-ignore
const ball = odeProblem({
  rhs(du: Ball, u: Ball, p: Ground) {
    du.height = u.velocity;
    du.velocity = -p.g;
  },
  u0: { height: 5, velocity: 0.3 },
  p: { g: 9.81, restitution: 0.8 },
  tspan: [0, 1.5],
  events: bounce,
});
const dropped = [9.81, 0.8, 5, 0.3];

describe("a ball that is dropped", () => {
  // It meets the ground at t1 = (v + s) / g with the speed s = √(v² + 2 g h).
  const heightAfter = ([g, r, h, v]: number[]): number => {
    const s = Math.sqrt(v * v + 2 * g * h);
    const rest = 1.5 - (v + s) / g;
    return r * s * rest - (g * rest * rest) / 2;
  };
  const expected = ofFormula(heightAfter, dropped);

  it.each(solving)("and bounces, by %s", (adjoint) => {
    const options = { ...tight, adjoint, loss: { final: (u: Ball) => u.height } };
    for (const solver of adjoint === "backsolve" ? [tsit5()] : [undefined, tsit5(), rodas5P()])
      expectMatrix(hessian(ball, { ...options, solver }).flat, expected, dropped, 1e-8);
    const direction = { p: { g: 0, restitution: 1 }, u0: { height: 1, velocity: 0 } };
    const { product } = hessianVectorProduct(ball, { ...options, direction });
    expect(product.p!.g).toBeCloseTo(expected[1] + expected[2], 8);
    expect(product.u0!.velocity).toBeCloseTo(expected[13] + expected[14], 8);
  });

  it.each(solving)("and comes to the ground, whose time and speed have second derivatives, by %s", (adjoint) => {
    const falling = odeProblem({
      rhs: (u: Ball & { age: number }, p: { g: number }) => ({ height: u.velocity, velocity: -p.g, age: 1 }),
      u0: { height: 5, velocity: 0, age: 0 },
      p: { g: 9.81 },
      tspan: [0, 9],
      events: { when: (u) => u.height, terminal: true },
    });
    const [g, h] = [9.81, 5];
    const t1 = Math.sqrt((2 * h) / g);
    const times = { final: (u: { age: number }) => u.age };
    for (const loss of [times, { integral: () => 1 }]) {
      const { p, u0 } = hessian(falling, { ...tight, loss, adjoint });
      expect(p.p.g.g).toBeCloseTo((0.75 * t1) / g ** 2, 10);
      expect(p.u0.g.height).toBeCloseTo(-t1 / (4 * g * h), 10);
      expect(u0.u0.height.height).toBeCloseTo(-t1 / (4 * h * h), 10);
    }
    const speed = hessian(falling, { ...tight, loss: { final: (u: Ball) => u.velocity }, adjoint });
    expect(speed.p.p.g.g).toBeCloseTo(t1 / (4 * g), 10);
  });

  it("an integral over several bounces, by differences, in both directions of time", () => {
    const long = { ...ball, tspan: [0, 2.6] as const } as typeof ball;
    const loss = {
      at: [0.5, 2],
      of: (u: Ball, p: Ground) => u.velocity * p.g,
      integral: (u: Ball, p: Ground) => u.velocity ** 2 * p.restitution,
      final: (u: Ball) => u.height ** 2,
    };
    const by = byDifferences(long, { ...tight, ...tightly, loss } as never);
    for (const adjoint of solving) expectMatrix(hessian(long, { ...tight, loss, adjoint }).flat, by, dropped, 1e-6);
  });

  it("Gauss and Newton's, of an integral and of what is seen at its end", () => {
    const loss = { integral: (u: Ball) => u.height ** 2, final: (u: Ball) => u.velocity ** 2 };
    // Of a loss that is linear in the state nothing is left.
    const { flat } = hessian(ball, { ...tight, curvature: "gaussNewton", loss: { integral: (u: Ball) => u.height } });
    expect(Math.max(...flat.map(Math.abs))).toBeLessThan(1e-9);
    const found = hessian(ball, { ...tight, curvature: "gaussNewton", loss });
    // At least zero along any direction.
    expect(found.matrix.get(0, 0)).toBeGreaterThan(0);
    const parts = [{ integral: loss.integral }, { final: loss.final }].map(
      (part) => hessian(ball, { ...tight, curvature: "gaussNewton", loss: part }).flat,
    );
    expectMatrix(
      found.flat,
      Float64Array.from(parts[0], (x, i) => x + parts[1][i]),
      dropped,
      1e-8,
    );
  });

  it("that only touches the ground has none", () => {
    const touching = odeProblem({
      rhs: (_u: number[], p: number[], t: number) => [2 * (t - p[0])],
      u0: [1],
      p: [1],
      tspan: [0, 2],
      events: { when: (u) => u[0] - 1e-14, apply: (u) => void (u[0] += 1) },
    });
    let thrown: unknown;
    try {
      hessian(touching, { loss: { final: (u: number[]) => u[0] } });
    } catch (error) {
      thrown = error;
    }
    // It takes place, and has no derivative, or it does not, and nothing moves.
    if (thrown !== undefined) expect(thrown).toBeInstanceOf(GrazingEvent);
  });
});

describe("a decay", () => {
  type P = { k: number; lag: number; dose: number };
  const decay = (events: object): OdeProblem<number[], P> =>
    odeProblem({
      rhs: (u: number[], p: P) => [-p.k * u[0]],
      u0: [2],
      p: { k: 0.7, lag: 1.1, dose: 3 },
      tspan: [0, 3],
      events,
    } as never);
  const units = [0.7, 1.1, 3, 2];
  const loss = { final: (u: number[]) => u[0] };
  const dose = (u: number[], p: P): void => void (u[0] += p.dose);
  const lagged = ([k, lag, d, x]: number[]): number => x * Math.exp(-3 * k) + d * Math.exp(-k * (3 - lag));

  it.each(solving)("with a dose at a time that is a parameter, as a time and as a condition, by %s", (adjoint) => {
    for (const events of [
      { at: (p: P) => [p.lag], apply: dose },
      { when: (_u: number[], p: P, t: number) => t - p.lag, apply: dose },
    ]) {
      expectMatrix(hessian(decay(events), { ...tight, loss, adjoint }).flat, ofFormula(lagged, units), units, 1e-8);
    }
  });

  it.each(solving)("that is filled up where it is down to what a parameter says, by %s", (adjoint) => {
    // At x = lag, t1 = ln(x0 / lag) / k.
    const filled = ([k, lag, d, x]: number[]): number => (lag + d) * Math.exp(-k * (2.5 - Math.log(x / lag) / k));
    const events = { when: (u: number[], p: P) => u[0] - p.lag, apply: dose, direction: "down" };
    const until = { ...tight, tspan: [0, 2.5] as const, loss, adjoint };
    expectMatrix(hessian(decay(events), until).flat, ofFormula(filled, units), units, 1e-8);
  });

  it("backwards in time", () => {
    const back = { ...decay({ at: (p: P) => [p.lag], apply: dose }), tspan: [3, 0] as const } as OdeProblem<number[], P>;
    const before = ([k, lag, d, x]: number[]): number => x * Math.exp(3 * k) + d * Math.exp(k * lag);
    expectMatrix(hessian(back, { ...tight, loss }).flat, ofFormula(before, units), units, 1e-8);
  });

  it("two doses at the same parameter's time, and at one after the other", () => {
    const twice = decay([
      {
        at: (p: P) => [p.lag, 2 * p.lag],
        apply: (u: number[], p: P, t: number, _c: unknown, i: number) => void (u[0] += p.dose * t * (1 + i)),
      },
      { at: (p: P) => [p.lag], apply: (u: number[]) => void (u[0] *= u[0]) },
    ]);
    const formula = ([k, lag, d, x]: number[]): number => {
      const first = (x * Math.exp(-k * lag) + d * lag) ** 2;
      return (first * Math.exp(-k * lag) + 4 * d * lag) * Math.exp(-k * (3 - 2 * lag));
    };
    expectMatrix(hessian(twice, { ...tight, loss }).flat, ofFormula(formula, units), units, 1e-8);
  });

  it("whose rate an event changes at a time that moves", () => {
    const changed = decay({ at: (p: P) => [p.lag], apply: (_u: number[], p: P) => void (p.k *= p.dose) });
    const formula = ([k, lag, d, x]: number[]): number => x * Math.exp(-k * lag - k * d * (3 - lag));
    for (const adjoint of ["discrete", "gauss", "dual"])
      expectMatrix(hessian(changed, { ...tight, loss, adjoint }).flat, ofFormula(formula, units), units, 1e-8);
  });

  it("of which the right-hand side decides on what the condition is of is right by each side", () => {
    // Above the threshold it decays at the rate k, and is thrown back above it: it is never below.
    const thrown = odeProblem({
      rhs: (u: number[], p: P) => [u[0] > p.lag ? -p.k * u[0] : 17 + u[0] ** 2],
      u0: [2],
      p: { k: 0.7, lag: 1.1, dose: 3 },
      tspan: [0, 2.5],
      events: { when: (u: number[], p: P) => u[0] - p.lag, apply: dose, direction: "down" },
    });
    const filled = ([k, lag, d, x]: number[]): number => (lag + d) * Math.exp(-k * (2.5 - Math.log(x / lag) / k));
    for (const adjoint of solving)
      expectMatrix(hessian(thrown, { ...tight, loss, adjoint }).flat, ofFormula(filled, units), units, 1e-7);
  });
});

describe("right-hand sides that jump where the state crosses something", () => {
  type P = { k: number; c: number; m: number };
  // x' = -k x above c, and -m below: from t1 = ln(x0 / c) / k on x = c - m (t - t1).
  const braked = odeProblem({
    rhs: (u: number[], p: P) => [u[0] > p.c ? -p.k * u[0] : -p.m],
    u0: [2],
    p: { k: 0.7, c: 1.1, m: 0.4 },
    tspan: [0, 2],
  });
  const units = [0.7, 1.1, 0.4, 2];
  it.each(solving)("by %s", (adjoint) => {
    const slow = ([k, c, m, x]: number[]): number => c - m * (2 - Math.log(x / c) / k);
    for (const solver of adjoint === "backsolve" ? [undefined] : [undefined, rodas5P()]) {
      const { flat } = hessian(braked, { ...tight, adjoint, solver, loss: { final: (u: number[]) => u[0] } });
      expectMatrix(flat, ofFormula(slow, units), units, 1e-8);
    }
    // ∫ x dt.
    const area = ([k, c, m, x]: number[]): number => {
      const rest = 2 - Math.log(x / c) / k;
      return (x - c) / k + c * rest - (m * rest * rest) / 2;
    };
    const { flat } = hessian(braked, { ...tight, adjoint, loss: { integral: (u: number[]) => u[0] } });
    expectMatrix(flat, ofFormula(area, units), units, 1e-8);
  });

  it("an integrand that jumps, and several switches with kinks and an event between them", () => {
    const late = hessian(braked, { ...tight, loss: { integral: (u: number[], p: P) => (u[0] > 1.5 ? 1 : p.m) } });
    const passed = ([k, , m, x]: number[]): number => Math.log(x / 1.5) / k + m * (2 - Math.log(x / 1.5) / k);
    expectMatrix(late.flat, ofFormula(passed, units), units, 1e-8);
    const several = odeProblem({
      rhs: (u: number[], p: P, t: number) => [
        (u[0] > 1.5 * p.c ? -p.k : -p.m) + 0.2 * Math.max(0, u[1] - 0.6) * Math.cos(3 * t),
        (u[1] > p.c ? -1.2 * p.k : -p.m) - 0.1 * Math.abs(u[0] - 1.9),
      ],
      u0: [2, 1.5],
      p: { k: 0.7, c: 0.8, m: 0.4 },
      tspan: [0, 2],
      events: { when: (u: number[]) => u[1] - 1.2, apply: (u: number[], p: P) => void (u[0] += 0.1 * p.m) },
    });
    const smooth = { final: (u: number[]) => u[0] ** 2 + u[1], integral: (u: number[]) => u[0] * u[1] };
    const until = { ...tight, loss: smooth };
    const [first, ...others] = ["discrete", "gauss", "dual"].map((adjoint) =>
      hessian(several, { ...until, adjoint, check: true }),
    );
    expect(first.switches.length).toBeGreaterThan(1);
    for (const { flat, check } of [first, ...others]) {
      expect(check!.relativeDifference).toBeLessThan(1e-6);
      expectMatrix(flat, first.flat, [0.7, 0.8, 0.4, 2, 1.5], 1e-8);
    }
  });

  it("Gauss and Newton's of an integral is refused beside a jump", () => {
    const options = { loss: { integral: (u: number[]) => u[0] ** 2 }, curvature: "gaussNewton" } as const;
    expect(() => hessian(braked, options)).toThrow(SecondDerivativesRefused);
    expect(() => hessian(braked, options)).toThrow(/Gauss-Newton products have no derivative/);
  });
});
