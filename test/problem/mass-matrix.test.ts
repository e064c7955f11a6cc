/** Mass matrices as they are given: every form of the same one, and what is none. */
import { describe, expect, it } from "vitest";
import { BadMassMatrix, BadProblem, odeProblem, remake, rodas5P, solve, type MassMatrixSpec } from "../../index.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";

type State = { x: number; v: number[] };

const u0 = { x: 1, v: [1, 1] };
const stated = (massMatrix: unknown) =>
  odeProblem({
    rhs(du, u) {
      du.x = -u.x;
      du.v[0] = -u.v[0];
      du.v[1] = u.v[1] - u.v[0] * u.x;
    },
    u0,
    tspan: [0, 1],
    massMatrix: massMatrix as MassMatrixSpec<State>,
  });

const diagonal: readonly (readonly [string, unknown])[] = [
  ["rows", [[2, 0, 0], [0, 1, 0], [0, 0, 0]]], // prettier-ignore
  ["typed rows", [[2, 0, 0], [0, 1, 0], [0, 0, 0]].map((row) => Float64Array.from(row))], // prettier-ignore
  ["flat by rows", Float64Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0)],
  ["an ndarray", ndarray(Float64Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0), [3, 3])],
  ["a vector", [2, 1, 0]],
  ["a typed vector", Float64Array.of(2, 1, 0)],
  ["names", { x: 2, v: [1, 0] }],
  ["triplets", { rows: [0, 1, 0], columns: [0, 1, 0], values: [1, 1, 1] }],
];

it.each(diagonal)("given as %s", (_, given) => {
  const { pattern, values } = stated(given).code.mass!;
  expect([...pattern.rowIndices]).toEqual([0, 1]);
  expect([...pattern.columnPointers]).toEqual([0, 1, 2, 2]);
  expect([...values]).toEqual([2, 1]);
  const [x, v0, v1] = solve(stated(given), { rtol: 1e-10, atol: 1e-10 }).states.at(-1)!;
  expect(x).toBeCloseTo(Math.exp(-1 / 2), 8);
  expect(v0).toBeCloseTo(Math.exp(-1), 8);
  expect(v1).toBeCloseTo(Math.exp(-3 / 2), 8);
});

it("entries beside the diagonal stand in their rows", () => {
  const { pattern, values } = stated([[1, 2, 0], [0, 0, 3], [0, 0, 0]]).code.mass!; // prettier-ignore
  expect([...pattern.columnPointers]).toEqual([0, 1, 2, 3]);
  expect([...pattern.rowIndices]).toEqual([0, 0, 1]);
  expect([...values]).toEqual([1, 2, 3]);
});

describe("is refused", () => {
  it.each<readonly [string, unknown, RegExp]>([
    ["a function", (u: State) => [u.x, 1, 1], /is a function.*depends on the state.*not supported/],
    ["of another size", [[1, 0], [0, 1]], /an array of length 2, but the state has 3 components/], // prettier-ignore
    ["rows of another length", [[1, 0, 0], [0, 1], [0, 0, 1]], /row 1 is an array of length 2/], // prettier-ignore
    ["a vector of another length", [1, 0], /array of length 2/],
    ["not a number", [[1, 0, 0], [0, NaN, 0], [0, 0, 1]], /row of v\[0\] and the column of v\[0\] is NaN/], // prettier-ignore
    ["an infinity", { x: Infinity, v: 1 }, /row of x and the column of x is Infinity/],
    ["a text", "identity", /is a string/],
    ["a component that is none", { x: 1, v: 1, w: 0 }, /has no w. Its components are x, v/],
    ["a component that is missing", { x: 1 }, /v is missing/],
    ["an index outside", { rows: [3], columns: [0], values: [1] }, /rows\[0\] is 3.*from 0 to 2/],
    ["triplets of several lengths", { rows: [0], columns: [0, 1], values: [1] }, /three arrays of one length/],
    ["triplets with another key", { rows: [0], columns: [0], values: [1], n: 3 }, /there is no "n"/],
  ])("%s", (_, given, message) => {
    expect(() => stated(given)).toThrow(BadMassMatrix);
    expect(() => stated(given)).toThrow(message);
  });

  it("`initialise` without a mass matrix, and with another value", () => {
    const spec = { rhs: (u: number[]) => [u[0]], u0: [1], tspan: [0, 1] as const };
    expect(() => odeProblem({ ...spec, initialise: "algebraic" })).toThrow(BadProblem);
    expect(() => odeProblem({ ...spec, massMatrix: [1], initialise: "all" as "algebraic" })).toThrow(/initialise/);
  });

  it("one that was exchanged in a copy", () => {
    const problem = stated([2, 1, 0]);
    expect(() => solve({ ...problem, massMatrix: [1, 1, 0] })).toThrow(/massMatrix was exchanged/);
  });
});

it("a problem that is remade keeps it", () => {
  const again = remake(stated([2, 1, 0]), { u0: { x: 2, v: [1, 2] } });
  expect(again.massMatrix).toEqual([2, 1, 0]);
  expect(solve(again, { solver: rodas5P(), rtol: 1e-10 }).u.at(-1)!.x).toBeCloseTo(2 * Math.exp(-1 / 2), 8);
});
