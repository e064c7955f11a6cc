/** Gradients of trajectories whose time spans differ. */
import { describe, expect, it, test } from "vitest";
import {
  BadBatch,
  BadLoss,
  BadTimeSpan,
  gradient,
  gradientBatch,
  gradientEnsemble,
  ndarray,
  odeProblem,
  rk4,
  kenCarp4,
  rodas5P,
  tsit5,
  type Loss,
  type NdArray,
} from "../../../index.ts";

const forced = odeProblem({
  name: "forced",
  rhs: (u: number[], p: number[], t) => [u[1], -p[0] * u[0] - 0.1 * p[1] * u[1] + Math.sin(t)],
  u0: [1, 0],
  p: [2, 1],
  tspan: [0, 3],
});
const dosed = odeProblem({
  name: "dosed",
  rhs: (u: number[], p: number[]) => [-p[0] * u[0], p[0] * u[0] - p[1] * u[1]],
  u0: [1, 0.5],
  p: [1, 0.3],
  tspan: [0, 3],
  events: {
    at: (p: number[]) => [p[1] + 0.7],
    apply(u, p) {
      u[0] += p[1];
    },
  },
});

const sum: Loss<number[], number[]> = {
  at: [1.5, 0.25, 2],
  of: (u: number[], p: number[], t: number, i: number) => (u[0] - i) ** 2 + t * p[0],
};
const final: Loss<number[], number[]> = { final: (u: number[]) => u[0] * u[1] + u[1] };
const integral: Loss<number[], number[]> = { integral: (u: number[], p: number[], t: number) => u[0] ** 2 * p[1] + t };
const ends = [2, 3, 30, 2.5];
const forwards = ends.map((end, m) => [0.05 * m, end]);

const cases = [
  { name: "a sum and an end", problem: forced, loss: { ...sum, ...final }, plan: "lanes by discrete" },
  { name: "an end alone", problem: forced, loss: final, plan: "lanes by discrete" },
  {
    name: "steps of one length",
    problem: forced,
    loss: { ...sum, ...final },
    solver: rk4({ dt: 0.01 }),
    plan: "lanes by discrete",
  },
  { name: "spans both ways", problem: forced, loss: { ...sum, at: [1, 1.9, 1.5] }, spans: [[0, 2], [2, 1], [0.5, 2], [2, 0]], plan: "lanes by discrete" }, // prettier-ignore
  { name: "an integral", problem: forced, loss: integral, plan: "lanes by dual" },
  { name: "an integral and a sum, both ways", problem: forced, loss: { ...sum, ...integral, at: [1, 1.9] }, spans: [[0, 2], [2, 1], [0.5, 2], [2, 0]], plan: "lanes by dual" }, // prettier-ignore
  { name: "events whose times parameters move", problem: dosed, loss: { ...sum, ...final }, plan: "lanes by dual" },
  { name: "a Rosenbrock method", problem: forced, loss: { ...sum, ...final }, solver: rodas5P(), plan: "lanes by discrete" },
  { name: "another implicit method", problem: forced, loss: final, solver: kenCarp4(), plan: "one by one by discrete" },
] as const;

test.each(cases)("$name: each gradient is that of its trajectory alone", async ({ problem, loss, plan, ...own }) => {
  const spans: readonly (readonly number[])[] = "spans" in own ? own.spans : forwards;
  const solver = "solver" in own ? own.solver : tsit5();
  const M = spans.length;
  const rates = Array.from({ length: M }, (_, m) => [1 + 0.3 * m, 0.3 + 0.1 * m]);
  const common = { loss, solver, rtol: 1e-9, atol: 1e-9 };
  const tspan = ndarray(Float64Array.from(spans.flat()), [M, 2]);
  const found = await gradientBatch(problem, { ...common, tspan, p: ndarray(Float64Array.from(rates.flat()), [M, 2]) });
  expect(`${found.plan.way} by ${found.plan.adjoint}`).toBe(plan);
  expect([...found.outcomes]).toEqual(spans.map(() => "success"));
  expect([...found.ends]).toEqual(spans.map(([, end]) => end));
  let ofStates = [0, 0];
  for (let m = 0; m < M; m++) {
    const one = gradient(problem, { ...common, tspan: [spans[m][0], spans[m][1]], p: rates[m], wrt: ["p", "u0"] });
    const ofRates = [0, 1].map((i) => (found.p as unknown as NdArray).get(m, i));
    expect(found.values[m] / one.value).toBeCloseTo(1, 6);
    const size = Math.hypot(...one.gradient.p);
    for (const i of [0, 1]) expect(Math.abs(ofRates[i] - one.gradient.p[i]) / size).toBeLessThan(1e-5);
    ofStates = ofStates.map((x, i) => x + one.gradient.u0[i]);
  }
  const size = Math.hypot(...ofStates);
  for (const i of [0, 1]) expect(Math.abs(found.u0.get(0, i) - ofStates[i]) / size).toBeLessThan(1e-5);
});

