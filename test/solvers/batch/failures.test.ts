/** Trajectories that fail, among others: each ends by itself, takes no more than it needs, and leaves nothing behind. */
import { describe, expect, test } from "vitest";
import {
  gradientBatch,
  ndarray,
  NonFinite,
  odeProblem,
  rk4,
  solveBatch,
  tsit5,
  type Loss,
  type NdArray,
  type OdeProblem,
} from "../../../index.ts";
import { LANES } from "../../../src/compile/wasm/spmd-values.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";
import { memoryMade } from "../../devices/memory.ts";

type Problem = OdeProblem<number[], number[]>;

const rowsOf = (...values: number[]): NdArray => ndarray(Float64Array.from(values), [values.length, 1]);
const loss = { final: (u: number[]) => u[0] };

/** Decays from positive starts; elsewhere there is no derivative. */
const root = (): Problem =>
  odeProblem({
    name: "root",
    rhs: (u: number[], p: number[]) => [-p[0] * u[0] * Math.sqrt(u[0])],
    u0: [1],
    p: [1],
    tspan: [0, 1],
  });

/** Grows beyond bounds at t = 1 / u0. */
const explosion = (): Problem =>
  odeProblem({ name: "explosion", rhs: (u: number[], p: number[]) => [p[0] * u[0] ** 2], u0: [1], p: [1], tspan: [0, 1] });

/** As many steps as the rate asks for. */
const fast = (): Problem =>
  odeProblem({
    name: "fast",
    rhs: (u: number[], p: number[], t) => [p[0] * (Math.cos(t) - u[0])],
    u0: [1],
    p: [1],
    tspan: [0, 1],
  });

for (const [device, run] of [
  ["cpu", test],
  ["webgpu", gpuTest],
] as const) {
  run(`a derivative that is NaN from the start ends the trajectory at once, on ${device}`, async () => {
    const { outcomes, steps, rejections, u } = await solveBatch(root(), { u0: rowsOf(1, -1, 4), device });
    expect(outcomes).toEqual(["success", "nonFinite", "success"]);
    expect([steps[1], rejections[1]]).toEqual([0, 0]);
    expect(u.get(1, 0, 0)).toBeNaN();
    // u(t) = (u0^(-1/2) + t / 2)^(-2)
    expect(u.get(2, 0, 0)).toBeCloseTo(1, 4);
    const { outcomes: fixed } = await solveBatch(root(), { u0: rowsOf(1, -1, 4), device, solver: rk4({ dt: 0.05 }) });
    expect(fixed).toEqual(["success", "nonFinite", "success"]);
  });

  run(`one that comes up on the way takes few tries, on ${device}`, async () => {
    const late = odeProblem({
      name: "late",
      rhs: (u: number[]) => [Math.sqrt(u[0] - 0.5) - 1],
      u0: [1],
      tspan: [0, 3],
    });
    const { outcomes, rejections } = await solveBatch(late, { u0: rowsOf(1, 1e4), device });
    expect(outcomes).toEqual(["nonFinite", "success"]);
    expect(rejections[0]).toBeLessThan(100);
  });

  run(`a maximum does not hide a NaN, on ${device}`, async () => {
    const hidden = odeProblem({
      name: "hidden",
      rhs: (u: number[]) => [Math.max(Math.sqrt(u[0] - 2), 0.5) + Math.min(Math.sqrt(u[0] - 2), 0.5)],
      u0: [1],
      tspan: [0, 1],
    });
    for (const solver of [undefined, rk4({ dt: 0.1 })]) {
      const { outcomes } = await solveBatch(hidden, { u0: rowsOf(1, 3), device, solver });
      expect(outcomes).toEqual(["nonFinite", "success"]);
    }
  });

  run(`what leaves the finite numbers is no success, on ${device}`, async () => {
    const growing = odeProblem({
      name: "growing",
      rhs: (u: number[], p: number[]) => [p[0] * u[0]],
      u0: [1],
      p: [1],
      tspan: [0, 1],
    });
    const p = rowsOf(1, 5000);
    for (const solver of [undefined, rk4({ dt: 0.001 })]) {
      const { outcomes } = await solveBatch(growing, { p, device, solver });
      expect(outcomes[0]).toBe("success");
      expect(outcomes[1]).not.toBe("success");
    }
  });

  run(`gradients say how many trajectories they are of, on ${device}`, async () => {
    const alone = await gradientBatch(root(), { u0: rowsOf(1, 4), loss, device });
    const problem = root();
    const { value, values, succeeded, u0, p, outcomes, warnings } = await gradientBatch(problem, {
      u0: rowsOf(1, -1, 4),
      loss,
      device,
    });
    expect(outcomes).toEqual(["success", "nonFinite", "success"]);
    expect([value, p, succeeded]).toEqual([alone.value, alone.p, 2]);
    expect([values[1], u0.get(1, 0)]).toEqual([NaN, NaN]);
    expect(warnings).toEqual(["1 of 3 trajectories failed (1 nonFinite): the value and the gradient are of the others alone."]);
    expect(alone.warnings).toEqual([]);
    const none = await gradientBatch(problem, { u0: rowsOf(-1, -2), loss, device });
    expect(none).toMatchObject({ value: NaN, p: [NaN], succeeded: 0, outcomes: ["nonFinite", "nonFinite"] });
    expect(none.warnings.join()).toMatch(/2 of 2 trajectories failed/);
  });
}

