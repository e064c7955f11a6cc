/** Jumps within functions of `differentiable`, and jumps of losses: in the derivatives where they can be, and else in the warnings. */
import { describe, expect, it } from "vitest";
import {
  differentiable,
  gradient,
  gradientBatch,
  ndarray,
  odeProblem,
  sensitivities,
  type Loss,
  type NdArray,
} from "../../../index.ts";

const tight = { rtol: 1e-9, atol: 1e-11 };

interface Parameters {
  readonly thr: number;
  readonly k: number;
}
type Rate = (x: number, p: Parameters) => number;

const rate = (x: number, thr: number, k: number): number => (x > thr ? -k : -0.9 * x);
const withoutRules = differentiable(rate);
const withConstants = differentiable(
  (x: number, thr: number, k: number, { slow }: { slow: number }): number => (x > thr ? -k : -slow * x),
  { constants: { slow: 0.9 } },
);
/** Right on both sides, which is all that rules can be. */
const withRules = differentiable(rate, { vjp: (v, x, thr) => (x > thr ? [0, 0, -v] : [-0.9 * v, 0, 0]) });
/** No jump: to the derivative of a kink there is nothing to add. */
const kinkWithRules = differentiable((x: number, thr: number) => (x > thr ? -0.5 * (x - thr) : 0), {
  vjp: (v, x, thr) => (x > thr ? [-0.5 * v, 0.5 * v] : [0, 0]),
});

/** Down from 10 by k, and from thr on by 0.9 u: u(4) = thr exp(-0.9 (4 - (10 - thr) / k)). */
const draining = (of: Rate, events = {}) =>
  odeProblem({
    name: "draining",
    rhs: (u: number[], p: Parameters) => [of(u[0], p)],
    u0: [10],
    tspan: [0, 4],
    p: { thr: 4, k: 2 },
    ...events,
  });
const end = 4 * Math.exp(-0.9 * (4 - (10 - 4) / 2));
const known = { thr: end / 4 - (end * 0.9) / 2, k: (-end * 0.9 * (10 - 4)) / 4 };

const final = { final: (u: number[]) => u[0] };
const rows = ndarray(Float64Array.of(10, 10), [2, 1]);

describe("a jump in a function of `differentiable` is followed like any other", () => {
  it.each<[string, Rate]>([
    ["without anything", (x, p) => withoutRules(x, p.thr, p.k)],
    ["with constants", (x, p) => withConstants(x, p.thr, p.k)],
  ])("%s", async (_, of) => {
    const problem = draining(of);
    const single = gradient(problem, { loss: final, ...tight });
    const batch = await gradientBatch(problem, { loss: final, u0: rows, ...tight });
    for (const key of ["thr", "k"] as const) {
      expect(single.gradient.p[key]).toBeCloseTo(known[key], 6);
      expect(batch.p[key]).toBeCloseTo(2 * known[key], 6);
    }
    expect(single.switches.map(({ tracked, differentiated }) => [tracked, differentiated])).toEqual([[true, true]]);
    expect([...single.warnings, ...batch.warnings]).toEqual([]);
  });
});

