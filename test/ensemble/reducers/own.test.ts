import { describe, expect, it } from "vitest";
import { BadReducer, odeProblem, ReducerThrew, solveEnsemble, type Reducer } from "../../../index.ts";

const growth = odeProblem({
  rhs: (du, u: number[]) => {
    du[0] = u[0];
  },
  u0: [1],
  tspan: [0, 1],
});

/** The largest value at each time, and whose it is. */
const largest: Reducer<{ value: number; trajectory: number }> = {
  begin: () => Float64Array.of(-Infinity, -1),
  add(state, u, trajectory) {
    if (u[0] > state[0]) state.set([u[0], trajectory]);
  },
  merge(state, other) {
    if (other[0] > state[0]) state.set(other);
  },
  end: ([value, trajectory]) => ({ value, trajectory }),
};

const solved = (reducer: unknown, reduce: unknown = { mine: reducer }) =>
  solveEnsemble(growth, {
    trajectories: 10,
    chunk: 4,
    vary: (i) => ({ u0: [i === 6 ? 100 : i] }),
    saveat: [0],
    reduce: reduce as never,
  });

it("a user's reducer sees every trajectory with its index, and is merged", async () => {
  expect((await solved(largest)).reduced).toEqual({ mine: { value: 100, trajectory: 6 } });
});

describe("refused by name", () => {
  const { merge: _, ...unmergeable } = largest;

  it.each([
    ["one that is not mergeable", { mine: unmergeable }, /reduce\.mine has no merge\..*without it there is no whole/],
    ["one that is none", { mine: 3 }, /reduce\.mine is .*must be a reducer/],
    ["one without a name", largest, /reduce is one reducer/],
    ["none at all", {}, /reducers by names/],
    ["a state that is none", { mine: { ...largest, begin: () => [0] } }, /reduce\.mine\.begin gave .*Float64Array/],
  ])("%s", async (__, reduce, message) => {
    const error = await solved(undefined, reduce).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadReducer);
    expect((error as Error).message).toMatch(message);
  });

  it.each([
    ["begin", "begin"],
    ["add", "add at trajectory 0"],
    ["merge", "merge"],
    ["end", "end"],
  ])("one that throws in %s", async (method, doing) => {
    const cause = new RangeError("too much");
    const throws = (): never => {
      throw cause;
    };
    const error = await solved({ ...largest, [method]: throws }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ReducerThrew);
    expect(error).toMatchObject({
      cause,
      message: expect.stringMatching(`reduce.mine threw in ${doing}: RangeError: too much`) as string,
    });
  });
});