test("a loss that is no finite number is no success", async () => {
  const { outcomes, values, value } = await gradientBatch(explosion(), {
    u0: rowsOf(0.5, 0.25),
    loss: { final: (u: number[]) => u[0] + Math.log(u[0] - 0.5) },
  });
  expect(outcomes).toEqual(["success", "nonFinite"]);
  expect(values[1]).toBeNaN();
  // u(1) = u0 / (1 - u0)
  expect(value).toBeCloseTo(1 + Math.log(0.5), 4);
});

test("those that fail take no memory, and later gradients of the problem neither fail nor take more", async () => {
  for (const [problem, bad] of [
    [root(), -1],
    [explosion(), 1.5],
  ] as const) {
    const good = { u0: rowsOf(0.5, 0.25, 0.125), loss };
    const [alone, bytes] = await memoryMade(() => gradientBatch(problem, good));
    const [mixed, more] = await memoryMade(() => gradientBatch(problem, { ...good, u0: rowsOf(0.5, bad, 0.25, 0.125) }));
    expect(mixed.outcomes[1]).not.toBe("success");
    expect([mixed.value, mixed.p]).toEqual([alone.value, alone.p]);
    expect(more).toBeLessThan(2 ** 21);
    const [after, again] = await memoryMade(() => gradientBatch(problem, good));
    expect(after).toEqual(alone);
    expect(again).toBeLessThanOrEqual(bytes);
  }
});

test("of long trajectories each takes room for its own steps", async () => {
  const problem = fast();
  const p = rowsOf(1, 2, 60_000, 3);
  const options = { loss, solver: tsit5() };
  const [mixed, bytes] = await memoryMade(() => gradientBatch(problem, { ...options, p }));
  expect(mixed.outcomes).toEqual(["success", "success", "success", "success"]);
  const { steps } = await solveBatch(problem, { p, solver: tsit5() });
  expect(steps[2]).toBeGreaterThan(10_000);
  // The derivatives of 7 stages, state and time of each step, for all lanes; the tangent's error may ask for some more steps.
  expect(bytes).toBeLessThan(2 * 1.1 * steps[2] * 9 * 8 * LANES + 2 ** 21);
  for (const m of [0, 2]) {
    const alone = await gradientBatch(problem, { ...options, p: rowsOf(p.get(m, 0)) });
    expect(alone.values[0]).toBe(mixed.values[m]);
    expect((alone.p as NdArray).data).toEqual((mixed.p as NdArray).data.slice(m, m + 1));
  }
  const [, after] = await memoryMade(() => gradientBatch(problem, { ...options, p: rowsOf(1) }));
  expect(after).toBeLessThan(2 ** 21);
});

test("too many steps end one, not the others", async () => {
  const p = rowsOf(1, 60_000);
  const [{ outcomes, succeeded }, bytes] = await memoryMade(() =>
    gradientBatch(fast(), { p, loss, solver: tsit5(), maxSteps: 2000 }),
  );
  expect([outcomes, succeeded]).toEqual([["success", "tooManySteps"], 1]);
  expect(bytes).toBeLessThan(2 ** 21);
});

/** Each is well where p is 0.5, and not where it is the other number. */
const numbersThatAreBad: readonly [string, bad: number, () => Problem, Loss<number[], number[]>][] = [
  [
    "an event that writes NaN",
    50,
    () =>
      odeProblem({
        rhs: (u: number[]) => [-u[0]],
        u0: [10],
        p: [0.5],
        tspan: [0, 2],
        events: {
          at: [1],
          apply(u, p) {
            u[0] = Math.sqrt(u[0] - p[0]);
          },
        },
      }),
    loss,
  ],
  [
    "an event that makes a parameter NaN",
    -1,
    () =>
      odeProblem({
        rhs: (u: number[], p: number[]) => [-p[0] * u[0]],
        u0: [1],
        p: [0.5],
        tspan: [0, 2],
        events: {
          at: [1],
          apply(_u, p) {
            p[0] = Math.sqrt(p[0]);
          },
        },
      }),
    loss,
  ],
  [
    "a condition that is NaN",
    -1,
    () =>
      odeProblem({
        rhs: (u: number[]) => [-u[0]],
        u0: [1],
        p: [0.5],
        tspan: [0, 2],
        events: {
          when: (u, p) => u[0] - Math.sqrt(p[0]),
          apply(u) {
            u[0] += 1;
          },
        },
      }),
    loss,
  ],
  [
    "an integrand that is NaN",
    -1,
    () => odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], p: [0.5], tspan: [0, 2] }),
    { integral: (u: number[], p: number[]) => u[0] * Math.sqrt(p[0]) },
  ],
];

describe.each(numbersThatAreBad)("%s", (_, bad, problem, ownLoss) => {
  const at = (m: number): number[] => [0, 1, 2].map((i) => (i === m ? bad : 0.5));

  test.each([0, 1, 2])("in trajectory %i ends that one alone in gradientBatch", async (m) => {
    const { outcomes, values } = await gradientBatch(problem(), { p: rowsOf(...at(m)), loss: ownLoss });
    expect(outcomes.map((outcome) => outcome === "success")).toEqual([0, 1, 2].map((i) => i !== m));
    expect(values[m]).toBeNaN();
    const well = await gradientBatch(problem(), { p: rowsOf(0.5), loss: ownLoss });
    expect(values[(m + 1) % 3]).toBeCloseTo(well.values[0], 6);
  });
});

test("what every trajectory throws, one by one, is thrown", async () => {
  const [, bad, problem] = numbersThatAreBad[1];
  await expect(gradientBatch(problem(), { p: rowsOf(bad, bad), loss })).rejects.toBeInstanceOf(NonFinite);
});