describe("a jump in a function with rules of its own is told", () => {
  const told =
    /^rate, line \d+: `x > thr` may jump, within a function that has derivatives of its own, .* in the right-hand side itself/;
  const problem = draining((x, p) => withRules(x, p.thr, p.k));

  it("by gradients, whose number is that of one side", () => {
    const { warnings, gradient: found } = gradient(problem, { loss: final, ...tight });
    expect(found.p.thr).not.toBeCloseTo(known.thr, 2);
    expect(warnings).toContainEqual(expect.stringMatching(told));
  });

  it("by tangents", () => expect(sensitivities(problem, { saveat: [4] }).warnings).toContainEqual(expect.stringMatching(told)));

  it("by batches in kernels", async () => {
    const { plan, warnings } = await gradientBatch(problem, { loss: final, u0: rows, ...tight });
    expect(plan.way).toBe("lanes");
    expect(warnings).toContainEqual(expect.stringMatching(told));
  });

  it("by batches with derivatives carried along", async () => {
    const dosed = draining((x, p) => withRules(x, p.thr, p.k), { events: { at: [1], apply: (u: number[]) => void (u[0] += 1) } });
    const { plan, warnings } = await gradientBatch(dosed, { loss: final, u0: rows, ...tight });
    expect(plan).toMatchObject({ way: "lanes", adjoint: "dual" });
    expect(warnings).toContainEqual(expect.stringMatching(told));
  });

  it("of the integrand of a loss", () => {
    const loss = { integral: (u: number[], p: Parameters) => withRules(u[0], p.thr, p.k) };
    const { warnings } = gradient(
      draining((x, p) => -p.k * x),
      { loss },
    );
    expect(warnings).toContainEqual(expect.stringMatching(told));
  });

  it("and a kink is not", async () => {
    const rising = draining((x, p) => p.k * kinkWithRules(x, p.thr));
    const { plan, warnings } = await gradientBatch(rising, { loss: final, u0: rows, ...tight });
    expect(plan.way).toBe("lanes");
    expect([...warnings, ...gradient(rising, { loss: final, ...tight }).warnings]).toEqual([]);
  });
});

describe("losses of states", () => {
  const decay = odeProblem({
    rhs: (u: number[], p: Parameters) => [-p.k * u[0]],
    u0: [10],
    tspan: [0, 1],
    p: { thr: 2, k: 0.5 },
  });
  type Of = Loss<number[], Parameters>;
  const at = [0.5, 1];

  it.each<[string, Of, string]>([
    ["a jump of the final state", { final: (u, p) => (u[0] > p.thr ? 1 : 0) }, "loss.final, line 1: `u[0] > p.thr`"],
    ["of a sum", { at, of: (u, p) => (u[0] > p.thr ? 1 : 0) }, "loss.of, line 1: `u[0] > p.thr`"],
    ["of all states together", { at, all: (u) => Math.floor((u as NdArray).get(0, 0)) }, "loss.all, line 1: `Math.floor("],
  ])("%s is told, beside a derivative of zero", async (_, loss, place) => {
    const { warnings, gradient: found } = gradient(decay, { loss, ...tight });
    expect(found.p).toEqual({ thr: 0, k: 0 });
    expect(warnings).toHaveLength(1);
    expect(warnings[0].startsWith(`${place}`)).toBe(true);
    expect(warnings[0]).toMatch(/may make the loss jump: these derivatives are those on the side where the state is/);
    if (loss.all) return;
    expect((await gradientBatch(decay, { loss, u0: rows, ...tight })).warnings).toEqual(warnings);
  });

  it.each<[string, Of]>([
    ["a kink", { final: (u, p) => Math.max(u[0] - p.thr, 0) + Math.abs(u[0]) }],
    ["a kink by hand", { at, of: (u, p) => (u[0] > p.thr ? (u[0] - p.thr) ** 2 : 0) }],
    [
      "a robust loss, a parabola between lines",
      {
        at,
        of(u, p) {
          const r = Math.abs(u[0] - 6);
          return r < p.thr ? r ** 2 / 2 : p.thr * (r - p.thr / 2);
        },
      },
    ],
    ["a choice by the index, the time and parameters", { at, of: (u, p, t, i) => (i > 0 && t > 0.7 && p.k > 0 ? u[0] : 0) }],
    ["an integral, whose jumps are found", { integral: (u, p) => (u[0] > p.thr ? 1 : 0) }],
  ])("%s is not", async (_, loss) => {
    expect(gradient(decay, { loss, ...tight }).warnings).toEqual([]);
    expect((await gradientBatch(decay, { loss, u0: rows, ...tight })).warnings).toEqual([]);
  });
});
