/** Gradients of batches of problems with events, of integrals, and through switching times that move: the sums of those of each alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  gradient,
  gradientBatch,
  ndarray,
  odeProblem,
  periodic,
  type Loss,
  type NdArray,
  type OdeProblem,
} from "../../../index.ts";

const tight = { rtol: 1e-8, atol: 1e-9 };

const dosed = odeProblem({
  rhs: (u: { gut: number; blood: number }, p: { a: number; k: number; dose: number; lag: number }) => ({
    gut: -p.a * u.gut,
    blood: p.a * u.gut - p.k * u.blood,
  }),
  u0: { gut: 1, blood: 0.2 },
  tspan: [0, 12],
  p: { a: 0.8, k: 0.2, dose: 3, lag: 0.5 },
  events: {
    at: (p: { lag: number }) => [p.lag, p.lag + 4, p.lag + 8],
    apply(u, p, _t, _constants, index) {
      u.gut += p.dose / (1 + index);
    },
  },
});
const doses = ndarray(Float64Array.of(0.8, 0.2, 3, 0.5, 0.5, 0.3, 2, 1.25, 1.2, 0.1, 1, 3), [3, 4]);

const ball = odeProblem({
  rhs: (u: { height: number; speed: number }, p: { gravity: number; restitution: number }) => ({
    height: u.speed,
    speed: -p.gravity,
  }),
  u0: { height: 1, speed: 0 },
  tspan: [0, 1.5],
  p: { gravity: 9.81, restitution: 0.8 },
  events: {
    when: (u) => u.height,
    direction: "down",
    apply(u, p) {
      u.speed *= -p.restitution;
    },
  },
});
const drops = ndarray(Float64Array.of(1, 0, 0.7, 0.5, 1.3, -1), [3, 2]);

const pulsed = odeProblem({
  rhs: (u: { x: number }, p: { on: number; k: number }, t: number) => ({ x: (t >= p.on ? 1 : 0) - p.k * u.x }),
  u0: { x: 0.5 },
  tspan: [0, 4],
  p: { on: 1, k: 0.3 },
});

const harvested = odeProblem({
  rhs: (u: { fish: number }, p: { growth: number; catch: number }) => ({
    fish: p.growth * u.fish * (1 - u.fish) - p.catch * u.fish,
  }),
  u0: { fish: 0.5 },
  tspan: [0, 6],
  p: { growth: 1, catch: 0.6 },
  events: periodic({
    every: 2,
    from: 2,
    apply(_u, p: { growth: number; catch: number }) {
      p.catch /= 2;
    },
  }),
});

interface Case {
  readonly problem: OdeProblem<object, object>;
  readonly loss: Loss<object, object>;
  readonly u0?: NdArray;
  readonly p?: NdArray;
}

/** Of the problem's own types no more is known than that state and parameters have names. */
const of = <U, P>(problem: OdeProblem<U, P>, loss: Loss<U, P>, rows: Pick<Case, "u0" | "p">): Case => ({
  problem: problem as unknown as Case["problem"],
  loss: loss as unknown as Case["loss"],
  ...rows,
});

const cases: readonly (readonly [string, Case])[] = [
  [
    "doses at times that p moves",
    of(dosed, { at: [2, 5, 12], of: ({ blood }) => blood ** 2, final: ({ gut }) => gut }, { p: doses }),
  ],
  ["doses, integrated", of(dosed, { integral: ({ blood }) => blood ** 2 }, { p: doses })],
  ["bounces", of(ball, { final: ({ height }) => height ** 2 }, { u0: drops })],
  [
    "an event that changes parameters",
    of(harvested, { final: ({ fish }) => fish }, { u0: ndarray(Float64Array.of(0.5, 0.2), [2, 1]) }),
  ],
  ["a switching time that moves", of(pulsed, { final: ({ x }) => x }, { p: ndarray(Float64Array.of(1, 0.3, 2, 0.1), [2, 2]) })],
];

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-3);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(found[i] - expected[i]) / scale, `${what}[${i}] = ${found[i]}, not ${expected[i]}`).toBeLessThan(1e-6);
}

describe("each gradient is that of its trajectory alone, and what is shared is their sum", () => {
  test.each(cases)("%s", async (name, { problem, loss, u0, p }) => {
    const batch = await gradientBatch(problem, { loss, ...(u0 && { u0 }), ...(p && { p }), ...tight });
    const count = (u0 ?? p)!.shape[0];
    const isFollowed = name.startsWith("an event that changes") || name.startsWith("a switching time");
    expect([batch.plan.way, batch.plan.adjoint === "dual"]).toEqual(isFollowed ? ["one by one", false] : ["lanes", true]);
    expect(batch.outcomes).toEqual(Array(count).fill("success"));
    const sums = { p: new Float64Array(problem.layout.p.size), u0: new Float64Array(problem.layout.u.size) };
    for (let m = 0; m < count; m++) {
      const named = (rows: NdArray | undefined, of: object): object | undefined =>
        rows && Object.fromEntries(Object.keys(of).map((name, i) => [name, rows.get(m, i)]));
      const own = { u0: named(u0, problem.u0), p: named(p, problem.p) };
      const alone = gradient(problem, { loss, ...own, wrt: ["p", "u0"], ...tight });
      expectClose([batch.values[m]], [alone.value], `value ${m}`);
      for (const of of ["p", "u0"] as const) {
        alone.flat[of].forEach((x: number, i: number) => (sums[of][i] += x));
        if (!(of === "p" ? p : u0)) continue;
        const row = Array.from(alone.flat[of], (_, i) => (batch[of] as NdArray).get(m, i));
        expectClose(row, alone.flat[of], `${of} of ${m}`);
      }
    }
    if (!p) expectClose(Object.values(batch.p), sums.p, "p");
    if (!u0) expectClose(batch.u0.data, sums.u0, "u0");
  });
});

