import { ndarray } from "../../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import { BadEvents, odeProblem, remake, rk4, solve } from "../../../index.ts";
import { ReadError } from "../../../src/core/errors.ts";
import { WriteToInput } from "../../../src/read/syntax/errors.ts";
import { oneOfEachFamily } from "../../tables.ts";

/** Doses of a drug that is cleared at the rate k: u = Σ dose e^{-k (t - tᵢ)} over the doses before t. */
const doses = odeProblem({
  rhs(du, u, { k }) {
    du.drug = -k * u.drug;
    du.area = u.drug;
  },
  u0: { drug: 1, area: 0 },
  tspan: [0, 4],
  p: { k: 0.5, dose: 2 },
  events: {
    at: [3, 1],
    apply(u, p) {
      u.drug += p.dose;
    },
  },
});

function drug(t: number, after = false): number {
  const given = [1, 3].filter((at) => (after ? at <= t : at < t));
  return Math.exp(-0.5 * t) + given.reduce((sum, at) => sum + 2 * Math.exp(-0.5 * (t - at)), 0);
}

describe.each([
  ...[...oneOfEachFamily, rk4({ dt: 0.0127 })].map((solver) => [solver.name, solver] as const),
  ["default", undefined],
] as const)("events with %s", (_, solver) => {
  const tight = { rtol: 1e-9, atol: 1e-9, solver };

  it("saved times take the value before the event", () => {
    const saveat = [0, 0.5, 1, 1.5, 3, 4];
    const solution = solve(doses, { ...tight, saveat });
    solution.u.forEach((u, i) => expect(u.drug).toBeCloseTo(drug(saveat[i]), 7));
    expect(solution.t).toHaveLength(saveat.length);
  });

  it("both values are kept at every step's end, and dense output does not smooth the jump", () => {
    const solution = solve(doses, tight);
    const at = [...solution.t.keys()].filter((i) => solution.t[i] === 1);
    expect(at).toHaveLength(2);
    expect(solution.u[at[0]].drug).toBeCloseTo(drug(1), 7);
    expect(solution.u[at[1]].drug).toBeCloseTo(drug(1, true), 7);
    for (const t of [0.3, 0.999999, 1, 1.000001, 2.2, 3, 3.0001, 4]) expect(solution.at(t).drug).toBeCloseTo(drug(t), 6);
  });
});

describe("events", () => {
  const tight = { rtol: 1e-9, atol: 1e-9 };

  it("at the start change the initial state, at the end and outside nothing; twice the same time are two", () => {
    const many = remake(doses, { events: { at: [0, 0, 4, -1, 9], apply: (u, p) => void (u.drug += p.dose) } });
    const solution = solve(many, tight);
    expect(solution.u[0].drug).toBe(1);
    expect(solution.u[1].drug).toBe(5);
    expect(solution.u.at(-1)!.drug).toBeCloseTo(5 * Math.exp(-2), 7);
  });

  it("cut a time span in two without a difference", () => {
    const first = solve(doses, { ...tight, tspan: [0, 3] });
    const second = solve(doses, { ...tight, tspan: [3, 4], u0: first.u.at(-1)! });
    expect(second.u.at(-1)!.drug).toBeCloseTo(drug(4), 7);
  });

  it("take place in the order of integration, also backwards", () => {
    const back = solve(remake(doses, { tspan: [4, 0], u0: { drug: 1, area: 0 } }), tight);
    // u(0) = ((1 e^{k} + 2) e^{2k} + 2) e^{k}
    const e = Math.exp(0.5);
    expect(back.u.at(-1)!.drug).toBeCloseTo(((1 * e + 2) * e * e + 2) * e, 6);
  });

  it("survive the change of method of a problem that turns stiff", () => {
    const stiff = odeProblem({
      rhs(du, u, p, t) {
        du[0] = -p[0] * (u[0] - Math.cos(t));
      },
      u0: [1],
      tspan: [0, 10],
      p: [3000],
      events: { at: [0.001, 2, 7], apply: (u) => void (u[0] += 5) },
    });
    const solution = solve(stiff, { saveat: [2, 7, 10] });
    expect(solution.solver).toMatch(/rodas5P/);
    solution.u.forEach((u, i) => expect(u[0]).toBeCloseTo(Math.cos(solution.t[i]), 3));
    expect(solve(stiff).t.filter((t) => t === 2)).toHaveLength(2);
  });

  it("may use loops, branches, time, constants, and fields of arrays", () => {
    const field = odeProblem({
      rhs(du) {
        for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) du.w.set(i, j, 0);
        du.x.fill(0);
      },
      u0: { x: new Float64Array(4), w: ndarray(new Float64Array(6), [2, 3]) },
      tspan: [0, 3],
      constants: { scale: [1, 10] },
      events: {
        at: [1, 2],
        apply(u, _p, t, { scale }) {
          for (let i = 0; i < 4; i++) if (i % 2 === 1) u.x[i] += scale[1] * t;
          u.w.set(1, 2, u.w.get(1, 2) + u.x[1]);
        },
      },
    });
    const end = solve(field).u.at(-1)!;
    expect([...end.x]).toEqual([0, 30, 0, 30]);
    expect(end.w.get(1, 2)).toBe(40);
    expect(
      field.code.events[0]
        .apply!.program()
        .parameters.map((x) => (x.kind === "array" ? `${x.array.role} ${x.array.name}` : x.name)),
    ).toEqual(["output u_after", "input u", "input p", "t", "index"]);
  });

  it("compile nothing anew when times change", () => {
    const other = remake(doses, { events: { at: [2], apply: doses.events![0].apply as (u: { drug: number }) => void } });
    expect(other.code).toBe(doses.code);
    expect(solve(other, tight).u.at(-1)!.drug).toBeCloseTo(Math.exp(-2) + 2 * Math.exp(-1), 7);
  });

  it("that make no sense are errors", () => {
    const apply = (): void => {};
    expect(() => remake(doses, { events: { at: [1, NaN], apply } })).toThrow(BadEvents);
    expect(() => remake(doses, { events: { at: [1], apply: 3 as unknown as () => void } })).toThrow(/must be a function/);
    expect(() => odeProblem({ rhs: (u: number) => -u, u0: 1, tspan: [0, 1], events: { at: [0.5], apply } })).toThrow(
      /array of one/,
    );
    const writes = remake(doses, { events: { at: [1], apply: (_u, p) => void (p.dose = 1) } });
    expect(() => writes.code.events[0].apply!.program()).toThrow(WriteToInput);
    expect(() => writes.code.events[0].apply!.program()).toThrow(ReadError);
  });
});
