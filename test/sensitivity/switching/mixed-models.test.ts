/**
 * Random models that mix what switches: thresholds, kinks, whole numbers, remainders, times, doses, and events of the state, with losses at
 * times, at the end and of integrals. Gradients by all methods are held to differences of solves with tight tolerances: what is not right
 * is told, or refused by name.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  fbdf,
  gradient,
  OdegradError,
  odeProblem,
  radauIIA5,
  rock4,
  rodas5P,
  solve,
  trbdf2,
  tsit5,
  vern9,
  type Loss,
  type Method,
  type OdeProblem,
} from "../../../index.ts";

interface State {
  x: number;
  y: number;
  w: number;
  q: number;
}
type Parameters = Record<"a" | "b" | "c" | "d" | "s" | "r" | "lag" | "dose", number>;
type Rhs = (du: State, u: State, p: Parameters, t: number) => void;
type OfState<R> = (u: State, p: Parameters, t: number) => R;
type Problem = OdeProblem<State, Parameters>;

/** A function of this text. */
const made = <F>(parameters: string, body: string): F => new Function(`return (${parameters}) => { ${body} }`)() as F;

/** What is added to derivatives, to that of w most often, which leads to nothing else. */
const terms = [
  "(u.x > p.c ? p.s : 0)",
  "(u.y < p.d ? p.s * u.x : p.r)",
  "(u.x > p.c && u.y > p.d ? p.s : 0)",
  "(u.x > p.c * Math.cos(t) ? p.r : u.y)",
  "0.3 * Math.floor(2 * u.x + p.c)",
  "0.2 * Math.round(1.5 * u.y - p.d)",
  "((1.3 * u.x + p.d) % 0.8)",
  "Math.sign(u.y - p.d) * p.s",
  "p.r * Math.max(u.x, p.c)",
  "p.s * Math.abs(u.y - p.d)",
  "Math.min(u.x, p.c, u.y)",
  "(t > p.lag ? p.s : 0)",
  "(t % p.lag < 0.4 ? p.r : 0)",
  "(t > p.lag ? (u.x > p.d ? p.s : p.r) : 0)",
  "(((u.x * 1.7) | 0) === 0 ? p.s : 0)",
  "(Math.abs(u.x) > Math.abs(p.c) ? p.r * u.y : 0)",
  "p.s * u.x",
];

const applied = ["u.x += p.dose", "u.y *= -p.b", "u.x = p.d; u.w += 1", "u.y += p.dose * u.x", "u.w += u.x; u.x *= 0.5"];
const conditions = ["u.x - p.c", "u.y - p.d", "u.x + u.y - p.s", "u.x - p.c - 0.3 * t", "u.w - p.lag"];

const pick = <T>(all: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...all);
const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1_000_000 }).map((k) => min + ((max - min) * (k + 0.37)) / 1_000_001);

const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);

const model = fc.record({
  inX: fc.option(pick(terms), { freq: 1 }),
  inY: fc.option(pick(terms), { freq: 1 }),
  inW: fc.array(pick(terms), { minLength: 1, maxLength: 3 }),
  timed: fc.option(
    fc.record({ at: fc.array(between(0.2, 2.8), { minLength: 1, maxLength: 2 }).map(sorted), apply: pick(applied) }),
  ),
  met: fc.option(fc.record({ when: pick(conditions), direction: pick(["up", "down", "both"] as const), apply: pick(applied) }), {
    freq: 2,
  }),
  integrand: fc.option(pick(terms), { freq: 1 }),
  times: fc.option(fc.array(between(0.1, 2.9), { minLength: 1, maxLength: 2 }).map(sorted)),
  start: fc.record({ x: between(-1.5, 1.5), y: between(-1.5, 1.5) }),
  p: fc.record({
    a: between(1, 4),
    b: between(0.2, 0.9),
    c: between(-0.8, 0.8),
    d: between(-0.8, 0.8),
    s: between(0.3, 1.5),
    r: between(-1.5, 1.5),
    lag: between(0.5, 2.5),
    dose: between(-1, 1),
  }),
});
type Model = typeof model extends fc.Arbitrary<infer M> ? M : never;

const END = 3;
const ways: readonly (readonly [string | undefined, Method | undefined])[] = [
  [undefined, undefined],
  ["gauss", tsit5()],
  ["gauss", rock4()],
  ["gauss", radauIIA5()],
  ["discrete", tsit5()],
  ["discrete", rodas5P()],
  ["discrete", trbdf2()],
  ["quadrature", vern9()],
  ["interpolating", rodas5P()],
  ["backsolve", tsit5()],
  ["dual", tsit5()],
  ["dual", fbdf()],
  ["forwardSensitivity", tsit5()],
];

