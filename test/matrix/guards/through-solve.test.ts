/** Guards in right-hand sides and losses, through the solve: every adjoint method, batches, sensitivities, pullbacks. */
import { describe, expect, it, test } from "vitest";
import {
  gradient,
  gradientBatch,
  jvpBatch,
  ndarray,
  NotDifferentiable,
  odeProblem,
  sensitivities,
  solveWithPullback,
  tsit5,
  vjpBatch,
  type OdeProblem,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";

const tolerances = { rtol: 1e-9, atol: 1e-11 };
const solver = tsit5();

/** u2(1) = k^2/2 e^-k. */
const transit = odeProblem({
  name: "transit",
  rhs(du: number[], u: number[], p: { k: number }, _t, { n }: { n: number }) {
    for (let i = 0; i < n; i++) du[i] = (i > 0 ? p.k * u[i - 1] : 0) - p.k * u[i];
  },
  u0: [1, 0, 0],
  tspan: [0, 1],
  p: { k: 1 },
  constants: { n: 3 },
});

const decay = odeProblem({
  name: "decay",
  rhs: (u: number[], p: { k: number }) => [u[0] > 0 ? -p.k * u[0] + 0 * Math.max(0, -u[0]) ** 0.5 : Math.log(u[0])],
  u0: [1],
  tspan: [0, 1],
  p: { k: 1 },
});
const at = [0.2, 0.4, 0.6];
const data = [1, NaN, 0.5];
const observed = {
  at,
  of: (u: number[], _p: unknown, _t: number, i: number, c: { data: number[] }) =>
    Number.isNaN(c.data[i]) ? 0 : (u[0] - c.data[i]) ** 2,
  constants: { data },
};
const slope = at.reduce((s, t, i) => (Number.isNaN(data[i]) ? s : s - 2 * (Math.exp(-t) - data[i]) * t * Math.exp(-t)), 0);

const methods = Object.keys(adjointMethods).filter((name) => name !== "steadyState");

describe.each(methods)("by %s", (adjoint) => {
  it("a neighbour that is not there", () => {
    const { gradient: g } = gradient(transit, { loss: { final: (u) => u[2] }, wrt: ["p", "u0"], adjoint, solver, ...tolerances });
    expect(g.p!.k).toBeCloseTo(0.5 * Math.exp(-1), 7);
    expect(g.u0![0]).toBeCloseTo(0.5 * Math.exp(-1), 7);
    expect(g.u0![2]).toBeCloseTo(Math.exp(-1), 7);
  });

  it("missing observations", () => {
    const { gradient: g } = gradient(decay, { loss: observed as never, adjoint, solver, ...tolerances });
    expect(g.p!.k).toBeCloseTo(slope, 7);
  });
});

test("sensitivities and pullbacks", () => {
  expect(sensitivities(transit, { saveat: [1], ...tolerances }).flat.p![0][2]).toBeCloseTo(0.5 * Math.exp(-1), 7);
  const { pullback } = solveWithPullback(transit, { saveat: [1], ...tolerances });
  expect(pullback([[0, 0, 1]]).p!.k).toBeCloseTo(0.5 * Math.exp(-1), 7);
});

/** Each trajectory of a batch takes arms of its own: the root of what is left, or a drain at a constant rate. */
const tank = odeProblem({
  name: "tank",
  rhs: (u: number[], p: { k: number }) => [u[0] > 0 ? -p.k * Math.sqrt(u[0]) : -p.k],
  u0: [4],
  tspan: [0, 1],
  p: { k: 1 },
});
const starts = [4, -1, 9, -2, -4, 16, 25];
/** h(1) = (sqrt(h0) - k/2)^2, or h0 - k. */
const expectedByStart = starts.map((h) => (h > 0 ? 1 - 0.5 / Math.sqrt(h) : 1));
const expectedByRate = starts.map((h) => (h > 0 ? 0.5 - Math.sqrt(h) : -1)).reduce((a, b) => a + b);

async function checkBatch(device: string, digits: number): Promise<void> {
  const u0 = ndarray(Float64Array.from(starts), [starts.length, 1]);
  const precision = device === "cpu" ? tolerances : { rtol: 1e-5, atol: 1e-6 };
  const options = { loss: { final: (u: number[]) => u[0] }, u0, solver, device, ...precision } as const;
  const { u0: byStart, p, outcomes } = await gradientBatch(tank as OdeProblem<number[], { k: number }>, options as never);
  expect(outcomes).toEqual(starts.map(() => "success"));
  expectedByStart.forEach((value, m) => expect(byStart.get(m, 0)).toBeCloseTo(value, digits));
  expect((p as { k: number }).k).toBeCloseTo(expectedByRate, digits);
  const v = ndarray(new Float64Array(starts.length).fill(1), [starts.length, 1]);
  const slopes = starts.map((h) => (h > 0 ? -0.5 / Math.sqrt(h) : 0));
  const point = { u: u0, v, device } as never;
  for (const found of [(await vjpBatch(tank, point)).u, (await jvpBatch(tank, point)).tangent])
    slopes.forEach((value, m) => expect(found.get(m, 0)).toBeCloseTo(value, digits));
}

test("batches", () => checkBatch("cpu", 7));
gpuTest("batches on a GPU", () => checkBatch("webgpu", 3));

describe("a root at zero, taken", () => {
  const filling = odeProblem({
    name: "filling",
    rhs: (u: number[], p: { k: number }) => [1 - p.k * Math.sqrt(u[0])],
    u0: [0],
    tspan: [0, 1],
    p: { k: 0.5 },
  });
  const loss = { final: (u: number[]) => u[0] };

  it.each(methods)("is reported by %s", (adjoint) => {
    expect(() => gradient(filling, { loss, wrt: ["u0"], adjoint, solver })).toThrow(NotDifferentiable);
  });

  it("is marked in the outcomes of a batch, and adds nothing", async () => {
    const u0 = ndarray(Float64Array.of(1, 0, 4), [3, 1]);
    const result = await gradientBatch(filling, { loss, u0, solver });
    expect(result.outcomes).toEqual(["success", "notDifferentiable", "success"]);
    expect(result.values[1]).toBeNaN();
    expect(result.u0.get(1, 0)).toBeNaN();
    expect(result.succeeded).toBe(2);
    expect(result.warnings.join()).toMatch(/1 of 3 trajectories failed \(1 notDifferentiable\)/);
    expect((result.p as { k: number }).k).toBeLessThan(0);
  });

  it("is reported by sensitivities", () => {
    expect(() => sensitivities(filling, { saveat: [1], wrt: ["u0"] })).toThrow(/sqrt/);
  });
});
