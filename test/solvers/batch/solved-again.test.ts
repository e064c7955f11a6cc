/** Trajectories that fail in a kernel and that a single solve brings to the end. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gradient,
  gradientBatch,
  gradientEnsemble,
  ndarray,
  odeProblem,
  rodas5P,
  solve,
  solveBatch,
  solveEnsemble,
  tsit5,
  type NdArray,
} from "../../../index.ts";
import { e5 } from "../../../problems/e5.ts";

const rowsOf = (rows: readonly (readonly number[])[]): NdArray =>
  ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0].length]);

describe("where default tolerances are too large", () => {
  const { problem, reference } = e5();
  const p = [...problem.p];
  const slower = p.map((rate) => rate / 2);
  const options = { solver: rodas5P(), rtol: 1e-6 };

  it("each is what it is alone, and it is said", async () => {
    const batch = await solveBatch(problem, { ...options, p: rowsOf([p, slower]), saveat: [1e8, 1e10] });
    expect(batch.outcomes).toEqual(["success", "success"]);
    expect(batch.solvedAgain).toBe(2);
    [p, slower].forEach((own, m) => {
      const { u, stats } = solve(problem, { ...options, p: Float64Array.from(own), saveat: [1e8, 1e10] });
      u.forEach((state, k) => state.forEach((x, i) => expect(batch.u.get(m, k, i)).toBe(x)));
      expect([batch.steps[m], batch.rejections[m], batch.ends[m]]).toEqual([stats.steps, stats.rejected, 1e10]);
    });
    expect(batch.u.get(0, 1, 1) / reference!.loss!).toBeCloseTo(1, 1);
    expect(batch.warnings[0]).toMatch(/^Trajectory 0: With the default absolute tolerances steps became too short/);
  });

  it("and with tolerances of one's own it fails as alone", async () => {
    const atol = Float64Array.from([1.76e-9, 1.76e-9, 1.76e-9, 1.76e-9]);
    const { outcomes, solvedAgain, warnings } = await solveBatch(problem, { ...options, atol, p: rowsOf([p]) });
    expect(solve(problem, { ...options, atol, throwOnFailure: false }).result).not.toBe("success");
    expect([outcomes[0] === "success", solvedAgain]).toEqual([false, 0]);
    expect(warnings).toEqual([]);
  });

  it("in ensembles the plan has the count, and one warning for all", async () => {
    const vary = (i: number) => ({ p: Float64Array.from(p, (rate) => rate / (1 + i)) });
    const { failures, plan, warnings } = await solveEnsemble(problem, { ...options, trajectories: 3, chunk: 1, vary });
    expect(failures).toEqual([]);
    expect(plan.reasons).toEqual(["Of the trajectories that failed in kernels 3 came to the end one by one."]);
    expect(warnings).toHaveLength(1);
  });
});

/** A fast component that follows a slow one: u[0](1) = k / (k - a) exp(-a) but for what has died out. All p are of one norm, and so no extreme. */
const follower = (events = {}) =>
  odeProblem({
    name: "follower",
    rhs: (u: number[], p: number[]) => [p[0] * (u[1] - u[0]), -0.5 * u[1]],
    u0: [1, 1],
    p: [1, 2e4],
    tspan: [0, 1],
    ...events,
  });
const fast = 2e4;
const members = Array.from({ length: 9 }, (_, m) => (m === 3 ? [fast, 1] : [1, fast]));
const endOf = (k: number): number => (k * Math.exp(-0.5) - 0.5 * Math.exp(-k)) / (k - 0.5);
/** By k. */
const slopeOf = (k: number): number => (endOf(k + 1e-3 * k) - endOf(k - 1e-3 * k)) / (2e-3 * k);

