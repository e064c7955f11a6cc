import { describe, expect, it } from "vitest";
import { BadVariation, FunctionThrew, odeProblem, solveEnsemble } from "../../../index.ts";

const lotkaVolterra = odeProblem({
  name: "lotkaVolterra",
  rhs: (du, u: { prey: number; predator: number }, p: { a: number; rates: number[] }) => {
    du.prey = p.a * u.prey - p.rates[0] * u.prey * u.predator;
    du.predator = p.rates[1] * u.prey * u.predator - 3 * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  p: { a: 1.5, rates: [1, 1] },
  tspan: [0, 1],
});

const solved = (vary: unknown) => solveEnsemble(lotkaVolterra, { trajectories: 5, chunk: 2, vary: vary as never, saveat: [0] });
const at3 = (member: unknown) => (i: number) => (i === 3 ? member : {});

describe("refused by name, with the index", () => {
  it.each([
    ["a name that p lacks", { p: { alpha: 1 } }, /vary\(3\)\.p has no "alpha"/],
    ["a name that u0 lacks", { u0: { pray: 1 } }, /vary\(3\)\.u0 has no "pray"\. Is "prey" meant/],
    ["a shape that p has not", { p: { rates: [1, 2, 3] } }, /vary\(3\)\.p\.rates .*length 2/],
    ["a state of another kind", { u0: [1, 2] }, /vary\(3\)\.u0 .*prey, predator/],
    ["a part that there is not", { params: { a: 1 } }, /vary\(3\): there is no "params"/],
    ["no object", 7, /vary\(3\) is the number 7|vary\(3\) is/],
    ["no time span", { tspan: [1, 1] }, /vary\(3\): /],
  ])("%s", async (_, member, message) => {
    const error = await solved(at3(member)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadVariation);
    expect((error as Error).message).toMatch(message);
  });

  it("a function that throws", async () => {
    const cause = new Error("no such patient");
    const error = await solved((i: number) => {
      if (i === 3) throw cause;
      return {};
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FunctionThrew);
    expect(error).toMatchObject({ cause, message: expect.stringMatching(/vary threw at trajectory 3/) as string });
  });

  it.each([
    ["an unknown component", { "p.alpha": { uniform: [0, 1] } }, /no component "p\.alpha"/],
    ["an unknown distribution", { "p.a": { cauchy: [0, 1] } }, /"cauchy", but must be one of uniform\(a, b\)/],
    ["two distributions", { "p.a": { uniform: [0, 1], normal: [0, 1] } }, /"uniform" and "normal"/],
    ["no numbers", { "p.a": { uniform: [0] } }, /two finite numbers, \[a, b\]/],
    ["numbers that it cannot have", { "p.a": { loguniform: [-1, 1] } }, /a and b above zero/],
    ["no distribution", { "p.a": 3 }, /must be one of/],
  ])("%s", async (_, vary, message) => {
    const error = await solved(vary).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadVariation);
    expect((error as Error).message).toMatch(message);
  });
});

describe("components", () => {
  it("that are not named stay as they are", async () => {
    const { u } = await solved((i: number) => ({ u0: { predator: i } }));
    expect([...u!.data]).toEqual([1, 0, 1, 1, 1, 2, 1, 3, 1, 4]);
  });

  it("of arrays have the names of the state's", async () => {
    const { failures } = await solved({ "p.rates[1]": { uniform: [1, 2] }, "u0.prey": { linspace: [1, 2] } });
    expect(failures).toEqual([]);
  });

  it("linspace goes from the first trajectory to the last", async () => {
    const { u } = await solved({ "u0.prey": { linspace: [1, 3] } });
    expect([0, 1, 2, 3, 4].map((i) => u!.get(i, 0, 0))).toEqual([1, 1.5, 2, 2.5, 3]);
  });
});
