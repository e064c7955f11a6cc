/** Solutions that keep some components of the states that they save. */
import { expect, test } from "vitest";
import { fbdf, ndarray, odeProblem, rodas5P, solve, tsit5, type NdArray, type Solution } from "../../../index.ts";
import { BadOption } from "../../../src/core/errors.ts";
import { StepUnderflow, TooManySteps } from "../../../solvers/solution/errors.ts";

interface State {
  prey: number;
  lake: { fish: number; depths: Float64Array };
  field: NdArray;
}

const problem = odeProblem({
  rhs(du: State, u: State) {
    du.prey = 1.5 * u.prey - u.prey * u.lake.fish;
    du.lake.fish = u.prey * u.lake.fish - 3 * u.lake.fish;
    for (let i = 0; i < 3; i++) du.lake.depths[i] = -(i + 1) * u.lake.depths[i];
    for (let i = 0; i < 2; i++) du.field.set(i, -u.field.get(i));
  },
  u0: { prey: 1, lake: { fish: 1, depths: Float64Array.of(1, 2, 3) }, field: ndarray(Float64Array.of(5, 6), [2]) },
  tspan: [0, 4],
  events: { at: [1], apply: (u: State) => void (u.prey += 0.5) },
});

const kept = ["lake.depths", "prey", "field[1]"];

/** Of the whole state the components that are kept, in their order. */
const picked = (whole: Float64Array): number[] => [2, 3, 4, 0, 6].map((i) => whole[i]);

test.each([
  ["at times", { saveat: 0.1 }],
  ["at times, backwards", { saveat: 0.1, tspan: [4, 0] as const }],
  ["at every step", {}],
  ["by an implicit method", { solver: rodas5P(), saveat: 0.1 }],
  ["by a method of several steps", { solver: fbdf() }],
])("are those of the whole state, %s", (_, options) => {
  const all = solve(problem, options);
  const some = solve(problem, { ...options, save: kept });
  expect(some.t).toEqual(all.t);
  expect(some.names).toEqual(["lake.depths[0]", "lake.depths[1]", "lake.depths[2]", "prey", "field[1]"]);
  some.states.forEach((state, i) => expect([...state]).toEqual(picked(all.states[i])));
  some.u.forEach((u, i) => {
    expect(u.prey).toBe(all.u[i].prey);
    expect(u["lake.depths"]).toEqual(all.u[i].lake.depths);
    expect(u["field[1]"]).toBe(all.u[i].field.get(1));
    expect(Object.keys(u)).toEqual(kept);
  });
  // What is between, and what took place, is whole.
  expect(some.events).toEqual(all.events);
  expect(some.warnings).toEqual(all.warnings);
});

test("what is asked of them between is the whole state", () => {
  const some = solve(problem, { save: ["prey"], solver: tsit5() });
  expect(some.at(2.5)).toEqual(solve(problem, { solver: tsit5() }).at(2.5));
});

test("they are exported by their names", () => {
  const some: Solution<State, Readonly<Record<string, number | Float64Array>>> = solve(problem, { saveat: [0, 4], save: kept });
  expect(some.toCSV().split("\n")[0]).toBe("t,lake.depths[0],lake.depths[1],lake.depths[2],prey,field[1]");
  expect(some.toJSON().states[0]).toEqual([1, 2, 3, 1, 6]);
  for (const { t, u } of some) expect(u.prey).toBe(t === 0 ? 1 : some.states[1][3]);
});

test("a stiff problem whose method changes on the way, and one that fails, keep them", () => {
  const stiff = odeProblem({
    rhs: (u: number[], p: number[]) => [u[1], p[0] * ((1 - u[0] ** 2) * u[1] - u[0])],
    u0: [2, 0],
    p: [1e4],
    tspan: [0, 2],
  });
  const all = solve(stiff, { saveat: 0.01 });
  expect(all.stats.linearSolves).toBeGreaterThan(0);
  expect(solve(stiff, { saveat: 0.01, save: ["u[1]"] }).states.map(([x]) => x)).toEqual(all.states.map(([, x]) => x));
  const pole = odeProblem({ rhs: (u: number[]) => [u[0] ** 2, -u[1]], u0: [1, 1], tspan: [0, 2] });
  expect(() => solve(pole, { save: ["u[1]"] })).toThrow(StepUnderflow);
  const cut = solve(stiff, { maxSteps: 50, save: ["u[1]"], throwOnFailure: false });
  expect(cut.result).toBe("tooManySteps");
  expect(cut.states).toHaveLength(cut.t.length);
  expect(() => solve(stiff, { maxSteps: 50, save: ["u[1]"] })).toThrow(TooManySteps);
});

test("names that are none are refused", () => {
  expect(() => solve(problem, { save: ["predator"] })).toThrow(BadOption);
  expect(() => solve(problem, { save: ["predator"] })).toThrow(
    /save: the state has no "predator"\. Its components are prey, lake\.fish/,
  );
  expect(() => solve(problem, { save: ["lake", "lake"] })).toThrow(/"lake" is there twice/);
  expect(() => solve(problem, { save: [] })).toThrow(/no name in it/);
  expect(() => solve(problem, { save: "prey" as never })).toThrow(BadOption);
});
