/** One trajectory whose numbers are bad disturbs no other, whoever does them; what is wrong with all is thrown. */
import { describe, expect, it } from "vitest";
import { BadEvents, BadReducer, gradientEnsemble, mean, odeProblem, rodas5P, solveEnsemble } from "../../index.ts";

const loss = { final: (u: number[]) => u[0] };

/** Its event writes a root of what is negative where p.threshold is large. */
const rooted = odeProblem({
  rhs: (u: number[], p: { k: number; threshold: number }) => [-p.k * u[0]],
  u0: [10],
  p: { k: 0.2, threshold: 1 },
  tspan: [0, 12],
  events: {
    at: [5],
    apply(u, p) {
      u[0] = Math.sqrt(u[0] - p.threshold);
    },
  },
});

describe.each([0, 2, 4])("an event that writes NaN in trajectory %i of 5", (bad) => {
  const vary = (i: number) => ({ p: { threshold: i === bad ? 50 : 1 }, tspan: [0, 12 + i] as const });
  const options = { trajectories: 5, chunk: 2, vary };
  const failures = [{ index: bad, reason: "nonFinite", t: 5 }];

  it("is its own failure in solveEnsemble", async () => {
    const found = await solveEnsemble(rooted, { ...options, saveat: [6] });
    expect(found.failures).toEqual(failures);
    const after = Math.sqrt(10 * Math.exp(-1) - 1) * Math.exp(-0.2);
    expect(found.u!.get(bad, 0, 0)).toBeNaN();
    for (let i = 0; i < 5; i++) if (i !== bad) expect(found.u!.get(i, 0, 0)).toBeCloseTo(after, 4);
  });

  it("and in gradientEnsemble", async () => {
    const found = await gradientEnsemble(rooted, { ...options, loss });
    expect(found.failures).toEqual(failures);
    let value = 0;
    for (let i = 0; i < 5; i++) if (i !== bad) value += Math.sqrt(10 * Math.exp(-1) - 1) * Math.exp(-0.2 * (7 + i));
    expect(found.value).toBeCloseTo(value, 4);
  });
});

describe("times of events that are infinite", () => {
  const timed = odeProblem({
    rhs: (u: number[], _p: { rate: number }) => [-u[0]],
    u0: [1],
    p: { rate: 1 },
    tspan: [0, 3],
    events: {
      at: (p: { rate: number }) => [1 / p.rate],
      apply(u) {
        u[0] += 1;
      },
    },
  });

  it("in one trajectory are that one's failure, by the error's name", async () => {
    const { failures, u } = await solveEnsemble(timed, { trajectories: 3, vary: (i) => ({ p: { rate: i } }) });
    expect(failures).toEqual([{ index: 0, reason: "BadEvents", t: 0 }]);
    for (const i of [1, 2]) expect(u!.get(i, 0, 0)).toBeCloseTo(Math.exp(-3) + Math.exp(1 / i - 3), 5);
  });

  it("in all of them are thrown", async () => {
    const options = { trajectories: 3, chunk: 2, vary: () => ({ p: { rate: 0 } }) };
    await expect(solveEnsemble(timed, options)).rejects.toBeInstanceOf(BadEvents);
    await expect(gradientEnsemble(timed, { ...options, loss })).rejects.toBeInstanceOf(BadEvents);
  });
});

it.each([
  ["by p alone", (i: number) => ({ p: { a: 1 - i } })],
  ["beside states that are given", (i: number) => ({ p: { a: 1 - i }, ...(i === 0 && { u0: [1] }) })],
])("an initial state that is NaN as a function of p is bad input, %s", async (_, vary) => {
  const problem = odeProblem({
    rhs: (u: number[], _p: { a: number }) => [-u[0]],
    u0: (p: { a: number }) => [Math.sqrt(p.a)],
    tspan: [0, 3],
    p: { a: 1 },
  });
  const failures = [{ index: 2, reason: "badInput", t: 0 }];
  const solved = await solveEnsemble(problem, { trajectories: 3, vary });
  expect(solved.failures).toEqual(failures);
  expect(solved.u!.get(0, 0, 0)).toBeCloseTo(Math.exp(-3), 5);
  expect((await gradientEnsemble(problem, { trajectories: 3, vary, loss })).failures).toEqual(failures);
});

it("what a batch says of one of its trajectories has the index in the ensemble", async () => {
  const algebraic = odeProblem({
    rhs: (u: number[], p: { a: number }) => [-u[1], u[0] - u[1] * p.a],
    u0: [1, 1],
    p: { a: 1 },
    massMatrix: [
      [1, 0],
      [0, 0],
    ],
    tspan: [0, 2],
  });
  const { failures, plan } = await solveEnsemble(algebraic, {
    trajectories: 4,
    chunk: 2,
    vary: (i) => ({ p: { a: i === 3 ? 2 : i === 2 ? NaN : 1 } }),
    solver: rodas5P(),
  });
  expect(failures.map(({ index, reason }) => [index, reason])).toEqual([
    [2, "badInput"],
    [3, "InconsistentInitialValues"],
  ]);
  expect(plan.reasons.join()).toMatch(/One by one: Trajectory 3: /);
});

describe("trajectories that an event ends", () => {
  /** u = i + t, until it is 10. */
  const ended = odeProblem({
    rhs: (_u: number[]) => [1],
    u0: [0],
    tspan: [0, 9],
    events: { when: (u) => u[0] - 10, terminal: true },
  });
  const options = { trajectories: 10, chunk: 4, vary: (i: number) => ({ u0: [i] }), saveat: [0, 5.5, 8.5] };

  it.each([
    ["in kernels", {}],
    ["one by one", { vary: (i: number) => ({ u0: [i], tspan: [0, 9 + i] as const }) }],
  ])("are not in means of later times, and the warnings say how many, %s", async (_, more) => {
    const { succeeded, warnings, reduced } = await solveEnsemble(ended, { ...options, ...more, reduce: { average: mean() } });
    expect(succeeded).toBe(10);
    // Of i < 5 at t = 5.5, of i < 2 at t = 8.5.
    for (const [j, average] of [4.5, 7.5, 9].entries()) expect(reduced.average.get(j, 0)).toBeCloseTo(average, 6);
    expect(warnings.join()).toMatch(/8 of 10 trajectories .* ended by an event before t = 8\.5/);
  });

  it("are none where all come to the last time, and states that are kept say it themselves", async () => {
    const early = await solveEnsemble(ended, { ...options, saveat: [0, 0.5], reduce: { average: mean() } });
    expect(early.warnings).toEqual([]);
    expect((await solveEnsemble(ended, options)).warnings).toEqual([]);
  });
});

it("what is no reducer is told which there are", async () => {
  const refused = solveEnsemble(rooted, { trajectories: 1, reduce: { average: 3 } as never });
  await expect(refused).rejects.toBeInstanceOf(BadReducer);
  await expect(solveEnsemble(rooted, { trajectories: 1, reduce: { average: 3 } as never })).rejects.toThrow(
    /mean\(\), variance\(\), quantiles\(.*\), histogram\(/,
  );
});
