/**
 * Random right-hand sides that are affine piece by piece, with jumps and kinks where the time, the state and parameters say, against exact
 * solves: each piece by its closed form, up to the logarithm that says when the next begins. What slides is refused; nothing is silent.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, rodas5P, SlidingMode, solve, tsit5, vern7 } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

interface State {
  x: number;
  y: number;
  z: number;
}

/** x' = a x + b, and more of that where x is beyond c; y follows x, and z counts the time that x is above d. */
interface Parameters {
  a: number;
  b: number;
  a1: number;
  b1: number;
  c: number;
  d: number;
  k: number;
  lag: number;
  dose: number;
}

type Rate = (x: number, t: number, p: Parameters) => number;

interface Kind {
  readonly rhs: (du: State, u: State, p: Parameters, t: number) => void;
  /** The same, of x alone. */
  readonly rate: Rate;
  /** Places where it is another one, beside d. */
  readonly places: (p: Parameters) => readonly number[];
}

const whole = Array.from({ length: 2001 }, (_, k) => k - 1000);

const kinds: Readonly<Record<string, Kind>> = {
  "a threshold": {
    rhs(du, u, p, t) {
      du.x = p.a * u.x + p.b + (u.x > p.c ? p.a1 * u.x + p.b1 : 0) + (t > p.lag ? p.dose : 0);
      du.y = u.x - p.k * u.y;
      du.z = u.x > p.d ? 1 : 0;
    },
    rate: (x, t, p) => p.a * x + p.b + (x > p.c ? p.a1 * x + p.b1 : 0) + (t > p.lag ? p.dose : 0),
    places: (p) => [p.c],
  },
  "a threshold that counts from a time on": {
    rhs(du, u, p, t) {
      if (u.x >= p.c && t >= p.lag) du.x = p.a * u.x + p.b1;
      else du.x = p.a * u.x + p.b;
      du.y = u.x - p.k * u.y;
      du.z = u.x < p.d ? 0 : 1;
    },
    rate: (x, t, p) => p.a * x + (x >= p.c && t >= p.lag ? p.b1 : p.b),
    places: (p) => [p.c],
  },
  "whole numbers": {
    rhs(du, u, p, t) {
      du.x = p.a * u.x + p.b + 0.25 * p.b1 * Math.floor(u.x) + (t < p.lag ? 0 : p.dose);
      du.y = u.x - p.k * u.y;
      du.z = u.x > p.d ? 1 : 0;
    },
    rate: (x, t, p) => p.a * x + p.b + 0.25 * p.b1 * Math.floor(x) + (t < p.lag ? 0 : p.dose),
    places: () => whole,
  },
  "a sign": {
    rhs(du, u, p, t) {
      du.x = p.a * u.x + p.b + p.b1 * Math.sign(u.x - p.c) + (t > p.lag ? p.dose : 0);
      du.y = u.x - p.k * u.y;
      du.z = u.x > p.d ? 1 : 0;
    },
    rate: (x, t, p) => p.a * x + p.b + p.b1 * Math.sign(x - p.c) + (t > p.lag ? p.dose : 0),
    places: (p) => [p.c],
  },
  "a kink": {
    rhs(du, u, p, t) {
      du.x = p.a * u.x + p.b + p.a1 * Math.max(u.x, p.c) + (t > p.lag ? p.dose : 0);
      du.y = u.x - p.k * u.y;
      du.z = u.x > p.d ? 1 : 0;
    },
    rate: (x, t, p) => p.a * x + p.b + p.a1 * Math.max(x, p.c) + (t > p.lag ? p.dose : 0),
    places: (p) => [p.c],
  },
  "a kink alone": {
    rhs(du, u, p, t) {
      du.x = p.a * u.x + p.b + p.a1 * Math.abs(u.x - p.c) + (t > p.lag ? p.dose : 0);
      du.y = u.x - p.k * u.y;
      du.z = Math.min(u.x, p.d);
    },
    rate: (x, t, p) => p.a * x + p.b + p.a1 * Math.abs(x - p.c) + (t > p.lag ? p.dose : 0),
    places: (p) => [p.c],
  },
};

const numRuns = Number(process.env.ODEGRAD_RANDOM ?? 8);
const END = 3;

