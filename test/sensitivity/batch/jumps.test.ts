/** What may jump along trajectories, in closed form: wherever in the batch those are that come to where it does. */
import { describe, expect, it } from "vitest";
import { gradientBatch, gradientEnsemble, ndarray, odeProblem, solveBatch, type Loss, type NdArray } from "../../../index.ts";

const tight = { rtol: 1e-9, atol: 1e-11 };

function expectRow(found: NdArray, m: number, known: readonly number[], digits = 6): void {
  known.forEach((x, j) => expect(found.get(m, j), `of ${m} by p[${j}]`).toBeCloseTo(x, digits));
}

interface Parameters {
  readonly ke: number;
  readonly thr: number;
  readonly tau: number;
}
const [ke, thr, tau, T] = [0.2, 3, 2, 12];

/** With a dose of 8 at t = 6, before which, and behind it, the level is above the threshold in the whole. */
const dosed = { events: { at: [6], apply: (u: number[]) => void (u[0] += 8) } };
/** Of the level that a dose of `size` at t = `from` leaves, from `begin` on: its area, by ke. */
const byKe = (size: number, from: number, begin: number): number => {
  const part = (t: number): number => Math.exp(-ke * (t - from)) * ((t - from) / ke + 1 / ke ** 2);
  return size * (part(T) - part(begin));
};

const integrals: readonly (readonly [string, Loss<number[], Parameters>["integral"], object, readonly number[]])[] = [
  // Until ln(10 / thr) / ke.
  ["the time above a threshold", (u, p) => (u[0] > p.thr ? 1 : 0), {}, [-Math.log(10 / thr) / ke ** 2, -1 / (thr * ke), 0]],
  ["the area from a time on", (u, p, t) => (t > p.tau ? u[0] : 0), {}, [byKe(10, 0, tau), 0, -10 * Math.exp(-ke * tau)]],
  [
    "the area from a time on, with doses",
    (u, p, t) => (t > p.tau ? u[0] : 0),
    dosed,
    [byKe(10, 0, tau) + byKe(8, 6, 6), 0, -10 * Math.exp(-ke * tau)],
  ],
];