function problemOf({ inX, inY, inW, timed, met, integrand, start, p }: Model): Problem {
  const rhs = made<Rhs>(
    "du, u, p, t",
    `du.x = u.y - 0.2 * u.x + 0.3 * (${inX ?? 0});
     du.y = -p.a * u.x - p.b * u.y + Math.cos(1.7 * t) - 0.1 * u.x ** 3 + 0.4 * (${inY ?? 0});
     du.w = ${inW.join(" + ")} - 0.1 * u.w;
     du.q = ${integrand ?? 0};`,
  );
  const apply = (body: string): ((u: State, p: Parameters, t: number) => void) => made("u, p, t", body);
  const events = [
    ...(timed ? [{ at: timed.at, apply: apply(timed.apply) }] : []),
    ...(met
      ? [{ when: made<OfState<number>>("u, p, t", `return ${met.when}`), direction: met.direction, apply: apply(met.apply) }]
      : []),
  ];
  return odeProblem<State, Parameters>({ rhs, u0: { ...start, w: 0, q: 0 }, tspan: [0, END], p, events });
}

/** The loss, by its own solve with q for the integral, and what the solution went through. */
function valueOf(problem: Problem, m: Model, p: Parameters, start: State): { value: number; course: string } {
  const times = m.times ?? [];
  const solution = solve(problem, { p, u0: start, solver: vern9(), rtol: 1e-12, atol: 1e-13, saveat: [...times, END] });
  const end = solution.u.at(-1)!;
  const seen = times.reduce((sum, _, k) => sum + solution.u[k].x ** 2 + solution.u[k].w, 0);
  const course = [
    ...solution.events.map(({ event }) => event),
    ...solution.switches.map(({ text, times: each }) => `${text} ${each.length}`),
  ].join();
  return { value: seen + end.w + end.x + 0.5 * end.y + end.q, course };
}

const names = ["a", "b", "c", "d", "s", "r", "lag", "dose"] as const;

/** By extrapolated central differences of two distances; undefined where the course is another nearby, or they do not agree. */
function differences(problem: Problem, m: Model): { slopes: number[]; value: number } | undefined {
  const u0: State = { ...m.start, w: 0, q: 0 };
  const base = valueOf(problem, m, m.p, u0);
  const along = (move: (h: number) => [Parameters, State]): number => {
    const at = (h: number): number => {
      const found = valueOf(problem, m, ...move(h));
      return found.course === base.course ? found.value : NaN;
    };
    const [near, far] = [1e-4, 2e-4].map((h) => (at(h) - at(-h)) / (2 * h));
    const slope = (4 * near - far) / 3;
    return Math.abs(near - far) < 1e-3 * Math.max(1, Math.abs(slope)) ? slope : NaN;
  };
  const slopes = [
    ...names.map((name) => along((h) => [{ ...m.p, [name]: m.p[name] + h }, u0])),
    along((h) => [m.p, { ...u0, x: u0.x + h }]),
    along((h) => [m.p, { ...u0, y: u0.y + h }]),
  ];
  return slopes.every(Number.isFinite) ? { slopes, value: base.value } : undefined;
}

const numRuns = Number(process.env.ODEGRAD_RANDOM ?? 8);
const seed = Number(process.env.ODEGRAD_SEED ?? 5);

/** Methods of low order, or with an error estimate that says little. */
const rough: readonly string[] = ["trbdf2", "fbdf", "rock4"];

it("gradients are those of differences, or say that they are not", () => {
  let [compared, others] = [0, 0];
  fc.assert(
    fc.property(model, fc.nat(ways.length - 1), (m, first) => {
      const right = ifItCan(() => differences(problemOf(m), m));
      if (!right) return;
      const scale = Math.max(1, ...right.slopes.map(Math.abs));
      for (const [adjoint, solver] of [ways[first], ways[(first + 5) % ways.length]]) {
        const options = { loss: lossOf(m), adjoint, solver, rtol: 1e-8, atol: 1e-8, wrt: ["p", "u0"] as const };
        const found = ifItCan(() => gradient(problemOf(m), options));
        if (!found || found.warnings.some((warning) => warning.includes("` switches "))) {
          others++;
          continue;
        }
        compared++;
        const within = solver && rough.includes(solver.name) ? 3e-4 : 1e-5;
        const way = `${adjoint} and ${solver?.name}`;
        expect(Math.abs(found.value - right.value), way).toBeLessThan(within * Math.max(1, Math.abs(right.value)));
        [...found.flat.p!, ...found.flat.u0!.slice(0, 2)].forEach((slope, k) =>
          expect(Math.abs(slope - right.slopes[k]), `${way}, ${k}: ${slope}, ${right.slopes[k]}`).toBeLessThan(within * scale),
        );
      }
    }),
    { numRuns, seed },
  );
  expect(compared).toBeGreaterThan(9 * others);
}, 3_600_000);

function lossOf({ integrand, times }: Model): Loss<State, Parameters> {
  return {
    final: made<(u: State) => number>("u", "return u.w + u.x + 0.5 * u.y"),
    ...(integrand ? { integral: made<OfState<number>>("u, p, t", `return ${integrand}`) } : {}),
    ...(times ? { at: times, of: made<(u: State) => number>("u", "return u.x ** 2 + u.w") } : {}),
  };
}

/** Undefined where it is refused by name: what slides, and events without an end. */
function ifItCan<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof OdegradError) return undefined;
    throw error;
  }
}