test("the plan says which way was taken, and why", async () => {
  const loss = { final: (u: { x: number }) => u.x };
  const rows = ndarray(Float64Array.of(1, 2), [2, 1]);
  const lanes = await gradientBatch({ ...pulsed, tspan: [2, 4] }, { u0: rows, loss });
  expect(lanes.plan).toMatchObject({ way: "lanes", adjoint: "discrete" });
  const moving = await gradientBatch(pulsed, { u0: rows, loss });
  expect(moving.plan.way).toBe("one by one");
  expect(moving.plan.because).toMatch(/^parameters move times/);
  const integral = await gradientBatch(pulsed, { u0: rows, loss: { integral: (u: { x: number }) => u.x } });
  expect(integral.plan.because).toMatch(/integral/);
});

test("one that fails does not disturb the others, and the sums are of these", async () => {
  const terminal = odeProblem({
    rhs: (u: number[], p: number[]) => [p[0] * u[0]],
    u0: [1],
    p: [1],
    tspan: [0, 2],
    events: { when: (u: number[]) => u[0] - 5, terminal: true },
  });
  const p = ndarray(Float64Array.of(0.5, 1, 0.25), [3, 1]);
  const {
    outcomes,
    values,
    value,
    warnings,
    p: byP,
  } = await gradientBatch(terminal, {
    p,
    loss: { at: [2], of: (u: number[]) => u[0] },
  });
  expect(outcomes).toEqual(["success", "endedBeforeLoss", "success"]);
  expect(values[1]).toBeNaN();
  expect(value).toBeCloseTo(Math.exp(1) + Math.exp(0.5), 5);
  expect((byP as NdArray).get(0, 0)).toBeCloseTo(2 * Math.exp(1), 4);
  expect(warnings.join()).toMatch(/1 of 3 trajectories failed \(1 endedBeforeLoss\)/);
});

/** Bounces with doses of speed, at random parameters. */
const random = odeProblem({
  rhs: (u: number[], p: number[]) => [u[1], -p[0] - p[1] * u[1]],
  u0: [1, 0],
  p: [9, 0.1, 0.8, 0.3, 0.5],
  tspan: [0, 1.2],
  events: [
    { when: (u: number[]) => u[0], direction: "down", apply: (u: number[], p: number[]) => void (u[1] *= -p[2]) },
    {
      at: (p: number[]) => [p[3], 2 * p[3]],
      apply: (u: number[], p: number[], _t, _c, index) => void (u[1] += p[4] * (1 + index)),
    },
  ],
});
/** In millionths, none of them as good as zero. */
const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((x) => Math.round(x * 1e6) / 1e6 || 1e-6);

test("random models: each gradient is that of its trajectory alone", async () => {
  const parameters = fc.tuple(between(5, 15), between(0, 0.5), between(0.5, 0.95), between(0.05, 0.7), between(-0.5, 1));
  const loss = { integral: (u: number[]) => u[0] ** 2, at: [0.4, 1.1], of: (u: number[]) => u[0] * u[1] };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(parameters, between(0.5, 2)), { minLength: 2, maxLength: 4 }), async (members) => {
      const p = ndarray(Float64Array.from(members.flatMap(([own]) => own)), [members.length, 5]);
      const u0 = ndarray(Float64Array.from(members.flatMap(([, height]) => [height, 0])), [members.length, 2]);
      const batch = await gradientBatch(random, { u0, p, loss, ...tight });
      expect(batch.plan).toMatchObject({ way: "lanes", adjoint: "dual" });
      members.forEach(([own, height], m) => {
        const alone = gradient(random, { u0: [height, 0], p: own, loss, wrt: ["p", "u0"], onFailure: "infinity", ...tight });
        expect(batch.outcomes[m] === "success").toBe(alone.failure === undefined);
        if (alone.failure) return;
        expectClose(
          Array.from(alone.flat.p, (_, j) => (batch.p as NdArray).get(m, j)),
          alone.flat.p,
          `p of ${m}`,
        );
        expectClose(
          [0, 1].map((i) => batch.u0.get(m, i)),
          alone.flat.u0,
          `u0 of ${m}`,
        );
      });
    }),
    { numRuns: 10, seed: 3 },
  );
});

test("a condition that only touches zero has no derivative, and disturbs no other", async () => {
  const touching = odeProblem({
    rhs: (_u: number[], p: number[], t: number) => [2 * (t - 1) * p[0], 0],
    u0: [1, 0],
    p: [1],
    tspan: [0, 2],
    events: { when: (u: number[]) => u[0], apply: (u: number[]) => void (u[1] += u[0] + 1) },
  });
  const { outcomes } = await gradientBatch(touching, {
    p: ndarray(Float64Array.of(0.5, 1.5), [2, 1]),
    loss: { final: (u: number[]) => u[1] },
  });
  expect(outcomes).toEqual(["success", "success"]);
  const grazing = await gradientBatch(touching, {
    p: ndarray(Float64Array.of(0.5, 1.0000000001), [2, 1]),
    loss: { final: (u: number[]) => u[1] },
  });
  expect(grazing.outcomes).toEqual(["success", "notDifferentiable"]);
});
