import { describe, expect, it } from "vitest";
import { variation, varyOf, type Variation } from "../../../cli/ensemble/vary.ts";
import { BadOptionValue } from "../../../cli/messages/errors.ts";

const all = (...texts: string[]): Variation[] => texts.reduce((before: Variation[], text) => variation(text, before), []);

it("is what the library takes", () => {
  expect(varyOf(all("p.k=uniform(1,2)", " u0[3] = normal(-1, 1e-3) "))).toEqual({
    "p.k": { uniform: [1, 2] },
    "u0[3]": { normal: [-1, 0.001] },
  });
});

describe("what cannot be", () => {
  it.each([
    "p.k",
    "p.k=uniform",
    "p.k=uniform(1)",
    "p.k=uniform(1,2",
    "p.k=uniform(1,2,3)",
    "p.k=uniform(a,2)",
    "p.k=gamma(1,2)",
    "p.k=toString(1,2)",
    "=uniform(1,2)",
    "p.k=uniform(1,Infinity)",
  ])("%s", (text) => {
    expect(() => variation(text)).toThrow(BadOptionValue);
    expect(() => variation(text)).toThrow(/component=distribution.*normal\(mean, deviation\)/);
  });

  it.each([
    ["p.k=loguniform(0,2)", /above zero/],
    ["p.k=normal(0,-1)", /deviation of zero or more/],
  ])("%s", (text, message) => expect(() => variation(text)).toThrow(message));

  it("one component twice", () => {
    expect(() => all("p.k=uniform(1,2)", "p.k=normal(1,2)")).toThrow(/p\.k is varied twice/);
  });
});