const decay = odeProblem({
  name: "decay",
  rhs: (u: number[], p: { k: number }) => [-p.k * u[0]],
  u0: [1],
  p: { k: 0.5 },
  tspan: [0, 1],
});

it("rows of spans alone tell how many there are; by the closed form", async () => {
  const { values, p, u0 } = await gradientBatch(decay, {
    tspan: ndarray([0, 1, 0, 2, 1, 5], [3, 2]),
    loss: { final: (u) => u[0] },
    rtol: 1e-9,
    atol: 1e-9,
  });
  const T = [1, 2, 4];
  T.forEach((t, m) => expect(values[m]).toBeCloseTo(Math.exp(-0.5 * t), 8));
  expect(p.k).toBeCloseTo(
    T.reduce((all, t) => all - t * Math.exp(-0.5 * t), 0),
    7,
  );
  expect(u0.get(0, 0)).toBeCloseTo(
    T.reduce((all, t) => all + Math.exp(-0.5 * t), 0),
    7,
  );
});

it("a time of the loss at an end that rounding has moved is in the loss", async () => {
  const end = 0.1 + 0.2;
  const { values } = await gradientBatch(decay, {
    tspan: ndarray([0, end, 0, 0.3], [2, 2]),
    loss: { at: [end], of: (u) => u[0] },
  });
  for (const value of values) expect(value).toBeCloseTo(Math.exp(-0.15), 5);
});

describe("bad input", () => {
  const loss = { at: [0.5, 1.5], of: (u: number[]) => u[0] };
  it.each([
    [
      "rows of another count",
      { u0: ndarray([1, 2], [2, 1]), tspan: ndarray([0, 2, 0, 2, 0, 2], [3, 2]) },
      BadBatch,
      /tspan has shape \[3, 2\]/,
    ],
    ["a span that is none", { tspan: ndarray([0, 2, 1, 1], [2, 2]) }, BadTimeSpan, /Trajectory 1: /],
    [
      "a time outside of one's span",
      { tspan: ndarray([0, 2, 0, 1], [2, 2]) },
      BadLoss,
      /Trajectory 1: loss: at\[1\] = 1\.5 is outside/,
    ],
  ])("%s is refused by name", async (_, options, Kind, message) => {
    const refused = gradientBatch(decay, { ...options, loss });
    await expect(refused).rejects.toBeInstanceOf(Kind);
    await expect(refused).rejects.toThrow(message);
  });
});

describe("an ensemble whose spans differ", () => {
  const vary = (i: number) => ({ tspan: [0, 1 + i] as const });

  it("is differentiated in kernels", async () => {
    const options = { trajectories: 5, chunk: 2, vary, loss: { final: (u: number[]) => u[0] }, rtol: 1e-8 };
    const { p, plan } = await gradientEnsemble(decay, options);
    expect(plan.solved).toBe("kernels");
    let exact = 0;
    for (let T = 1; T <= 5; T++) exact -= T * Math.exp(-0.5 * T);
    expect(p.k).toBeCloseTo(exact, 6);
  });

  it("a time of the loss outside of one's span is that one's failure", async () => {
    const options = { trajectories: 3, chunk: 2, vary, loss: { at: [1.5], of: (u: number[]) => u[0] }, rtol: 1e-8 };
    const { failures, value } = await gradientEnsemble(decay, options);
    expect(failures).toEqual([{ index: 0, reason: "BadLoss", t: 0 }]);
    expect(value).toBeCloseTo(2 * Math.exp(-0.75), 6);
  });
});