describe("where no method was asked for, and one of many is stiff", () => {
  const limits = { maxSteps: 1500, p: rowsOf(members) };

  it("methods change as in `solve`", async () => {
    const batch = await solveBatch(follower(), { ...limits, rtol: 1e-6 });
    expect([batch.solver, batch.solvedAgain]).toEqual(["tsit5", 1]);
    members.forEach(([k], m) => expect(batch.u.get(m, 0, 0)).toBeCloseTo(endOf(k), 4));
    expect(batch.outcomes.every((outcome) => outcome === "success")).toBe(true);
  });

  it("and not where it was: it stays as it ended", async () => {
    const batch = await solveBatch(follower(), { ...limits, solver: tsit5() });
    expect([batch.outcomes[2], batch.outcomes[3], batch.solvedAgain]).toEqual(["success", "tooManySteps", 0]);
    expect(batch.u.get(3, 0, 0)).toBeNaN();
  });

  it("an event that ends it is told as of the others", async () => {
    const ended = follower({
      events: { when: (u: number[]) => u[1] - 0.75, terminal: true, apply: (u: number[]) => void (u[1] = 7) },
    });
    const batch = await solveBatch(ended, { ...limits, saveat: [0.25, 0.9], rtol: 1e-6 });
    expect(batch.solvedAgain).toBe(1);
    members.forEach((_, m) => {
      expect([batch.outcomes[m], batch.endedBy![m], batch.final!.get(m, 1)]).toEqual(["success", 0, 7]);
      expect(batch.ends[m]).toBeCloseTo(-2 * Math.log(0.75), 5);
      expect(batch.u.get(m, 0, 1)).toBeCloseTo(Math.exp(-0.125), 5);
      expect(batch.u.get(m, 1, 1)).toBeNaN();
    });
  });

  it("where an event may end it and does not, its last state is there", async () => {
    const ended = follower({ events: { when: (u: number[]) => u[1] - 0.1, terminal: true } });
    const batch = await solveBatch(ended, { ...limits, saveat: [0.25], rtol: 1e-6 });
    expect(batch.solvedAgain).toBe(1);
    expect(batch.endedBy![3]).toBe(-1);
    expect(batch.final!.get(3, 1)).toBeCloseTo(Math.exp(-0.5), 5);
    expect(batch.u.get(3, 0, 1)).toBeCloseTo(Math.exp(-0.125), 5);
  });

  it("gradients are there for each, also of initial states that follow from p", async () => {
    const problem = odeProblem({
      rhs: (u: number[], p: number[]) => [p[0] * (u[1] - u[0]), -0.5 * u[1]],
      u0: (p: number[]) => [1, (p[0] + p[1]) / (1 + fast)],
      p: [1, fast],
      tspan: [0, 1],
    });
    const loss = { final: (u: number[]) => u[0] };
    const batch = await gradientBatch(problem, { ...limits, loss, rtol: 1e-7 });
    expect([batch.plan.way, batch.solvedAgain, batch.succeeded]).toEqual(["lanes", 1, 9]);
    const alone = members.map((own) => gradient(problem, { p: own, loss, wrt: ["p", "u0"], rtol: 1e-7 }));
    members.forEach(([k], m) => {
      expect(batch.values[m]).toBeCloseTo(endOf(k), 5);
      // The second number acts on what is followed alone.
      const byStart = ((k / (k - 0.5)) * (Math.exp(-0.5) - Math.exp(-k))) / (1 + fast);
      expect(alone[m].flat.p[1]).toBeCloseTo(byStart, 8);
      expect(batch.p.get(m, 1)).toBeCloseTo(alone[m].flat.p[1], 8);
      expect(batch.p.get(m, 0)).toBeCloseTo(slopeOf(k) + byStart, 4);
      expect(batch.u0.get(m, 0)).toBeCloseTo(Math.exp(-k), 5);
    });
    expect(batch.warnings.filter((warning) => /failed/.test(warning))).toEqual([]);
  });

  it("also where derivatives are carried along, and in ensembles", async () => {
    const loss = { integral: (u: number[]) => u[1], final: (u: number[]) => u[0] };
    const batch = await gradientBatch(follower(), { ...limits, loss, rtol: 1e-6 });
    expect([batch.plan.adjoint, batch.solvedAgain, batch.succeeded]).toEqual(["dual", 1, 9]);
    members.forEach(([k], m) => expect(batch.values[m]).toBeCloseTo(endOf(k) + 2 * (1 - Math.exp(-0.5)), 4));
    const vary = (i: number) => ({ p: members[i] });
    const { succeeded, plan } = await gradientEnsemble(follower(), { trajectories: 9, vary, loss, maxSteps: 1500 });
    expect(succeeded).toBe(9);
    expect(plan.reasons).toContain("Of the trajectories that failed in kernels 1 came to the end one by one.");
  });
});

it("what truly fails keeps its outcome, beside what is solved again", async () => {
  const explosion = odeProblem({ rhs: (u: number[]) => [u[0] ** 2], u0: [1], p: [], tspan: [0, 2] });
  const { outcomes, ends, solvedAgain, warnings } = await solveBatch(explosion, { u0: rowsOf([[0.25], [1]]) });
  expect(outcomes[0]).toBe("success");
  expect(outcomes[1]).not.toBe("success");
  expect(ends[1]).toBeCloseTo(1, 5);
  expect([solvedAgain, warnings]).toEqual([0, []]);
});

it("random trajectories come to the end where each does alone, and are the same", async () => {
  // The first grows beyond bounds at 1 / (p[0] u[0]); the others are a reaction that begins at zero, and ends fast or slowly.
  const model = odeProblem({
    rhs: (u: number[], p: number[]) => [
      p[0] * u[0] ** 2,
      p[1] * (1 - u[1]) - p[2] * u[1] * u[2],
      p[2] * u[1] * u[2] - p[1] * u[2],
    ],
    u0: [1, 0, 0.1],
    p: [0, 1, 1],
    tspan: [0, 1],
  });
  const uniform = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  const rates = fc.tuple(uniform(-2, 0.95), uniform(0, 3), uniform(0, 4)).map(([a, k, c]) => [a, 10 ** k, 10 ** c]);
  const members = fc.array(fc.tuple(rates, uniform(0.1, 2)), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(members, async (rows) => {
      const p = rowsOf(rows.map(([own]) => own));
      const u0 = rowsOf(rows.map(([, x]) => [x, 0, 0.1]));
      for (const asked of [{ solver: tsit5() }, { solver: rodas5P() }, {}]) {
        const options = { ...asked, rtol: 1e-7, maxSteps: 3000, saveat: [0.5, 1] };
        const batch = await solveBatch(model, { ...options, u0, p });
        rows.forEach(([own, x], m) => {
          const alone = solve(model, { ...options, p: own, u0: [x, 0, 0.1], throwOnFailure: false });
          expect(batch.outcomes[m] === "success", batch.outcomes[m]).toBe(alone.result === "success");
          if (alone.result !== "success") return;
          alone.u.forEach((state, k) =>
            state.forEach((y, i) => expect(batch.u.get(m, k, i) / (1 + y)).toBeCloseTo(y / (1 + y), 4)),
          );
        });
      }
    }),
    { numRuns: 10, seed: 3 },
  );
});
