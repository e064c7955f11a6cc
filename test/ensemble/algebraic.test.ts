/** What batches refuse beside algebraic equations is done one by one, wherever a single solve can do it, and the plan says why. */
import { describe, expect, it } from "vitest";
import {
  CannotBatch,
  daeProblem,
  gradientBatch,
  gradientEnsemble,
  ndarray,
  odeProblem,
  solveBatch,
  solveEnsemble,
} from "../../index.ts";

/** u[1] is u[0], which decays; an event adds 0.5 to u[0], and u[1] is found again. */
const rhs = (u: number[], p: number[]) => [-p[0] * u[0], u[0] - u[1]];
const residual = (du: number[], u: number[], p: number[]) => [du[0] + p[0] * u[0], u[0] - u[1]];
const massMatrix = [
  [1, 0],
  [0, 0],
];
const add = (u: number[]): void => void (u[0] += 0.5);
const common = { u0: [1, 1], p: [1, 0.6], tspan: [0, 1] as const, initialise: "algebraic" as const };

/** At t = p[1]; where u[0] is p[1]. The state at the end, and its derivatives by p. */
const events = {
  "at given times": {
    events: { at: (p: number[]) => [p[1]], apply: add },
    value: (k: number, at: number) => Math.exp(-k) + 0.5 * Math.exp(-k * (1 - at)),
    slopes: (k: number, at: number) => [
      -Math.exp(-k) - 0.5 * (1 - at) * Math.exp(-k * (1 - at)),
      0.5 * k * Math.exp(-k * (1 - at)),
    ],
  },
  "of the state": {
    events: { when: (u: number[], p: number[]) => u[0] - p[1], apply: add },
    value: (k: number, w: number) => ((w + 0.5) / w) * Math.exp(-k),
    slopes: (k: number, w: number) => [-((w + 0.5) / w) * Math.exp(-k), (-0.5 / w ** 2) * Math.exp(-k)],
  },
};
const kinds = {
  "a mass matrix": (own: object) => odeProblem({ name: "decay", rhs, massMatrix, ...common, ...own }),
  "a residual": (own: object) => daeProblem({ name: "decay", residual, du0: [-1, -1], ...common, ...own }),
};
const rows = [
  [1, 0.6],
  [1.2, 0.5],
];
const vary = (i: number) => ({ p: rows[i] });
const tight = { rtol: 1e-8, atol: 1e-10 };

describe.each(Object.entries(kinds))("%s", (kind, of) => {
  describe.each(Object.entries(events))("with events %s", (_, { events: own, value, slopes }) => {
    const problem = of({ events: own });
    const p = ndarray(Float64Array.from(rows.flat()), [2, 2]);

    it("is refused by solveBatch, by name", async () => {
      await expect(solveBatch(problem, { p })).rejects.toThrow(CannotBatch);
    });

    it("is solved by solveEnsemble", async () => {
      const { u, failures, plan } = await solveEnsemble(problem, { trajectories: 2, vary, ...tight });
      expect(failures).toEqual([]);
      rows.forEach(([k, w], m) => [0, 1].forEach((i) => expect(u!.get(m, 0, i)).toBeCloseTo(value(k, w), 6)));
      expect([plan.solved, plan.reasons.length]).toEqual(["one by one", 1]);
      expect(plan.reasons[0]).toMatch(kind === "a residual" ? /is stated by a residual/ : /has a mass matrix/);
    });

    it("is differentiated by gradientBatch and gradientEnsemble", async () => {
      const loss = { final: (u: number[]) => u[1] };
      const batch = await gradientBatch(problem, { p, loss, ...tight });
      rows.forEach(([k, w], m) => {
        expect(batch.values[m]).toBeCloseTo(value(k, w), 6);
        slopes(k, w).forEach((x, j) => expect(batch.p.get(m, j)).toBeCloseTo(x, 5));
      });
      expect(batch.plan).toMatchObject({ way: "one by one", because: expect.stringMatching(/mass matrix|residual/) });
      const ensemble = await gradientEnsemble(problem, { trajectories: 2, vary, loss, ...tight });
      const sum = slopes(...(rows[0] as [number, number])).map((x, j) => x + slopes(...(rows[1] as [number, number]))[j]);
      sum.forEach((x, j) => expect((ensemble.p as number[])[j]).toBeCloseTo(x, 5));
    });
  });
});