/** The state at the end, and the pieces that it took; undefined where it slides. */
function exact(
  { rate, places }: Kind,
  p: Parameters,
  start: State,
  clips: boolean,
): (State & { readonly pieces: string }) | undefined {
  let { x, y, z } = start;
  let [t, pieces] = [0, ""];
  let heading = 0;
  const all = [...places(p), p.d].sort((a, b) => a - b);
  for (let piece = 0; t < END; piece++) {
    if (piece > 200) throw new Error("so many pieces");
    // The time is within the piece where it is asked for.
    const later = t < p.lag ? Math.min(p.lag, END) : END;
    const within = (t + later) / 2;
    const index = all.filter((place) => (heading > 0 ? place <= x : heading < 0 ? place < x : place < x)).length;
    const [low, high] = [all[index - 1] ?? x - 100, all[index] ?? x + 100];
    const [one, other] = [low + (high - low) / 3, high - (high - low) / 3];
    const a = (rate(other, within, p) - rate(one, within, p)) / (other - one);
    const b = rate(one, within, p) - a * one;
    const r = a * x + b;
    if (heading !== 0 && r * heading < 0 && all.includes(x)) return undefined;
    const target = r > 0 ? high : low;
    const ratio = (a * target + b) / r;
    const toTarget = ratio > 0 ? (Math.abs(a) < 1e-9 ? (target - x) / r : Math.log(ratio) / a) : Infinity;
    const crosses = toTarget < later - t;
    const s = crosses ? toTarget : later - t;
    pieces += `${index}${crosses ? (r > 0 ? "up" : "down") : "on"}${target === p.d ? "d" : ""},`;
    const centre = -b / a;
    const [grown, decayed] = [Math.exp(a * s), Math.exp(-p.k * s)];
    const off = x - centre;
    const integral = (off * (grown - 1)) / a + centre * s;
    z += clips ? (one > p.d ? p.d * s : integral) : one > p.d ? s : 0;
    y = y * decayed + (off * (grown - decayed)) / (a + p.k) + (centre * (1 - decayed)) / p.k;
    x = crosses ? target : centre + off * grown;
    t = crosses ? t + s : later;
    heading = crosses ? Math.sign(r) : 0;
  }
  return { x, y, z, pieces };
}

const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1000 }).map((k) => min + ((max - min) * (k + 0.37)) / 1001);

const model = fc.record({
  p: fc.record({
    a: between(-1.3, 0.4),
    b: between(-2, 2),
    a1: between(-0.5, 0.5),
    b1: between(-2, 2),
    c: between(-1, 1),
    d: between(-1, 1),
    k: between(1.6, 2.5),
    lag: between(0.4, 2.6),
    dose: between(-3, 3),
  }),
  x: between(-2, 2),
});

const lossOf = ({ x, y, z }: State): number => x + 2 * y + 3 * z;

/** The derivatives by p, and by x at the start; undefined where the pieces are others nearby. */
function exactGradient(kind: Kind, p: Parameters, start: State, clips: boolean): number[] | undefined {
  const pieces = exact(kind, p, start, clips)!.pieces;
  const along = (change: (h: number) => [Parameters, State]): number => {
    const at = (h: number): number => {
      const found = exact(kind, ...change(h), clips);
      return found?.pieces === pieces ? lossOf(found) : NaN;
    };
    const difference = (h: number): number => (at(h) - at(-h)) / (2 * h);
    return (4 * difference(1e-5) - difference(2e-5)) / 3;
  };
  const slopes = [
    ...Object.keys(p).map((name) => along((h) => [{ ...p, [name]: p[name as keyof Parameters] + h }, start])),
    along((h) => [p, { ...start, x: start.x + h }]),
  ];
  return slopes.every(Number.isFinite) ? slopes : undefined;
}

const tight = { rtol: 1e-8, atol: 1e-8 };

describe.each(Object.entries(kinds))("%s", (name, kind) => {
  const clips = name === "a kink alone";
  const p0: Parameters = { a: -1, b: 1, a1: 0.1, b1: 1, c: 0, d: 0.5, k: 2, lag: 1, dose: 1 };
  const problem = odeProblem<State, Parameters>({ rhs: kind.rhs, u0: { x: 0, y: 0, z: 0 }, p: p0, tspan: [0, END] });

  it("solutions, and gradients by every method", () => {
    let [slid, compared] = [0, 0];
    fc.assert(
      fc.property(model, ({ p, x }) => {
        const start = { x, y: 0, z: 0 };
        const right = exact(kind, p, start, clips);
        if (!right) {
          slid++;
          expect(() => solve(problem, { p, u0: start, ...tight })).toThrow(SlidingMode);
          return;
        }
        for (const solver of [tsit5(), vern7(), rodas5P()]) {
          const end = solve(problem, { p, u0: start, solver, ...tight }).u.at(-1)!;
          for (const each of ["x", "y", "z"] as const) expect(Math.abs(end[each] - right[each])).toBeLessThan(1e-5);
        }
        const slopes = exactGradient(kind, p, start, clips);
        if (!slopes) return;
        compared++;
        const scale = Math.max(1, ...slopes.map(Math.abs));
        for (const adjoint of Object.keys(adjointMethods).filter((method) => method !== "steadyState")) {
          const found = gradient(problem, {
            p,
            u0: start,
            adjoint,
            solver: tsit5(),
            ...tight,
            loss: { final: (u) => u.x + 2 * u.y + 3 * u.z },
            wrt: ["p", "u0"],
          });
          const flat = [...found.flat.p!, found.flat.u0![0]];
          flat.forEach((slope, k) =>
            expect(Math.abs(slope - slopes[k]) / scale, `${adjoint}, ${k}: ${slope}, ${slopes[k]}`).toBeLessThan(1e-5),
          );
        }
      }),
      { numRuns, seed: 7 },
    );
    expect(compared).toBeGreaterThan(0);
    expect(slid).toBeGreaterThanOrEqual(0);
  }, 600_000);
});
