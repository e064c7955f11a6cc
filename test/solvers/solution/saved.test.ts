/** Solutions and parameters as JSON, there and back. */
import { describe, expect, it } from "vitest";
import { gradient, ndarray, odeProblem, solutionFromJson, solve } from "../../../index.ts";
import { BadRecord } from "../../../solvers/solution/errors.ts";
import { fit, fromJson, observations, toJson } from "../../../training/index.ts";

const problem = odeProblem({
  rhs(du, u, p) {
    du.x = -p.k * u.x;
    for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) du.W.set(i, j, u.W.get(j, i) * p.k);
  },
  u0: { x: 1, W: ndarray([0.1, 0.2, 0.3, 0.4], [2, 2]) },
  p: { k: 0.7 },
  tspan: [0, 1],
});
const solution = solve(problem, { saveat: 0.25 });

it("a solution is what it was, to the last bit", () => {
  const back = solutionFromJson(JSON.stringify(solution), problem);
  expect(back.t).toEqual(solution.t);
  expect(back.u).toEqual(solution.u);
  expect(back.u[2].W.get(0, 1)).toBe(solution.u[2].W.get(0, 1));
  expect(back).toMatchObject({ solver: solution.solver, result: "success", stats: solution.stats });
});

it("fitted parameters and gradients are what they were", async () => {
  const data = observations({ t: [...solution.t], values: { x: solution.u.map(({ x }) => x) } });
  const { p } = await fit(problem, data);
  expect(fromJson(toJson(p), problem.p)).toEqual(p);
  const by = gradient(problem, { loss: { final: (u) => u.W.get(0, 1) }, wrt: "u0" }).gradient.u0;
  expect(fromJson(toJson(by), problem.u0)).toEqual(by);
});

describe("refused:", () => {
  const text = JSON.stringify(solution);
  const changed = (change: object): string => JSON.stringify({ ...solution.toJSON(), ...change });
  it.each([
    ["a text that is cut off", text.slice(0, -5), /no JSON/],
    ["another kind of text", "[1, 2]", /no names, t and states/],
    ["no text", 7 as never, /must be a text/],
    [
      "states that are missing",
      changed({ states: solution.states.slice(1).map((s) => [...s]) }),
      /not 5 numbers for each of 5 times/,
    ],
    ["numbers that are none", changed({ t: [0, null] }), /no names, t and states/],
    ["states of another problem", changed({ names: ["a", "b", "c", "d", "e"] }), /of a, b, c, d, e, and .* of x, W\[0,0\]/],
  ])("%s", (_, wrong, says) => {
    expect(() => solutionFromJson(wrong, problem)).toThrow(BadRecord);
    expect(() => solutionFromJson(wrong, problem)).toThrow(says);
  });
});