describe("integrands that jump", () => {
  it.each(integrals)("%s", async (_, integral, events, known) => {
    const problem = odeProblem({
      rhs: (u: number[], p: Parameters) => [-p.ke * u[0]],
      u0: [10],
      tspan: [0, T],
      p: { ke, thr, tau },
      ...events,
    });
    const p = ndarray(
      Float64Array.from({ length: 9 }, (_, j) => [ke, thr, tau][j % 3]),
      [3, 3],
    );
    const batch = await gradientBatch(problem, { p, loss: { integral }, ...tight });
    for (let m = 0; m < 3; m++) expectRow(batch.p, m, known);
    expect(batch.plan.way).toBe("one by one");
    expect(batch.plan.because).toMatch(
      /^the (loss has an integral|problem has events), and its integrand switches by `[ut].* > p\./,
    );
    const ensemble = await gradientEnsemble(problem, { trajectories: 2, loss: { integral }, ...tight });
    [ensemble.p.ke, ensemble.p.thr, ensemble.p.tau].forEach((x, j) => expect(x).toBeCloseTo(2 * known[j], 5));
  });

  it("with kinks stays in kernels", async () => {
    const problem = odeProblem({
      rhs: (u: number[], p: Parameters) => [-p.ke * u[0]],
      u0: [10],
      tspan: [0, T],
      p: { ke, thr, tau },
    });
    const loss = { integral: (u: number[], p: Parameters) => Math.max(u[0] - p.thr, 0) };
    const { plan, p } = await gradientBatch(problem, { loss, u0: ndarray(Float64Array.of(10, 10), [2, 1]), ...tight });
    expect(plan.way).toBe("lanes");
    expect(p.thr).toBeCloseTo((-2 * Math.log(10 / thr)) / ke, 5);
  });

  it("of short effect are not stepped over", async () => {
    const problem = odeProblem({ rhs: () => [0], u0: [2], p: [0.5], tspan: [0, 100] });
    const loss = { integral: (u: number[], p: number[], t: number) => u[0] * Math.exp(-(((t - 61.23) / p[0]) ** 2)) };
    const { plan, p } = await gradientBatch(problem, { loss, u0: ndarray(Float64Array.of(2, 2), [2, 1]), ...tight });
    expect(plan.way).toBe("lanes");
    expect((p as number[])[0]).toBeCloseTo(4 * Math.sqrt(Math.PI), 5);
  });
});

describe("right-hand sides that jump", () => {
  // Down from 10 by k1, and from thr on by k2 u: u(4) = thr exp(-k2 (4 - (10 - thr) / k1)).
  const draining = odeProblem({
    rhs: (u: number[], p: { thr: number; k1: number; k2: number }) => [u[0] > p.thr ? -p.k1 : -p.k2 * u[0]],
    u0: [10],
    tspan: [0, 4],
    p: { thr: 4, k1: 2, k2: 0.9 },
  });
  const rows = [-1, 4, -1, -1, -1, 5, -1].map((thr) => (thr < 0 ? [thr, 1, 0.9] : [thr, 2, 0.9]));
  const known = rows.map(([thr, k1, k2]) => {
    if (thr < 0) return [0, -4, 0];
    const left = 4 - (10 - thr) / k1;
    const end = thr * Math.exp(-k2 * left);
    return [end / thr - (end * k2) / k1, (-end * k2 * (10 - thr)) / k1 ** 2, -end * left];
  });
  const loss = { final: (u: number[]) => u[0] };

  it("though neither the first trajectory, nor the last, nor the one between comes there", async () => {
    const batch = await gradientBatch(draining, { p: ndarray(Float64Array.from(rows.flat()), [7, 3]), loss, ...tight });
    known.forEach((row, m) => expectRow(batch.p, m, row));
    expect(batch.warnings).toEqual([]);
    expect(batch.plan).toMatchObject({
      way: "one by one",
      because: "the right-hand side may jump where `u[0] > p.thr` switches, which is followed in each trajectory by itself",
    });
    const vary = (i: number): object => ({ p: { thr: rows[i][0], k1: rows[i][1] } });
    const { p } = await gradientEnsemble(draining, { trajectories: 7, vary, loss, ...tight });
    [p.thr, p.k1, p.k2].forEach((x, j) =>
      expect(x).toBeCloseTo(
        known.reduce((sum, row) => sum + row[j], 0),
        5,
      ),
    );
  });

  it("at a time that parameters move, though it is beyond the span of the first", async () => {
    const pulsed = odeProblem({
      rhs: (_u: number[], p: { on: number }, t: number) => [t >= p.on ? 1000 : 0],
      u0: [0],
      tspan: [0, 4],
      p: { on: 1 },
    });
    const p = ndarray(Float64Array.of(9, 2, 3.9999), [3, 1]);
    const batch = await gradientBatch(pulsed, { p, loss, ...tight });
    [0, -1000, -1000].forEach((x, m) => expectRow(batch.p, m, [x]));
    const { u } = await solveBatch(pulsed, { p, saveat: [4] });
    [0, 2000, 0.1].forEach((x, m) => expect(u.get(m, 0, 0)).toBeCloseTo(x, 8));
  });

  it("rectifiers, also by hand, stay in kernels", async () => {
    const rectified = odeProblem({
      rhs: (u: number[], p: number[]) => [-p[0] * (u[0] > 0 ? u[0] : 0) - Math.max(p[1] * u[0], 0)],
      u0: [1],
      p: [0.5, 0.25],
      tspan: [0, 2],
    });
    const { plan, u0, p } = await gradientBatch(rectified, { loss, u0: ndarray(Float64Array.of(1, -1), [2, 1]), ...tight });
    expect(plan.way).toBe("lanes");
    [Math.exp(-1.5), 1].forEach((x, m) => expect(u0.get(m, 0)).toBeCloseTo(x, 7));
    (p as number[]).forEach((x) => expect(x).toBeCloseTo(-2 * Math.exp(-1.5), 7));
  });
});

describe("the plan says why kernels do not carry derivatives along", () => {
  const events = { at: [1], apply: (u: number[]) => void (u[0] += 1) };
  const of = async (states: number): Promise<string> => {
    const u0 = new Array<number>(states).fill(1);
    const problem = odeProblem({ rhs: (u: number[], p: number[]) => u.map((x) => -p[0] * x), u0, p: [1], tspan: [0, 2], events });
    return (await gradientBatch(problem, { u0: ndarray(Float64Array.from(u0), [1, states]), loss: { final: (u) => u[0] } })).plan
      .because;
  };

  it("as there are too many", async () => {
    expect(await of(3)).toMatch(/few derivatives/);
    expect(await of(16)).toBe(
      "the problem has events, and there are 17 derivatives, more than the 16 that a kernel carries along",
    );
  });
});
